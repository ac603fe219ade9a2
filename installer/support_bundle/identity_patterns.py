"""Forms of identifying values in text, and the one spelling by which two forms of a value are the same.

GUIDs with and without dashes, addresses of both versions and of network cards, users and their home folders on all systems, host names
in URLs and UNC paths; each also in URL encoding and with letters of any language.
"""

import ipaddress
import re
from collections.abc import Iterable
from typing import Final

GUID: Final = (
    r"[0-9a-fA-F]{8}(?P<dash>[-_])(?:[0-9a-fA-F]{4}(?P=dash)){3}[0-9a-fA-F]{12}"
    r"|(?<![0-9a-fA-F])[0-9a-fA-F]{32}(?![0-9a-fA-F])"
)
_GUID_APART: Final = (
    r"(?<![0-9a-fA-F])[0-9a-fA-F]{8}(?P<apart>[.:/ ])(?:[0-9a-fA-F]{4}(?P=apart)){3}[0-9a-fA-F]{12}(?![0-9a-fA-F])"
)
WORD: Final = r"[^\W_](?:[\w.-]*\w)?|\$\w+"
EMAIL: Final = r"[\w.%+#-](?:[\w.%+#'-]{0,63})@[\w-]{1,63}(?:\.[\w-]{1,63})*"
_IPV4: Final = r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d)"
_IPV4_DASHED: Final = r"(?<![\w.-])(?:ip-)?\d{1,3}(?:-\d{1,3}){3}(?![\w-])"
"""As in names of hosts and nodes."""
_IPV4_APART: Final = r"(?<![\w.,])\d{1,3}(?P<gap>,[ ]?|_|[ ]|\[\.\]|\(\.\))\d{1,3}(?:(?P=gap)\d{1,3}){2}(?![\w.,]\d|\w)"
"""As tables and people write them. Four numbers may be anything: only a known address is one."""
_DASHED: Final = re.compile(r"\A(?:ip-)?(\d+)-(\d+)-(\d+)-(\d+)\Z", re.IGNORECASE)
_PHONE: Final = r"(?<![\w+])\+[1-9]\d{0,2}[ ()/-]{0,2}\d(?:[ ()/-]{0,2}\d){5,11}(?!\w)"
"""With the code of a country: E.164, and with what people write between the digits."""
_IPV6: Final = r"(?:[0-9A-Fa-f]{1,4})?(?::[0-9A-Fa-f]{0,4}){2,7}"
_IPV4_IN_6: Final = r"(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){2,7}\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d)"
_MAC: Final = (
    r"(?<![\w:.-])[0-9A-Fa-f]{2}(?P<sign>[:-])(?:[0-9A-Fa-f]{2}(?P=sign)){4}[0-9A-Fa-f]{2}(?![\w:-])"
    r"|(?<![\w:.-])[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}(?![\w:-])"
)
HOME: Final = (
    r"(?:(?<=/home/)|(?<=/Users/))[^/\\\s:\"'<>|,;)]+"
    r"|(?:(?<=[\\]Users[\\])|(?<=[\\]Users[\\][\\]))[^/\\\s:\"'<>|,;)][^/\\:\"'<>|\n]{0,62}(?=[\\])"
    r"|(?:(?<=[\\]Users[\\])|(?<=[\\]Users[\\][\\]))[^/\\\s:\"'<>|,;)]+"
)
"""Name of a user's folder: of any user, not only of the one who runs the installer. Windows allows spaces in it."""
_ENCODED: Final = r"[^\s\"'<>%]{0,200}(?:%[0-9A-Fa-f]{2}[^\s\"'<>%]{0,200})+"
URL_HOST: Final = r"(?<=://)[^\s/?#\"'<>:@\\\[\],;)]+"
UNC_HOST: Final = r"(?<=[\\]{2})[\w.-]*\w"
_GAP: Final = r"[\s+._,-]{1,3}"
"""Between the words of a name: a space, or its substitute in addresses and forms."""

PERSONAL: Final = frozenset(
    [
        "displayname",
        "firstname",
        "lastname",
        "initiatedby",
        "caller",
        "principalname",
        "requestor",
        "author",
        "companyname",
        "department",
        "givenname",
        "surname",
        "userprincipalname",
        "mail",
        "upn",
        "preferred_username",
        "createdby",
        "lastmodifiedby",
        "owner",
        "signedinuser",
        "contactname",
        "contactemail",
    ]
)
"""Fields, in lower case, whose value is a person."""
TAGS: Final = "tags"
CARDS: Final = frozenset(["macaddress", "mac"])
"""Fields with the address of a network card, which the metadata service of Azure writes as digits only."""


def tokens(phrases: Iterable[str]) -> re.Pattern[str]:
    """The pattern of everything that may be replaced, with learned names of several words, the longest first."""
    longest = sorted(phrases, key=len, reverse=True)
    known = [rf"(?<!\w)(?:{'|'.join(_spelled(one) for one in longest)})(?!\w)"] if longest else []
    groups = {
        "encoded": _ENCODED,
        "guid": _GUID_APART,
        "phone": _PHONE,
        "email": EMAIL,
        "home": HOME,
        "mac": _MAC,
        "mixed": _IPV4_IN_6,
        "ip4": _IPV4,
        "dashed": _IPV4_DASHED,
        "apart4": _IPV4_APART,
        "ip6": _IPV6,
        "url": URL_HOST,
        "unc": UNC_HOST,
        "word": WORD,
    }
    named = [*(f"(?P<phrase>{one})" for one in known), *(f"(?P<{name}>{one})" for name, one in groups.items())]
    return re.compile("|".join(named), re.IGNORECASE)


def _spelled(phrase: str) -> str:
    return _GAP.join(re.escape(word) for word in words_of(phrase))


def words_of(phrase: str) -> list[str]:
    """The words of a name."""
    return [word for word in re.split(r"[\s+._,-]+", phrase) if word]


def address_of(text: str) -> "ipaddress.IPv4Address | ipaddress.IPv6Address | None":
    """The address of a text, that of version 4 if it is written in version 6; None if it is none."""
    try:
        found = ipaddress.ip_address(_DASHED.sub(r"\1.\2.\3.\4", text))
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, ipaddress.IPv6Address) else found


def addresses_in(text: str) -> set[str]:
    """The addresses of version 4 in a text, as they are usually written."""
    return {found for found in re.findall(_IPV4, text) if address_of(found) is not None}


def digits_of(text: str) -> str:
    """A GUID, the address of a network card or a telephone number without what separates its digits."""
    return re.sub(r"[-_:./ +()]", "", text).lower()
