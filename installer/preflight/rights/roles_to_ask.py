"""Roles that give what is missing: those that can be activated, and the least of the usual built-in ones.

Sources: azure-docs, role-based-access-control/built-in-roles.md (IDs), elevate-access and role-assignments-steps.md (least
privilege); role-based-access-control/classic-administrators.md (retired on 31 August 2024); REST API Role Definitions - List.
What each role allows is read from Azure, not known here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.invocation import command
from installer.json_access import as_text, member, objects_of
from installer.preflight.directory_reads import eligible_groups
from installer.preflight.model import NotChecked, WayOut
from installer.preflight.reads import NotVisible
from installer.preflight.rights.permissions import (
    assignments_of,
    built_in_roles,
    classic_administrators,
    eligible_roles,
    role,
)
from installer.resource_id import contains, extended_id_of, name_of, subscription_of
from installer.role_permissions import allows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.jsontypes import Json
    from installer.preflight.rights.needs import Need
    from installer.preflight.subject import Subject

_NETWORK: Final = "4d97b98b-1d4f-4787-a291-c67834d212e7"
_ZONES: Final = "b12aa53e-6015-4669-85d0-8515ebb3ae7f"
_CONTRIBUTOR: Final = "b24988ac-6180-42a0-ab88-20f7382dd24c"
_RBAC_ADMIN: Final = "f58310d9-a9f6-439a-9e8d-f62e7b41a168"
_ACCESS_ADMIN: Final = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
_OWNER: Final = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
_LADDER: Final = (
    (_ZONES,),
    (_NETWORK,),
    (_RBAC_ADMIN,),
    (_ACCESS_ADMIN,),
    (_ZONES, _RBAC_ADMIN),
    (_NETWORK, _RBAC_ADMIN),
    (_CONTRIBUTOR,),
    (_CONTRIBUTOR, _RBAC_ADMIN),
    (_CONTRIBUTOR, _ACCESS_ADMIN),
    (_OWNER,),
)
"""Roles that administrators grant, those with fewer rights first."""


def role_names(subject: Subject) -> dict[str, str]:
    """Names of the built-in roles by GUID; empty if they cannot be read."""
    return {guid: as_text(member(one, "properties", "roleName")) for guid, one in _built_in(subject).items()}


def permissions_of_role(subject: Subject, definition: str) -> list[dict[str, Json]]:
    """Permissions of a role by the ID of its definition, [] if it cannot be read."""
    return _permissions(_role(subject, definition))


def role_name(subject: Subject, definition: str) -> str:
    """Name of a role by the ID of its definition, its GUID if it cannot be read."""
    return as_text(member(_role(subject, definition), "properties", "roleName")) or name_of(definition)


def _role(subject: Subject, definition: str) -> dict[str, Json] | None:
    return _built_in(subject).get(name_of(definition).lower()) or _definition(subject, definition)


def ways_to_rights(subject: Subject, scope: str, missing: list[Need]) -> Iterator[WayOut | NotChecked]:
    """Ways to get what is missing at a scope, the quickest one first; with what could not be seen of them."""
    yield from _activations(subject, scope, missing)
    yield from _memberships(subject, scope, missing)
    yield from _classic(subject, scope)
    least = _least(subject, missing)
    if least:
        yield WayOut(f"ask for the {'roles' if len(least) > 1 else 'role'} {' and '.join(least)} at {scope}")
    else:
        yield WayOut(f"ask for the role Owner at {scope}")
    if all("/locks/" in need.action.lower() for need in missing):
        yield WayOut("set no locks", (("governance.locks", "none"),))
    yield WayOut(f"or for a custom role of exactly these actions: {command('roles')} prints it")


def _least(subject: Subject, missing: list[Need]) -> tuple[str, ...]:
    """Names of the first roles of the ladder that allow everything that is missing."""
    known = _built_in(subject)
    for roles in _LADDER:
        entries = [entry for guid in roles for entry in _permissions(known.get(guid))]
        if all(any(allows(entry, need.action) for entry in entries) for need in missing):
            return tuple(as_text(member(known.get(guid), "properties", "roleName")) for guid in roles)
    return ()


def _activations(subject: Subject, scope: str, missing: list[Need]) -> Iterator[WayOut | NotChecked]:
    """Roles that the account may activate in Privileged Identity Management and that allow something that is missing."""
    try:
        found = subject.arm.every(eligible_roles(subscription_of(scope)))
    except NotVisible as unseen:
        yield NotChecked(unseen.what, unseen.why)
        return
    for one in found:
        properties = member(one, "properties")
        definition, place = as_text(member(properties, "roleDefinitionId")), as_text(member(properties, "scope"))
        permissions = permissions_of_role(subject, definition)
        given = [need for need in missing if any(allows(entry, need.action) for entry in permissions)]
        if not contains(place, scope) or not given:
            continue
        name = as_text(member(properties, "expandedProperties", "roleDefinition", "displayName"))
        name = name or role_name(subject, definition)
        less = "" if len(given) == len(missing) else f" (it allows {len(given)} of the {len(missing)} missing actions)"
        yield WayOut(
            f"activate the role {name} at {place or '/'} in Privileged Identity Management: the account is eligible for it, "
            f"but it is not active{less}"
        )


def _memberships(subject: Subject, scope: str, missing: list[Need]) -> Iterator[WayOut | NotChecked]:
    """Groups of which the account may activate its membership, and that have a role which allows something missing."""
    try:
        found = subject.graph.every(eligible_groups())
        groups = dict.fromkeys(as_text(one.get("groupId")) for one in found if one.get("accessId") == "member")
        held = {group: subject.arm.every(assignments_of(subscription_of(scope), group)) for group in groups}
    except NotVisible as unseen:
        yield NotChecked(unseen.what, unseen.why)
        return
    for group, assignments in held.items():
        for one in assignments:
            definition = as_text(member(one, "properties", "roleDefinitionId"))
            permissions = permissions_of_role(subject, definition)
            useful = any(allows(entry, need.action) for entry in permissions for need in missing)
            if useful and contains(extended_id_of(as_text(one.get("id"))), scope):
                yield WayOut(
                    f"activate the membership in the group {group} in Privileged Identity Management: it has the role "
                    f"{role_name(subject, definition)}"
                )


def _classic(subject: Subject, scope: str) -> Iterator[WayOut]:
    """Classic administrators of the subscription, whose rights ended."""
    try:
        found = subject.arm.every(classic_administrators(subscription_of(scope)))
    except NotVisible:
        return  # only an explanation
    if found:
        names = ", ".join(as_text(member(one, "properties", "emailAddress")) for one in found[:3])
        yield WayOut(
            f"replace the classic administrators ({names}) by role assignments: they have had no access since 31 August 2024"
        )


def _built_in(subject: Subject) -> dict[str, dict[str, Json]]:
    try:
        found = subject.arm.every(built_in_roles(subject.it.subscription))
    except NotVisible:
        return {}
    return {name_of(as_text(one.get("id"))).lower(): one for one in found}


def _definition(subject: Subject, definition: str) -> dict[str, Json] | None:
    try:
        return subject.arm.find(role(definition))
    except NotVisible:
        return None


def _permissions(definition: dict[str, Json] | None) -> list[dict[str, Json]]:
    return objects_of(member(definition, "properties", "permissions"))
