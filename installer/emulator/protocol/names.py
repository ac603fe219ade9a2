"""Checks of name availability, answered by the provider's own rules; and Key Vault's deleted vaults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.faults.conditions import taken
from installer.emulator.faults.injection import resource_values
from installer.emulator.protocol.paging import page
from installer.emulator.protocol.request import ArmRequest, answer
from installer.emulator.protocol.routes import Route
from installer.emulator.providers import registry
from installer.emulator.providers.deleted_workspaces import DELETED_TYPE as DELETED_WORKSPACES
from installer.emulator.providers.deleted_workspaces import shown
from installer.emulator.providers.key_vault import DELETED_TYPE
from installer.emulator.state.resources import Resource
from installer.json_access import JsonObject, as_text, member

if TYPE_CHECKING:
    from starlette.responses import Response

_TYPES = {
    "microsoft.storage": "Microsoft.Storage/storageAccounts",
    "microsoft.keyvault": "Microsoft.KeyVault/vaults",
    "microsoft.containerregistry": "Microsoft.ContainerRegistry/registries",
    "microsoft.web": "Microsoft.Web/sites",
    "microsoft.dbforpostgresql": "Microsoft.DBforPostgreSQL/flexibleServers",
    "microsoft.cdn": "Microsoft.Cdn/profiles/afdEndpoints",
}
_INVALID = {"microsoft.storage": "AccountNameInvalid", "microsoft.keyvault": "AccountNameInvalid"}
_NO_GROUP = "-"  # placeholder group of a resource that is only checked


async def _check(request: ArmRequest) -> Response:
    subscription, body = request.subscription().id, await request.body()
    namespace = request.parts["namespace"].lower()
    kind, name = _TYPES.get(namespace), as_text(member(body, "name"))
    if kind is None:
        raise ArmError(
            404, "InvalidResourceType", f"'{request.parts['namespace']}' does not check the availability of names."
        )
    if not name:
        raise ArmError(400, "InvalidRequestContent", "The property 'name' is required.")
    refusal = _refusal(request, subscription, kind, name)
    result: JsonObject = {"nameAvailable": refusal is None}
    if namespace == "microsoft.dbforpostgresql":
        result |= {"name": name, "type": kind}
    if refusal is not None:
        taken = refusal.status == 409
        result |= {"reason": "AlreadyExists" if taken else _INVALID.get(namespace, "Invalid")}
        result |= {"message": refusal.message}
    return answer(200, result)


def _refusal(request: ArmRequest, subscription: str, kind: str, name: str) -> ArmError | None:
    """The provider's refusal of a new resource of this name, or None."""
    namespace, *types = kind.split("/")
    pairs = "/".join(f"{item}/{name if item == types[-1] else _NO_GROUP}" for item in types)
    where = f"/subscriptions/{subscription}/resourceGroups/{_NO_GROUP}/providers/{namespace}/{pairs}"
    moment = request.emulator.clock.now()
    probe = Resource(where, kind, name, request.api_version, "Creating", moment, moment)
    try:
        registry.hooks_of(kind).check(request.emulator.provider_context(probe))
    except ArmError as refusal:
        return refusal
    faults = request.emulator.faults
    found = taken(faults.injected, probe)
    return ArmError(409, found.kind.code, faults.refusal(found, resource_values(probe)).message) if found else None


async def _deleted(request: ArmRequest) -> Response:
    prefix = f"/subscriptions/{request.subscription().id}/".lower()
    found = [item for item in request.emulator.resources.of_type(DELETED_TYPE) if item.key.startswith(prefix)]
    return page(request, [request.emulator.view(item) for item in found])


async def _deleted_workspaces(request: ArmRequest) -> Response:
    prefix = f"/subscriptions/{request.subscription().id}/".lower()
    found = [item for item in request.emulator.resources.of_type(DELETED_WORKSPACES) if item.key.startswith(prefix)]
    return page(request, [shown(item) for item in found])


_PROVIDER = "/subscriptions/{subscription}/providers/{namespace}"
ROUTES = [
    Route(f"{_PROVIDER}/checkNameAvailability", {"POST": _check}),
    Route(f"{_PROVIDER}/locations/{{location}}/checkNameAvailability", {"POST": _check}),
    Route(f"{_PROVIDER}/checkEndpointNameAvailability", {"POST": _check}),
    Route("/subscriptions/{subscription}/providers/Microsoft.KeyVault/deletedVaults", {"GET": _deleted}),
    Route(
        "/subscriptions/{subscription}/providers/Microsoft.OperationalInsights/deletedWorkspaces",
        {"GET": _deleted_workspaces},
    ),
]
