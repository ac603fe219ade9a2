"""Which behaviour belongs to a type, and what every resource gets whatever its type."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.ids import derived_guid
from installer.emulator.providers import (
    app,
    authorization,
    cdn,
    container_registry,
    container_service,
    data_factory,
    data_protection,
    gateways,
    insights,
    key_vault,
    managed_identity,
    network,
    operational_insights,
    postgresql,
    private_dns,
    private_endpoints,
    resources,
    storage,
    web,
)
from installer.emulator.providers.clouds import in_cloud
from installer.emulator.providers.connections import CONNECTION, CONNECTIONS
from installer.emulator.providers.data_files import load
from installer.emulator.providers.declared_outputs import declared
from installer.emulator.providers.list_keys import listed
from installer.emulator.providers.provider import GENERIC, ProviderContext, ProviderHooks
from installer.emulator.providers.quotas import check_quota, check_sizes
from installer.emulator.providers.region_catalogue import check_offer
from installer.emulator.providers.serial_writes import check_turn
from installer.emulator.providers.subnet_rules import check_place
from installer.json_access import JsonObject, as_list, as_object, as_text, member, merged
from installer.resource_id import parse_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.jsontypes import Json

_MODULES = (
    app,
    authorization,
    cdn,
    container_registry,
    container_service,
    data_factory,
    data_protection,
    gateways,
    insights,
    key_vault,
    managed_identity,
    network,
    private_dns,
    operational_insights,
    postgresql,
    private_endpoints,
    resources,
    storage,
    web,
)


@cache
def _behaviours() -> Mapping[str, ProviderHooks]:
    return {name.lower(): behaviour for module in _MODULES for name, behaviour in module.BEHAVIOURS.items()}


def behaviour_of(resource_type: str) -> ProviderHooks:
    """The special behaviour of a type, or the generic one."""
    if resource_type.lower().endswith(CONNECTIONS):
        return CONNECTION
    return _behaviours().get(resource_type.lower(), GENERIC)


def check(case: ProviderContext) -> None:
    """Refuse what Azure would refuse: a missing parent, then what the type itself objects to (ArmError)."""
    parsed = parse_id(case.id)
    parent = parsed.parent if parsed else None
    if parent is not None and not case.resources.exists(parent.id):
        raise ArmError(
            404,
            "ParentResourceNotFound",
            f"Failed to perform 'write' on resource(s) of type '{case.resource.type}', because the parent resource "
            f"'{parent.id}' could not be found.",
        )
    check_turn(case)
    check_place(case)
    check_offer(case)
    check_sizes(case)
    check_quota(case)
    behaviour_of(case.resource.type).check(case)


def computed(case: ProviderContext) -> JsonObject:
    """What the provider adds to a resource: identities, and the members that only this type has."""
    added = merged(declared(case), behaviour_of(case.resource.type).computed(case))
    return merged(_identity(case), as_object(in_cloud(case.cloud, added)))


def display(case: ProviderContext) -> JsonObject:
    """Members that are worked out anew for every answer."""
    return as_object(in_cloud(case.cloud, behaviour_of(case.resource.type).display(case)))


def ending(case: ProviderContext) -> ArmError | None:
    """How the provider fails with a write that it had accepted, or None when all is well."""
    return behaviour_of(case.resource.type).ending(case)


def check_removal(case: ProviderContext) -> None:
    """Refuse a deletion that the provider does not allow (ArmError)."""
    behaviour_of(case.resource.type).keeps(case)


def removed(case: ProviderContext) -> None:
    """What a provider does once the resource is gone."""
    behaviour_of(case.resource.type).removed(case)


def settle(case: ProviderContext) -> None:
    """What a provider does once the resource is there."""
    behaviour_of(case.resource.type).settled(case)


def act(case: ProviderContext, action: str, body: JsonObject) -> Json:
    """Answer an action or a list* function of a resource; ArmError where the type has no such action."""
    handler = behaviour_of(case.resource.type).actions.get(action.lower())
    if handler is None:
        if (keys := listed(case.resource, action)) is not None:
            return in_cloud(case.cloud, keys)
        raise ArmError(
            404,
            "InvalidResourceType",
            f"The resource type could not be found in the namespace '{case.resource.type.split('/', 1)[0]}' "
            f"for the action '{action}'.",
        )
    return in_cloud(case.cloud, handler(case, body))


def secret_members(resource_type: str) -> list[str]:
    """Dotted paths (with * for any element) of the members that a provider never gives back."""
    return _secret_members().get(resource_type.lower(), [])


@cache
def _secret_members() -> dict[str, list[str]]:
    members = as_object(member(load("secret_members"), "members"))
    return {name.lower(): [as_text(path) for path in as_list(paths)] for name, paths in members.items()}


def _identity(case: ProviderContext) -> JsonObject:
    """Principal ids for the identities that a resource carries."""
    asked = as_object(case.resource.desired.get("identity"))
    kind = as_text(asked.get("type"))
    if not kind or kind.lower() == "none":
        return {}
    identity: JsonObject = {}
    if "systemassigned" in kind.replace(" ", "").lower():
        identity["principalId"] = derived_guid(case.id, "principalId")
        identity["tenantId"] = case.tenant_id
    assigned = as_object(asked.get("userAssignedIdentities"))
    if assigned:
        identity["userAssignedIdentities"] = {
            name: {"principalId": derived_guid(name, "principalId"), "clientId": derived_guid(name, "clientId")}
            for name in assigned
        }
    return {"identity": identity}
