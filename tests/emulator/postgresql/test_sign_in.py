"""Tokens as passwords: accepted for the role of their principal only, refused in the words of Azure."""

from dataclasses import dataclass, replace

import pytest

from installer.emulator.authorization.tokens import LIFETIME, Identity, Principal
from installer.emulator.postgresql.sign_in import audience_of, claims_or_refusal, refusal_of_role
from installer.emulator.postgresql.wire import Refusal

AUDIENCE = audience_of("public")
WEB = Principal("c1", "11111111-0000-0000-0000-000000000001")


@dataclass
class Clock:
    """A clock that is set."""

    moment: float = 1_790_000_000.0

    def now(self) -> float:
        """The set time."""
        return self.moment

    async def until(self, moment: float) -> None:
        """Not used."""


def issuer(clock: Clock) -> Identity:
    return Identity("c0", "s", "o0", b"key", clock)


def test_the_audience_is_that_of_the_cloud() -> None:
    assert audience_of("public") == "https://ossrdbms-aad.database.windows.net"
    assert audience_of("usgov") == "https://ossrdbms-aad.database.usgovcloudapi.net"
    assert audience_of("china") == "https://ossrdbms-aad.database.chinacloudapi.cn"


def test_a_token_for_the_server_is_accepted_until_it_expires() -> None:
    clock = Clock()
    identity = issuer(clock)
    token = identity.token("t", AUDIENCE, "i", WEB)
    claims = claims_or_refusal(identity, token, AUDIENCE)
    assert not isinstance(claims, Refusal)
    assert claims["oid"] == WEB.object_id
    clock.moment += LIFETIME + 1
    refused = claims_or_refusal(identity, token, AUDIENCE)
    assert isinstance(refused, Refusal)
    assert "expired" in refused.text


def test_tokens_of_others_and_for_others_are_refused() -> None:
    identity = issuer(Clock())
    foreign = replace(identity, key=b"other").token("t", AUDIENCE, "i", WEB)
    assertion = identity.signed({"aud": AUDIENCE, "sub": "system:serviceaccount:a:b"})
    for token, words in (
        (foreign, "invalid"),
        ("not a token", "invalid"),
        (identity.token("t", "https://management.azure.com", "i", WEB), "valid audience"),
        (assertion, "expired"),
    ):
        refused = claims_or_refusal(identity, token, AUDIENCE)
        assert isinstance(refused, Refusal)
        assert words in refused.text


@pytest.mark.parametrize(
    ("principal", "exists", "words"),
    [
        ((WEB.object_id.upper(), "service"), True, None),
        (("22222222-0000-0000-0000-000000000002", "service"), True, "AAD_AUTH_TOKENTYPE_APP_USER"),
        (("22222222-0000-0000-0000-000000000002", "group"), True, "not valid for role"),
        (None, True, "password authentication failed"),
        (None, False, "does not exist"),
    ],
)
def test_a_role_belongs_to_one_principal(principal: tuple[str, str] | None, exists: bool, words: str | None) -> None:
    refused = refusal_of_role({"oid": WEB.object_id}, "id-web", principal, exists=exists)
    assert (refused is None) == (words is None)
    assert refused is None or str(words) in refused.text
