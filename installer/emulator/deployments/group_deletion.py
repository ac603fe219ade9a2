"""Deletion of a resource group: its resources in an order that their providers accept; what none accepts keeps the group.

Order: nested resources first, then the others, those again whose dependencies have ended
(learn.microsoft.com/azure/azure-resource-manager/management/delete-resource-group). Error of a group that stays:
Azure/bicep-registry-modules#1607.
"""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.providers import registry
from installer.resource_id import parse_id

if TYPE_CHECKING:
    from installer.emulator.core import Emulator
    from installer.emulator.state.resources import Resource
    from installer.json_access import JsonObject


def blocked(emulator: Emulator, group: Resource) -> ArmError | None:
    """Delete the resources in a group that its providers let go; the error if one stays."""
    subscription = group.id.split("/")[2]
    # Proxies, such as subnets and role assignments, go with their parents.
    found = [one for one in emulator.resources.of_group(subscription, group.name) if one.location]
    left = sorted(found, key=lambda one: -_depth(one))
    while left:
        refused = [(one, error) for one in left if (error := _refusal(emulator, one)) is not None]
        if len(refused) == len(left):
            return _error(group, refused)
        left = [one for one, _ in refused]
    return None


def _depth(resource: Resource) -> int:
    parsed = parse_id(resource.id)
    return len(parsed.types) if parsed else 0


def _refusal(emulator: Emulator, resource: Resource) -> ArmError | None:
    """Delete one resource; the error of its provider if that refuses."""
    if emulator.resources.get(resource.id) is None:
        return None  # with its parent
    try:
        registry.check_removal(emulator.provider_context(resource))
    except ArmError as refusal:
        return refusal
    emulator.remove(resource.id)
    return None


def _error(group: Resource, refused: list[tuple[Resource, ArmError]]) -> ArmError:
    names = ",".join(f"{one.type}/{one.name}" for one, _ in refused)
    details: list[JsonObject] = [{"target": one.id, "message": json.dumps(error.body())} for one, error in refused]
    return ArmError(
        409,
        "ResourceGroupDeletionBlocked",
        f"Deletion of resource group '{group.name}' failed as resources with identifiers '{names}' could not be deleted. The "
        f"provisioning state of the resource group will be rolled back. The tracking Id is '{uuid.uuid4()}'. Please check "
        "audit logs for more details.",
        details=details,
    )
