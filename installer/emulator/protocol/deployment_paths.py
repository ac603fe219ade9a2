"""The scope and the deployment that the path of a request names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.deployments.request import scope_of
from installer.emulator.errors import ArmError

if TYPE_CHECKING:
    from installer.arm_templates import Scope
    from installer.emulator.protocol.request import ArmRequest
    from installer.emulator.state.deployments import Deployment


def scope_in_path(request: ArmRequest, *, for_writing: bool = False) -> Scope:
    """The scope in the path, checked to exist."""
    tenant = request.emulator.directory.tenant_id
    if "management" in request.parts:
        return scope_of(_management_group(request), tenant)
    if "subscription" not in request.parts:
        return scope_of("", tenant)
    subscription = request.subscription(for_writing=for_writing)
    group = f"/resourceGroups/{request.group().name}" if "group" in request.parts else ""
    return scope_of(f"/subscriptions/{subscription.id}{group}", tenant)


def _management_group(request: ArmRequest) -> str:
    """The id of the management group in the path: the tenant's root group, or a created one."""
    name = request.parts["management"]
    where = f"/providers/Microsoft.Management/managementGroups/{name}"
    if name.lower() != request.emulator.directory.tenant_id.lower() and request.emulator.resources.get(where) is None:
        raise ArmError(404, "ManagementGroupNotFound", f"The management group '{name}' cannot be found.")
    return where


def deployment_id(request: ArmRequest) -> str:
    """The deployment's id in ARM's canonical form."""
    scope = scope_in_path(request).id
    return f"{scope}/providers/Microsoft.Resources/deployments/{request.parts['name']}"


def found_deployment(request: ArmRequest) -> Deployment:
    """The deployment in the path; ArmError if it does not exist."""
    found = request.emulator.deployments.get(deployment_id(request))
    if found is None:
        raise ArmError(404, "DeploymentNotFound", f"Deployment '{request.parts['name']}' could not be found.")
    return found
