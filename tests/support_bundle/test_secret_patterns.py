"""Secrets that no field announces: known by their form or randomness, in any service's spelling, whole or wrapped into lines."""

import base64
import json
import random
import string
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from installer.secret_store import HIDDEN
from installer.support_bundle.redaction import Redaction

if TYPE_CHECKING:
    from installer.jsontypes import Json

DICE = random.Random(18)  # noqa: S311  no secret
LETTERS = string.ascii_letters + string.digits


def some(length: int, letters: str = f"{LETTERS}-_") -> str:
    """A random text, as tokens are."""
    return "".join(DICE.choice(letters) for _ in range(length))


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def token() -> tuple[str, str]:
    """A token of Entra, and its signature."""
    header, claims = encoded('{"typ":"JWT","alg":"RS256"}'), encoded(json.dumps({"aud": "https://x", "oid": some(400)}))
    signature = some(342)
    return f"{header}.{claims}.{signature}", signature


def pieces(secret: str, length: int = 24) -> list[str]:
    """Parts of a secret, of which none may be left."""
    return [secret[at : at + length] for at in range(0, len(secret) - length + 1, length)]


@pytest.mark.parametrize("width", [48, 60, 64, 76, 78, 79, 80, 100, 132])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\\n", "\\r\\n", "\n    ", "\n\t"])
def test_a_token_that_was_wrapped_into_lines(width: int, end: str) -> None:
    whole, signature = token()
    lines = [whole[at : at + width] for at in range(0, len(whole), width)]
    text = Redaction().text(f"could not sign in with {end.join(lines)}{end}and stopped")
    assert text.startswith("could not sign in with ")
    assert text.endswith("and stopped")
    assert [one for one in pieces(signature[: -width or None]) if one in text] == []


@pytest.mark.parametrize("seed", range(20))
def test_an_opaque_refresh_token(seed: int) -> None:
    secret = f"{seed % 2}.A{some(63)}.{some(11)}{some(500)}"
    text = Redaction().text(f"got {secret}, trying again")
    assert text == f"got {HIDDEN}, trying again"


def test_parts_of_a_token_without_its_beginning() -> None:
    whole, signature = token()
    _, claims, _ = whole.split(".")
    for text in (f"{claims}.{signature}", f"x.{signature}.y", " . ".join(whole.split("."))):
        assert [one for one in pieces(signature) if one in Redaction().text(text)] == []


SECRET = some(43)
SIGNATURE = base64.b64encode(DICE.randbytes(32)).decode()
KEY = base64.b64encode(DICE.randbytes(64)).decode()


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"--pat={SECRET}", SECRET),
        (f"az devops login --pat {SECRET}", SECRET),
        (f"AZURE_DEVOPS_EXT_PAT={SECRET}", SECRET),
        ("--pat=shortone", "shortone"),
        (f"read with {some(51, 'abcdefghijklmnop')}2 from the feed", "abcdef"),
        *((f"{name}{sign}{SIGNATURE}", SIGNATURE) for name in ("sig", "Signature", "x-ms-signature", "SIG") for sign in ("=", ": ", " = ")),
        (f'{{"sig": "{SIGNATURE}"}}', SIGNATURE),
        (f'{{\\"signature\\":\\"{SIGNATURE}\\"}}', SIGNATURE),
        (f"se=1\\u0026sig\\u003d{SIGNATURE}", SIGNATURE),
        (f"sig%3D{quote(quote(SIGNATURE, safe=''), safe='')}", SIGNATURE),
        (f"sas: {some(20)}1", "sas: " + SECRET[:3]),
        (f"client_assertion={SECRET}", SECRET),
        (f"credentials: {SECRET}", SECRET),
        (f"x-functions-key: {SECRET}", SECRET),
        (f"client-key-data: {KEY}", KEY),
        (f"client-key-data: |\n  {KEY}", KEY),
        (f"AccountKey=\n{KEY}", KEY),
        (f"{KEY[:44]}\n{KEY[44:]}", KEY[:40]),
        (f'{{"name": "AccountKey", "value": "{KEY}"}}', KEY),
        ('{"name": "CLIENT_SECRET", "value": "short one"}', "short one"),
        ('<add key="ClientSecret" value="short one"/>', "short one"),
        ("<password>short one</password>", "short one"),
        ("password=SecretStr('short one')", "short one"),
        ("password => 'short one'", "short one"),
        ("-Password (ConvertTo-SecureString 'short one')", "short one"),
        ("curl -u me:shortone https://x", "shortone"),
        ("curl --user 'me:shortone' https://x", "shortone"),
        (f"https://{SECRET}@pkgs.dev.azure.com/x", SECRET),
    ],
)  # fmt: skip
def test_a_spelling_of_a_secret(text: str, secret: str) -> None:
    clean = Redaction().text(text)
    assert secret not in clean
    assert HIDDEN in clean


def test_settings_as_lists_of_names_and_values() -> None:
    settings: list[Json] = [
        {"name": "CLIENT_SECRET", "value": "short"},
        {"key": "api-key", "value": "k"},
        {"name": "MODE", "value": "on"},
    ]
    assert Redaction().value(settings) == [
        {"name": "CLIENT_SECRET", "value": HIDDEN},
        {"key": "api-key", "value": HIDDEN},
        {"name": "MODE", "value": "on"},
    ]


@pytest.mark.parametrize(
    "text",
    [
        "/subscriptions/4f2c8a5e-1b39-4d0c-8c55-0d2f6a7791ab/resourceGroups/RG1/providers/Microsoft.Network/virtualNetworks/VNet2",
        "Deploy-VM1-NIC2-PIP3-In-West-Europe-Resource-Group-Test-X",
        "Failure-Anomalies-Alert-Rule-Deployment-7a1d1b7e-3c5f-4c62",
        f"sha256:{'0a1b2c3d' * 8}",
        "MC_rg-contoso_aks1dev2Cluster3_swedencentral_NodePool1Group",
        "patch: applied; pattern=x*; compatible: yes",
        "the signature: missing; credentials: none of this account",
        "docker run -u 1000:1000 image",
        "the token has expired; password: env:NAME",
        "System.Threading.Tasks.Task`1[Microsoft.Azure.Commands.Profile2Model]",
        base64.b64encode(b"plain text without anything in it, longer than a line").decode(),
    ],
)
def test_harmless_text_stays(text: str) -> None:
    assert Redaction().text(text) == text
