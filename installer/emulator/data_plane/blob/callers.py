"""Who may do what with blobs: tokens, data roles, network rules.

Sources, all below learn.microsoft.com/rest/api/storageservices: authorize-with-azure-active-directory (audience, challenge,
actions of each operation), authorize-with-shared-key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.emulator.data_plane.blob.errors import left_out, refusal
from installer.emulator.data_plane.requests import has_endpoint, is_for
from installer.json_access import as_text, member

if TYPE_CHECKING:
    from installer.emulator.data_plane.requests import DataRequest
    from installer.emulator.state.resources import Resource
    from installer.json_access import JsonObject

AUDIENCE: Final = "https://storage.azure.com"
_CONTAINERS: Final = "Microsoft.Storage/storageAccounts/blobServices/containers"
READ: Final = f"{_CONTAINERS}/blobs/read"
WRITE: Final = f"{_CONTAINERS}/blobs/write"
DELETE: Final = f"{_CONTAINERS}/blobs/delete"
READ_CONTAINER: Final = f"{_CONTAINERS}/read"
WRITE_CONTAINER: Final = f"{_CONTAINERS}/write"
DELETE_CONTAINER: Final = f"{_CONTAINERS}/delete"
_MANAGE: Final = (READ_CONTAINER, WRITE_CONTAINER, DELETE_CONTAINER)


def claims_of(request: DataRequest, account: Resource) -> JsonObject:
    """The claims of the caller. Raises ServiceError if it is not signed in, or its network has no access."""
    if "sig" in request.http.query_params:
        raise _key_refused(account) if "skoid" not in request.http.query_params else left_out("user delegation SAS")
    scheme = request.header("authorization").partition(" ")[0].lower()
    if scheme in {"sharedkey", "sharedkeylite"}:
        raise _key_refused(account)
    claims = request.claims()
    if claims is None or not is_for(claims, (AUDIENCE, f"https://{request.host}")):
        code = "InvalidAuthenticationInfo" if scheme else "NoAuthenticationInformation"
        detail = "Audience validation failed. Audience did not match." if claims is not None else ""
        raise refusal(code, detail=detail, headers=_challenge(request))
    if not _reachable(request, account):
        raise refusal("AuthorizationFailure")
    return claims


def require(request: DataRequest, claims: JsonObject, action: str, scope: str) -> None:
    """Raises ServiceError unless a role of the caller allows the action at the scope."""
    if not request.holds(claims, action, scope, data=action not in _MANAGE):
        raise refusal("AuthorizationPermissionMismatch")


def _key_refused(account: Resource) -> Exception:
    permitted = member(account.desired, "properties", "allowSharedKeyAccess") is not False
    return left_out("sign-in with account keys") if permitted else refusal("KeyBasedAuthenticationNotPermitted")


def _challenge(request: DataRequest) -> dict[str, str]:
    tenant = request.emulator.directory.tenant_id
    where = f"https://login.microsoftonline.com/{tenant}/oauth2/authorize"
    return {"WWW-Authenticate": f"Bearer authorization_uri={where} resource_id={AUDIENCE}"}


def _reachable(request: DataRequest, account: Resource) -> bool:
    """Whether processes reach the account: it is public, or has an approved private endpoint for blobs.

    The network of a process is unknown here; rules for addresses, networks and resource instances are not judged.
    """
    properties = account.desired.get("properties")
    closed = as_text(member(properties, "publicNetworkAccess")).lower() in {"disabled", "securedbyperimeter"}
    if not closed and as_text(member(properties, "networkAcls", "defaultAction"), "Allow").lower() != "deny":
        return True
    rules = [member(properties, "networkAcls", name) for name in ("ipRules", "virtualNetworkRules")]
    if not closed and any(rules):
        return True
    return has_endpoint(request.emulator, account, "blob")
