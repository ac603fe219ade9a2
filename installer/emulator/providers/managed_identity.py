"""Microsoft.ManagedIdentity: ids of user-assigned identities, and system-assigned ones as resources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.emulator.ids import derived_guid
from installer.emulator.providers.provider import ProviderContext, ProviderHooks
from installer.emulator.state.resources import Resource
from installer.json_access import JsonObject, as_object, member

if TYPE_CHECKING:
    from installer.emulator.state.resources import Resources
    from installer.resource_id import ResourceId

_SYSTEM_TYPE: Final = "microsoft.managedidentity/identities"


def _identity(context: ProviderContext) -> JsonObject:
    return {
        "properties": {
            "tenantId": context.tenant_id,
            "principalId": derived_guid(context.id, "principalId"),
            "clientId": derived_guid(context.id, "clientId"),
        }
    }


def system_identity(resources: Resources, parsed: ResourceId) -> Resource | None:
    """The system-assigned identity of a resource, as the resource that extends it; None without one.

    Source: azure-rest-api-specs, specification/msi/resource-manager/Microsoft.ManagedIdentity/stable/2023-01-31/examples/
    SystemAssignedIdentityGet.json (its clientSecretUrl is not emulated); templates read it with
    `reference('<id>/providers/Microsoft.ManagedIdentity/Identities/default')`.
    """
    if parsed.type.lower() != _SYSTEM_TYPE or parsed.names[-1].lower() != "default":
        return None
    owner = resources.get(parsed.scope)
    identity = as_object(member(owner.computed, "identity")) if owner is not None else {}
    if owner is None or "principalId" not in identity:
        return None
    shown: JsonObject = {**identity, "clientId": derived_guid(owner.id, "clientId")}
    shown.pop("userAssignedIdentities", None)
    moments = (owner.created, owner.changed)
    desired: JsonObject = {"location": owner.location, "properties": shown}
    return Resource(parsed.id, parsed.type, "default", owner.api_version, owner.state, *moments, desired=desired)


HOOKS = {"Microsoft.ManagedIdentity/userAssignedIdentities": ProviderHooks(computed=_identity)}
