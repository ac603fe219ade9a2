"""Nothing of an identity survives in a pseudonymised bundle: generated people, hosts, addresses and tags, in many spellings."""

import uuid
from base64 import b64encode
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from installer.support_bundle import contents
from installer.support_bundle.pseudonyms import Pseudonyms
from installer.support_bundle.redaction import Redaction
from tests.support_bundle.sample_run import open_run

if TYPE_CHECKING:
    from installer.jsontypes import Json

_NAMES = st.text("bcdfghjkmpqrtvwxzäöüßéñøžłдж", min_size=6, max_size=11).filter(
    lambda text: text.casefold() == text.lower()
)
_ASCII = st.text("bcdfghjkmpqrtvwxz", min_size=6, max_size=11)
_ENDINGS = st.sampled_from(["com", "de", "zone", "example", "internal", "corp", "museum", "fabrik"])


@dataclass(frozen=True)
class Person:
    """Identity of a customer: no word of it is one of the templates."""

    first: str
    last: str
    login: str
    company: str
    ending: str
    host: str
    department: str
    guid: uuid.UUID
    address: IPv4Address
    address6: IPv6Address
    card: bytes

    @property
    def domain(self) -> str:
        return f"{self.company}.{self.ending}"

    def traces(self) -> list[str]:
        """Strings none of which may be left, in lower case."""
        mac = [f"{byte:02x}" for byte in self.card]
        words = [self.first, self.last, self.login, self.company, self.host, *self.department.split()]
        guid = self.guid.hex
        base64 = [b64encode(one.encode()).decode() for one in (str(self.guid), str(self.address))]
        short = [] if str(self.guid)[:8].isdecimal() else [str(self.guid)[:8]]
        numbers = [
            *base64,
            *short,
            self.card.hex(),
            *(str(self.address).replace(".", sign) for sign in ("-", ",", ", ", "_", " ", "[.]")),
            guid,
            str(self.guid),
            str(self.address),
            str(self.address6),
            ":".join(mac),
            "-".join(mac),
        ]
        return [one.lower() for one in (*words, *(quote(word) for word in words), *numbers)]

    def texts(self) -> list[str]:
        """How messages of Azure, of libraries and of the system name it."""
        mac = self.card.hex()
        mail = f"{self.first}.{self.last}@{self.domain}"
        host = f"{self.host}.{self.domain}"
        return [
            f"the user {mail} ({self.first} {self.last}) has no access",
            f"signed in as {self.login}@{self.domain.upper()}",
            f"https://login.microsoftonline.com/{self.guid.hex}/oauth2?login_hint={quote(mail, safe='')}",
            f"https://sso.{self.domain}/x?next={quote(f'https://{host}/y', safe='')}&again={quote(quote(mail, safe=''), safe='')}",
            f"https://{host}:8443/path and //{host} and {host}, also {self.host} alone",
            f"name={quote_plus(f'{self.first} {self.last}')}",
            f"/home/{self.login}/flows and /Users/{self.login}/x and C:\\Users\\{self.login}\\AppData",
            f"C:\\Users\\{self.first} {self.last}\\AppData; %2Fhome%2F{quote(self.login)}%2Fflows",
            f"\\\\{self.host}\\share by {self.login.title()}",
            f"oid {self.guid}, {str(self.guid).upper()}, {{{self.guid}}}, {self.guid.hex}, id_{str(self.guid).replace('-', '_')}",
            f"{self.address}, {self.address}:443, ::ffff:{self.address}, [::ffff:{self.address}]:443, {self.address}/24",
            f"{self.address6} [{self.address6}]:443 {self.address6.exploded}",
            ":".join(f"{byte:02X}" for byte in self.card) + " and " + "-".join(f"{byte:02x}" for byte in self.card),
            f"{mac[:4]}.{mac[4:8]}.{mac[8:]}",
            f"the tag CostCenter has the value {self.department}",
            *self.packed(),
        ]

    def packed(self) -> list[str]:
        """Spellings that hide a value from a reader."""
        guid, address, mail = str(self.guid), str(self.address), f"{self.login}@{self.domain}"
        return [
            *(guid.replace("-", dash) for dash in (".", ":", " ", "/", "\u2011", r"\u002d", "&#45;", "&#x2d;", "%2D")),
            "".join(chr(0xFEE0 + ord(sign)) if sign.isalnum() else sign for sign in guid),
            f"the subscription {guid[:8]} in short",
            f"ip-{address.replace('.', '-')} and {address.replace('.', '-')}",
            *(f"from {address.replace('.', sign)} to it" for sign in (",", ", ", "_", " ", "[.]")),
            f"key {'ab' * 8}{self.guid.hex}{'CD' * 8} and {self.guid.hex.upper()}00 and ff{self.guid.hex}",
            f"the card {self.card.hex().upper()} and {self.card.hex()}",
            mail.replace("@", r"\u0040"),
            *(
                f"x={b64encode(one.encode()).decode()}"
                for one in (guid, address, mail, f"/subscriptions/{guid}/resourceGroups/x", f"{mail} {guid}")
            ),
        ]


