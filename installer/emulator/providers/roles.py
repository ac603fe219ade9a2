"""Permissions of identities: as in Azure, a role assignment takes effect some time after its creation."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from installer.emulator.ids import derived_guid
from installer.emulator.providers.data_files import load
from installer.json_access import JsonObject, as_list, as_object, as_text, member
from installer.resource_id import contains, name_of
from installer.role_names import built_in_names
from installer.role_permissions import allows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.emulator.providers.provider import ProviderContext
    from installer.emulator.state.resources import Resources

ASSIGNMENT_TYPE = "Microsoft.Authorization/roleAssignments"
DEFINITION_TYPE = "Microsoft.Authorization/roleDefinitions"
_MARK = "/providers/microsoft.authorization/"


@cache
def _built_in() -> dict[str, JsonObject]:
    roles = [as_object(item) for item in as_list(member(load("role_definitions"), "roles"))]
    return {as_text(role["id"]).lower(): role for role in roles}


def permissions_of(resources: Resources, role: str) -> list[JsonObject] | None:
    """The permissions of a role by its GUID; None when only its name is known."""
    built_in = _built_in().get(role.lower())
    if built_in is not None:
        return [built_in] if {"actions", "dataActions"} & set(built_in) else None
    for item in resources.of_type(DEFINITION_TYPE):
        if name_of(item.key) == role.lower():
            return [as_object(entry) for entry in as_list(member(item.desired, "properties", "permissions"))]
    return None


def role_named(resources: Resources, name: str) -> str | None:
    """The GUID of the built-in or custom role with a name; None for an unknown one."""
    custom = {
        as_text(member(item.desired, "properties", "roleName")).lower(): name_of(item.id)
        for item in resources.of_type(DEFINITION_TYPE)
    }
    known = {title.lower(): role for role, title in built_in_names().items()}
    return {**custom, **known}.get(name.lower())


def can(
    context: ProviderContext, principal: str, action: str, scope: str, *, data: bool = False, unknown: bool = True
) -> bool:
    """Whether roles of an identity that are in effect allow an action at a scope; `unknown`: so does a role by name only."""
    for role in _effective_roles(context, principal.lower(), scope.lower()):
        permissions = permissions_of(context.resources, role)
        if permissions is None:
            if unknown:
                return True
        elif any(allows(item, action, data=data) for item in permissions):
            return True
    return False


def _effective_roles(context: ProviderContext, principal: str, scope: str) -> Iterator[str]:
    """GUIDs of the roles of a principal at a scope or above it that are in effect."""
    for item in context.resources.of_type(ASSIGNMENT_TYPE):
        place = item.key[: item.key.rindex(_MARK)]
        holder = as_text(member(item.desired, "properties", "principalId")).lower()
        applies = contains(place, scope)
        if holder == principal and applies and item.created + context.duration_of("roleTakesEffect") <= context.now:
            yield name_of(as_text(member(item.desired, "properties", "roleDefinitionId")))


def principal_of(context: ProviderContext, identity: str) -> str:
    """The object id of an identity as resources name it: 'system' or '' is the system-assigned one."""
    system_assigned = identity.lower() in {"", "system"}
    return derived_guid(context.id if system_assigned else identity, "principalId")
