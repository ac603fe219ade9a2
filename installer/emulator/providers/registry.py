"""Finds the hooks of a resource type and runs them, with the rules that apply to every type."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.ids import derived_guid
from installer.emulator.providers.clouds import in_cloud
from installer.emulator.providers.connections import CONNECTION, CONNECTIONS
from installer.emulator.providers.data_files import load
from installer.emulator.providers.declared_outputs import declared
from installer.emulator.providers.immutable import check_immutable
from installer.emulator.providers.implicit_children import implicit_child
from installer.emulator.providers.in_use import check_in_use
from installer.emulator.providers.list_keys import listed
from installer.emulator.providers.provider import GENERIC, ProviderContext, ProviderHooks
from installer.emulator.providers.published_lists import former_result, result
from installer.emulator.providers.quotas import check_quota
from installer.emulator.providers.read_members import is_published
from installer.emulator.providers.region_catalogue import check_offer
from installer.emulator.providers.regional_references import check_regional_references
from installer.emulator.providers.serial_writes import check_serial_write
from installer.emulator.providers.subnet_rules import check_subnet_rules
from installer.emulator.providers.tag_rules import check_tags
from installer.emulator.providers.vm_sizes import check_sizes
from installer.emulator.state.resources import Resource
from installer.json_access import JsonObject, as_list, as_object, as_text, member, merged
from installer.resource_id import parse_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import ModuleType

    from installer.emulator.state.resources import Resources
    from installer.jsontypes import Json
    from installer.resource_id import ResourceId


@cache
def provider_hooks() -> Mapping[str, ProviderHooks]:
    """Hooks of every type that has any, by its lower-case name.

    A provider is a module of this package with a table `HOOKS`. They are imported at the first use, not with this
    module.
    """
    package = import_module(__package__)
    return collect_hooks(import_module(f"{__package__}.{found.name}") for found in iter_modules(package.__path__))


def collect_hooks(modules: Iterable[ModuleType]) -> dict[str, ProviderHooks]:
    """Joins the tables `HOOKS` of those modules that have one.

    Raises:
        ValueError: Two modules claim the same type.

    """
    collected: dict[str, ProviderHooks] = {}
    owners: dict[str, str] = {}
    for module in modules:
        table: Mapping[str, ProviderHooks] = getattr(module, "HOOKS", {})
        for resource_type, hooks in table.items():
            key = resource_type.lower()
            if key in owners:
                text = f"The modules {owners[key]} and {module.__name__} both claim the type {resource_type}."
                raise ValueError(text)
            owners[key] = module.__name__
            collected[key] = hooks
    return collected


def hooks_of(resource_type: str) -> ProviderHooks:
    """Hooks of a type; those that do nothing where no provider has any."""
    if resource_type.lower().endswith(CONNECTIONS):
        return CONNECTION
    return provider_hooks().get(resource_type.lower(), GENERIC)


def check(context: ProviderContext) -> None:
    """Refuses a write that Azure would refuse (ArmError): without its parent, or against the rules of its type."""
    parsed = parse_id(context.id)
    parent = parsed.parent if parsed else None
    while parent is not None and not is_published(parent.type):
        parent = parent.parent  # no resource, but a part of a path: IotHubs/eventHubEndpoints/ConsumerGroups
    if parent is not None and not _exists(context.resources, parent):
        raise ArmError(
            404,
            "ParentResourceNotFound",
            f"Failed to perform 'write' on resource(s) of type '{context.resource.type}', because the parent resource "
            f"'{parent.id}' could not be found.",
        )
    check_tags(context.resource.type, context.resource.desired.get("tags"))
    check_immutable(context)
    check_serial_write(context)
    check_subnet_rules(context)
    check_regional_references(context)
    check_offer(context)
    check_sizes(context)
    check_quota(context)
    hooks_of(context.resource.type).check(context)


def _exists(resources: Resources, parsed: ResourceId) -> bool:
    return resources.exists(parsed.id) or implicit_child(resources, parsed, Resource.view) is not None


def retained(context: ProviderContext) -> JsonObject:
    """Members of the former state that a request without them does not change."""
    return {} if context.before is None else hooks_of(context.resource.type).retained(context)


def computed(context: ProviderContext) -> JsonObject:
    """Members that the provider adds to a resource: its identities, and those of its type."""
    added = merged(declared(context), hooks_of(context.resource.type).computed(context))
    return merged(_identity(context), as_object(in_cloud(context.cloud, added)))


def display(context: ProviderContext) -> JsonObject:
    """Members that are evaluated for every response."""
    return as_object(in_cloud(context.cloud, hooks_of(context.resource.type).display(context)))


def ending(context: ProviderContext) -> ArmError | None:
    """The error with which an accepted write fails, or None when it succeeds."""
    return hooks_of(context.resource.type).failure(context)


def check_removal(context: ProviderContext) -> None:
    """Refuses a deletion that the provider does not allow (ArmError)."""
    check_in_use(context)
    hooks_of(context.resource.type).check_removal(context)


def removed(context: ProviderContext) -> None:
    """Runs the provider's hook for a deleted resource."""
    hooks_of(context.resource.type).after_removal(context)


def settle(context: ProviderContext) -> None:
    """Runs the provider's hook for a completed write."""
    hooks_of(context.resource.type).after_write(context)


def act(context: ProviderContext, action: str, body: JsonObject, api_version: str = "") -> Json:
    """Runs an action or a list* function of a resource; ArmError if the type has no such action."""
    handler = hooks_of(context.resource.type).actions.get(action.lower())
    if (former := former_result(context, action, api_version)) is not None:
        return in_cloud(context.cloud, former)
    if handler is not None:
        return in_cloud(context.cloud, handler(context, body))
    found = listed(context.resource, action)
    if found is None:
        found = result(context, action)
    if found is None:
        raise ArmError(
            404,
            "InvalidResourceType",
            f"The resource type could not be found in the namespace '{context.resource.type.split('/', 1)[0]}' "
            f"for the action '{action}'.",
        )
    return in_cloud(context.cloud, found)


def secret_members(resource_type: str) -> list[str]:
    """Dotted paths (with * for any element) of the members that a provider never returns."""
    return _secret_members().get(resource_type.lower(), [])


@cache
def _secret_members() -> dict[str, list[str]]:
    members = as_object(member(load("secret_members"), "members"))
    return {name.lower(): [as_text(path) for path in as_list(paths)] for name, paths in members.items()}


def _identity(context: ProviderContext) -> JsonObject:
    """Principal ids of the identities of a resource."""
    requested = as_object(context.resource.desired.get("identity"))
    kind = as_text(requested.get("type"))
    if not kind or kind.lower() == "none":
        return {}
    identity: JsonObject = {}
    if "systemassigned" in kind.replace(" ", "").lower():
        identity["principalId"] = derived_guid(context.id, "principalId")
        identity["tenantId"] = context.tenant_id
    assigned = as_object(requested.get("userAssignedIdentities"))
    if assigned:
        identity["userAssignedIdentities"] = {
            name: {"principalId": derived_guid(name, "principalId"), "clientId": derived_guid(name, "clientId")}
            for name in assigned
        }
    return {"identity": identity}
