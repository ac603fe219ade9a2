"""Access tokens of the signed-in account: their claims and their end.

Sources of the claims: entra-docs, identity-platform/access-token-claims-reference.md (idp: that of the issuer unless the account
is of another tenant; tid, oid, appid), optional-claims-reference.md (acct: 1 for a guest; idtyp: app in app-only tokens only).
"""

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING

from installer.cloud.errors import refusals
from installer.json_access import JsonObject, as_list, as_text, parsed

if TYPE_CHECKING:
    from installer.cloud.target import Target


@dataclass(frozen=True)
class SignIn:
    """An access token without its text.

    Attributes:
        claims: Its claims; empty for a token that cannot be read.
        ends: Its end, in seconds since the epoch; 0 if unknown.

    """

    claims: JsonObject
    ends: float

    @property
    def tenant(self) -> str:
        """ID of the tenant that issued it."""
        return as_text(self.claims.get("tid"))

    @property
    def client(self) -> str:
        """Client ID of the application that requested it: the account itself, if it is a service principal."""
        return as_text(self.claims.get("appid")) or as_text(self.claims.get("azp"))

    @property
    def is_application(self) -> bool:
        """Whether the account is a service principal or managed identity, not a user."""
        return self.claims.get("idtyp") == "app"

    @property
    def is_guest(self) -> bool:
        """Whether the account is a guest of the tenant: `acct` is 1, or another tenant is the identity provider."""
        return self.claims.get("acct") == 1 or bool(self.provider)

    @property
    def provider(self) -> str:
        """Identity provider of the account, "" if it is the tenant itself."""
        provider = as_text(self.claims.get("idp"))
        return "" if provider in ("", as_text(self.claims.get("iss"))) or self.is_application else provider

    @property
    def permissions(self) -> frozenset[str]:
        """Application permissions of a service principal for the audience of the token."""
        return frozenset(as_text(role) for role in as_list(self.claims.get("roles")))


def sign_in_of(target: "Target", audience: str) -> SignIn:
    """The current token for an audience; requests one if there is none. Raises AzureRefused."""
    with refusals(f"get a token for {audience}"):
        found = target.credential().get_token(f"{audience}/.default")
    claims = claims_of(found.token)
    ends = claims.get("exp")
    return SignIn(claims, float(ends) if isinstance(ends, int) else float(found.expires_on))


def claims_of(token: str) -> JsonObject:
    """The claims of a token; empty if it cannot be read."""
    parts = token.split(".")
    try:
        claims = parsed(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (IndexError, ValueError, binascii.Error):
        return {}
    return claims if isinstance(claims, dict) else {}
