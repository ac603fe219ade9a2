"""Decides whether a token of Microsoft Entra is accepted as the password of a role, in the words of Azure.

Texts: github.com/microsoft/azuredatastudio-postgresql/issues/505 (audience), github.com/MicrosoftDocs/azure-docs/issues/120133
(another principal). That of an expired token was seen in logs of users only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.emulator.postgresql.wire import Refusal
from installer.emulator.providers.clouds import in_cloud
from installer.json_access import as_text

if TYPE_CHECKING:
    from installer.emulator.authorization.tokens import Identity
    from installer.json_access import JsonObject

_PUBLIC_AUDIENCE: Final = "https://ossrdbms-aad.database.windows.net"
REFUSED: Final = "28000"
"""SQLSTATE of a refused sign-in."""


def audience_of(cloud: str) -> str:
    """Resource of the tokens that servers of a cloud accept."""
    return as_text(in_cloud(cloud, _PUBLIC_AUDIENCE))


def claims_or_refusal(identity: Identity, token: str, audience: str) -> JsonObject | Refusal:
    """The claims of a valid token for PostgreSQL, else the refusal."""
    if identity.read(token) is None:
        return Refusal(REFUSED, "The access token is invalid. Please acquire a new token and retry.")
    claims = identity.claims(token)
    if claims is None:
        return Refusal(REFUSED, "The access token has expired. Acquire a new token and try again.")
    if as_text(claims.get("aud")).rstrip("/") != audience:
        text = "The access token does not have a valid audience claim. Please acquire a new token for the resource"
        return Refusal(REFUSED, f'{text} "{audience}".')
    return claims


def refusal_of_role(
    claims: JsonObject, role: str, principal: tuple[str, str] | None, *, exists: bool
) -> Refusal | None:
    """Why the caller may not sign in as a role, None if it may.

    Args:
        claims: Claims of a valid token.
        role: Name of the role.
        principal: Object ID and type that the role is mapped to, None if it is no Entra principal.
        exists: Whether the role exists.

    """
    if principal is None:
        text = f'password authentication failed for user "{role}"' if exists else f'role "{role}" does not exist'
        return Refusal("28P01" if exists else REFUSED, text)
    object_id, kind = principal
    if as_text(claims.get("oid")).lower() == object_id.lower():
        return None
    if kind == "service":
        text = f"Service Principals cannot generate AAD_AUTH_TOKENTYPE_APP_USER tokens for role[{role}]"
        return Refusal(REFUSED, text)
    return Refusal(REFUSED, f"Azure AD access token not valid for role[{role}]")
