"""Clears what earlier installations left in the way of a deployment: deleted key vaults, stale or equal role assignments."""

import re
import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final
from uuid import UUID

from installer.cloud.arm import Arm
from installer.cloud.error_causes import causes
from installer.cloud.errors import LOCKED, AzureRefused
from installer.cloud.models import Deployment, Operation
from installer.cloud.rest import Service
from installer.engine.step import Context
from installer.errors import DeploymentFailed
from installer.estate.resource_titles import Principals
from installer.json_access import as_text, member
from installer.resource_id import group_of, name_of, subscription_of

if TYPE_CHECKING:
    from installer.jsontypes import Json

_VAULTS_VERSION: Final = "2026-02-01"
_GROUPS_VERSION: Final = "2025-04-01"
_ROLES_VERSION: Final = "2022-04-01"
_ASSIGNMENTS: Final = "microsoft.authorization/roleassignments"
_STALE: Final = "RoleAssignmentUpdateNotPermitted"
_EQUAL: Final = "RoleAssignmentExists"
_HEX: Final = re.compile(r"\b[0-9a-fA-F]{32}\b")
_POLL_SECONDS: Final = 5.0
_MAX_POLLS: Final = 120


def recover_vaults(arm: Arm, context: Context, vaults: tuple[tuple[str, str], ...]) -> None:
    """Recover deleted key vaults of the installation; a vault of the same name of someone else is left alone.

    Azure ignores the other properties of a request that recovers a vault (azure-rest-api-specs#21306), so it is
    recovered before the deployment sets them.
    """
    service = Service.of_arm(arm.target)
    for vault, region in vaults:
        place = f"/subscriptions/{subscription_of(vault)}/providers/Microsoft.KeyVault/locations/{region}"
        deleted = service.find(f"{place}/deletedVaults/{name_of(vault)}?api-version={_VAULTS_VERSION}")
        if deleted is None or as_text(member(deleted, "properties", "vaultId")).lower() != vault.lower():
            continue
        context.emit("log", f"recovering key vault {name_of(vault)}, which was deleted", ids=[vault])
        group = f"/subscriptions/{subscription_of(vault)}/resourceGroups/{group_of(vault)}"
        if service.find(f"{group}?api-version={_GROUPS_VERSION}") is None:
            service.ask("PUT", f"{group}?api-version={_GROUPS_VERSION}", {"location": region})
        _recover(arm, context, service, vault, region)


def _recover(arm: Arm, context: Context, service: Service, vault: str, region: str) -> None:
    path = f"{vault}?api-version={_VAULTS_VERSION}"
    subscription = service.find(f"/subscriptions/{subscription_of(vault)}?api-version=2022-12-01") or {}
    properties: dict[str, Json] = {
        "createMode": "recover",
        "tenantId": as_text(subscription.get("tenantId")),
        "sku": {"family": "A", "name": "standard"},
    }
    service.ask("PUT", path, {"location": region, "properties": properties}, doing=f"recover {name_of(vault)}")
    for _ in range(_MAX_POLLS):
        if member(service.find(path), "properties", "provisioningState") in {"Succeeded", "RegisteringDns"}:
            return
        context.pause(max(0.1, _POLL_SECONDS / arm.target.speed))
    raise DeploymentFailed(f"key vault {name_of(vault)} was not recovered in time")


def clear_role_assignments(arm: Arm, context: Context, ended: Deployment) -> bool:
    """Delete role assignments that made a deployment fail, so that it can be sent again.

    Those are assignments of the same name for an identity that was recreated since, and assignments of the same role to
    the same principal at the same scope that someone made under another name, without a condition: the deployment
    creates them again at once.

    Returns:
        Whether all failures of role assignments could be cleared, and there was at least one.

    """
    service, found = Service.of_arm(arm.target), False
    for operation in _failed(arm, ended.name):
        codes = {cause.code: cause.message for cause in causes(operation.error)}
        if operation.resource_type.lower() != _ASSIGNMENTS or not codes.keys() & {_STALE, _EQUAL}:
            return False
        where = operation.resource_id
        if _EQUAL in codes:
            where = _equal(service, operation.resource_id, codes[_EQUAL])
        if not where:
            return False
        if not _deleted(service, context, where):
            return False
        why = "its identity was recreated" if _STALE in codes else "it is created under the name of the installation"
        context.emit("log", f"deleted {_title(where)}: {why}", ids=[where])
        found = True
    return found


def _deleted(service: Service, context: Context, where: str) -> bool:
    """Delete a role assignment; warns and returns false if a lock prevents that.

    Locks prevent it: learn.microsoft.com, azure-resource-manager/management/lock-resources ("Considerations").
    """
    try:
        service.ask("DELETE", f"{where}?api-version={_ROLES_VERSION}", doing=f"delete {_title(where)}")
    except AzureRefused as refused:
        if refused.code != LOCKED:
            raise
        words = shlex.join(("az", "role", "assignment", "delete", "--ids", where))
        context.emit(
            "warning",
            f"a lock prevents the removal of a {_title(where)}, which is in the way of the deployment",
            left=f"A {_title(where)}: remove the lock, run {words}, restore the lock, and start the run again",
        )
        return False
    return True


def _title(assignment: str) -> str:
    """A role assignment by its scope; its ID is in the data of the event."""
    return Principals({}).title(assignment, _ASSIGNMENTS, None)


def _equal(service: Service, wanted: str, message: str) -> str:
    """Id of the existing role assignment that an error text names; "" if it has a condition or is not found."""
    named = _HEX.search(message)
    if named is None:
        return ""
    where = f"{wanted.rpartition('/')[0]}/{UUID(named[0])}"
    existing = service.find(f"{where}?api-version={_ROLES_VERSION}")
    return where if existing is not None and not member(existing, "properties", "condition") else ""


def _failed(arm: Arm, name: str, nested: str | None = None) -> Iterator[Operation]:
    """Failed operations on resources, in nested deployments too."""
    for operation in arm.operations(name, nested):
        if operation.state == "failed" and operation.is_deployment:
            yield from _failed(arm, name, operation.resource_id)
        elif operation.state == "failed":
            yield operation