def _public(address: IPv4Address | IPv6Address) -> bool:
    return not (address.is_loopback or address.is_unspecified)


PEOPLE = st.builds(
    Person,
    first=_NAMES,
    last=_NAMES,
    login=_ASCII,
    company=_NAMES,
    ending=_ENDINGS,
    host=_ASCII,
    department=st.builds("{} {}".format, _NAMES, _ASCII),
    guid=st.uuids(),
    address=st.ip_addresses(v=4).map(lambda one: IPv4Address(int(one) | 0x0B000000)).filter(_public),
    address6=st.ip_addresses(v=6).map(lambda one: IPv6Address(int(one) | (0x2001 << 112))),
    card=st.binary(min_size=6, max_size=6),
)


@given(PEOPLE)
@settings(
    max_examples=10, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow]
)  # a smaller example shows no more
def test_nothing_of_an_identity_survives(person: Person) -> None:
    with TemporaryDirectory() as folder:
        run = open_run(Path(folder) / "runs")
        tags: Json = {"CostCenter": person.department}
        user: Json = {
            "displayName": f"{person.first} {person.last}",
            "userPrincipalName": f"{person.login}@{person.domain}",
            "macAddress": person.card.hex().upper(),
        }
        for text in person.texts():
            run.stream.emit("resource.failed", text, step="network", error={"message": text, "target": [text]})
        run.stream.emit("resource.failed", "of the resource", step="network", error={"tags": tags, "user": user})
        run.journal.close()
        log = "\n".join(f"2026-11-24 WARNING azure: {text}" for text in person.texts())
        (run.directory / "installer.log").write_text(log, encoding="utf-8")
        entries = contents.entries(contents.read(run.directory), Redaction(), Pseudonyms("contoso"))
    for entry in entries:
        found = entry.content.decode().lower()
        left = [trace for trace in person.traces() if trace in found]
        assert not left, (entry.name, left, [line for line in found.splitlines() if left[0] in line][:3])


@given(PEOPLE)
@settings(max_examples=20, deadline=None)
def test_two_spellings_of_a_value_have_one_pseudonym(person: Person) -> None:
    shown = Pseudonyms("contoso").text(f"{person.guid} {person.guid.hex} {str(person.guid).upper()}")
    assert shown == "GUID1 GUID1 GUID1"
    shown = Pseudonyms("contoso").text(f"{person.address} ::ffff:{person.address}")
    assert shown == "IP1 IP1"
    mail = f"{person.login}@{person.domain}"
    assert Pseudonyms("contoso").text(f"{mail} {quote(mail, safe='')}") == "USER1 USER1"


def test_four_numbers_that_are_no_address_stay() -> None:
    hidden = Pseudonyms()
    hidden.identities.learn_ids("the machine 10.20.30.40")
    for text in ("rows 1,2,3,4 of 10, 20, 30, 41", "1 2 3 4", "10,20,30,40,50", f"sha256:{'0123456789abcdef' * 4}"):
        assert hidden.text(text) == text
    assert hidden.text("it was 10,20,30,40") == "it was IP1"
