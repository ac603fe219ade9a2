"""Whether a name is free, asked of the provider that would have to take it; and Key Vault's deleted vaults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.protocol.paging import page
from installer.emulator.protocol.request import ArmRequest, answer
from installer.emulator.protocol.routes import Route
from installer.emulator.providers import registry
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
_NOWHERE = "-"  # the group of a resource that is asked about and not meant to be


async def _check(call: ArmRequest) -> Response:
    subscription, body = call.subscription().id, await call.body()
    namespace = call.parts["namespace"].lower()
    kind, name = _TYPES.get(namespace), as_text(member(body, "name"))
    if kind is None:
        raise ArmError(404, "InvalidResourceType", f"'{call.parts['namespace']}' does not tell whether names are free.")
    if not name:
        raise ArmError(400, "InvalidRequestContent", "The property 'name' is required.")
    refusal = _refusal(call, subscription, kind, name)
    result: JsonObject = {"nameAvailable": refusal is None}
    if namespace == "microsoft.dbforpostgresql":
        result |= {"name": name, "type": kind}
    if refusal is not None:
        taken = refusal.status == 409
        result |= {"reason": "AlreadyExists" if taken else _INVALID.get(namespace, "Invalid")}
        result |= {"message": refusal.message}
    return answer(200, result)


def _refusal(call: ArmRequest, subscription: str, kind: str, name: str) -> ArmError | None:
    """What the provider would say to a new resource of this name."""
    namespace, *types = kind.split("/")
    pairs = "/".join(f"{item}/{name if item == types[-1] else _NOWHERE}" for item in types)
    where = f"/subscriptions/{subscription}/resourceGroups/{_NOWHERE}/providers/{namespace}/{pairs}"
    moment = call.world.clock.now()
    asked = Resource(where, kind, name, call.api_version, "Creating", moment, moment)
    try:
        registry.behaviour_of(kind).check(call.world.provider_context(asked))
    except ArmError as refusal:
        return refusal
    return None


async def _deleted(call: ArmRequest) -> Response:
    prefix = f"/subscriptions/{call.subscription().id}/".lower()
    found = [item for item in call.world.resources.of_type(DELETED_TYPE) if item.key.startswith(prefix)]
    return page(call, [call.world.view(item) for item in found])


_PROVIDER = "/subscriptions/{subscription}/providers/{namespace}"
ROUTES = [
    Route(f"{_PROVIDER}/checkNameAvailability", {"POST": _check}),
    Route(f"{_PROVIDER}/locations/{{location}}/checkNameAvailability", {"POST": _check}),
    Route(f"{_PROVIDER}/checkEndpointNameAvailability", {"POST": _check}),
    Route("/subscriptions/{subscription}/providers/Microsoft.KeyVault/deletedVaults", {"GET": _deleted}),
]
