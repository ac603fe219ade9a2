"""Microsoft.Authorization: role assignments, one for each principal, role and scope; locks; custom roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.clock import instant
from installer.emulator.errors import ArmError
from installer.emulator.governance.locks import LOCK_TYPE, REMOVED_TYPE
from installer.emulator.providers.provider import ProviderContext, ProviderHooks
from installer.emulator.state.resources import Resource
from installer.json_access import as_text, member
from installer.resource_id import extended_id_of, name_of, parse_id

if TYPE_CHECKING:
    from installer.json_access import JsonObject

_ASSIGNMENTS = "Microsoft.Authorization/roleAssignments"
_NULLABLE = ("condition", "conditionVersion", "description", "delegatedManagedIdentityResourceId")
_LEVELS = ("CanNotDelete", "ReadOnly")


def _scope(resource_id: str) -> str:
    return extended_id_of(resource_id)


def _role(resource: Resource) -> str:
    return name_of(as_text(member(resource.desired, "properties", "roleDefinitionId"))).lower()


def _principal(resource: Resource) -> str:
    return as_text(member(resource.desired, "properties", "principalId")).lower()


def _check_scope(context: ProviderContext) -> None:
    """Refuses an assignment at a child resource that does not exist, such as a secret of a key vault.

    Azure Verified Modules assign roles at a secret after its creation (avm/res/key-vault/vault/secret). Children of
    resources that a survey lists are unknown.
    """
    scope = parse_id(_scope(context.id))
    parent = context.resources.get(scope.parent.id) if scope is not None and scope.parent is not None else None
    if scope is None or parent is None or not parent.computed or context.resources.exists(scope.id):
        return
    raise ArmError(
        404,
        "ParentResourceNotFound",
        f"Failed to perform 'write' on resource(s) of type '{_ASSIGNMENTS}', because the parent resource '{scope.id}' "
        "could not be found.",
    )


def _check_assignment(context: ProviderContext) -> None:
    requested = context.resource
    _check_scope(context)
    if context.before is not None and _principal(context.before) != _principal(requested):
        raise ArmError(
            400,
            "RoleAssignmentUpdateNotPermitted",
            "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
            cause="service",
        )
    for other in context.resources.of_type(_ASSIGNMENTS):
        same_scope = _scope(other.key) == _scope(requested.key)
        if (
            same_scope
            and other.key != requested.key
            and (_principal(other), _role(other)) == (_principal(requested), _role(requested))
        ):
            raise ArmError(
                409,
                "RoleAssignmentExists",
                "The role assignment already exists. The ID of the existing role assignment is "
                f"{other.name.replace('-', '')}.",
                cause="service",
            )


def _assignment(context: ProviderContext) -> JsonObject:
    absent: JsonObject = {name: None for name in _NULLABLE if name not in context.properties}
    properties: JsonObject = {
        **absent,
        "scope": _scope(context.id),
        "createdOn": instant(context.resource.created),
        "updatedOn": instant(context.resource.changed),
    }
    if not context.text("principalType"):
        properties["principalType"] = "ServicePrincipal"
    return {"properties": properties}


def _check_lock(context: ProviderContext) -> None:
    level = context.text("level")
    if level not in _LEVELS:
        raise ArmError(
            400,
            "InvalidLockLevel",
            f"The lock level '{level}' is not valid: one of '{', '.join(_LEVELS)}' is expected.",
        )


def _keep_removed(context: ProviderContext) -> None:
    """Remember a deleted lock in a group that exists: Azure processes its deletion for a while."""
    scope = extended_id_of(context.id)
    if context.resources.exists(scope):
        context.resources.save(
            Resource(
                id=f"{scope}/providers/{REMOVED_TYPE}/{context.leaf}",
                type=REMOVED_TYPE,
                name=context.leaf,
                api_version=context.resource.api_version,
                state="Succeeded",
                created=context.now,
                changed=context.now,
            )
        )


def _definition(context: ProviderContext) -> JsonObject:
    return {"name": context.leaf, "properties": {"type": context.text("type") or "CustomRole"}}


def _check_unassigned(context: ProviderContext) -> None:
    """A role that is assigned anywhere stays: azure-docs, role-based-access-control/custom-roles.md ("Custom role limits", deletion)."""
    if any(_role(other) == context.leaf.lower() for other in context.resources.of_type(_ASSIGNMENTS)):
        raise ArmError(
            400,
            "RoleDefinitionHasAssignments",
            "There are existing role assignments referencing role.",
            cause="service",
        )


HOOKS = {
    _ASSIGNMENTS: ProviderHooks(check=_check_assignment, computed=_assignment, immediate=True),
    LOCK_TYPE: ProviderHooks(check=_check_lock, after_removal=_keep_removed, immediate=True),
    "Microsoft.Authorization/roleDefinitions": ProviderHooks(
        computed=_definition, check_removal=_check_unassigned, immediate=True
    ),
}
