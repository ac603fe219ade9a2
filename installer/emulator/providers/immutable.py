"""Refuses changes of properties that Azure fixes when a resource is created (immutable_properties.json)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.providers.subnet_rules import SUBNET_TYPE, occupants
from installer.immutable_properties import carried_over, conflicts

if TYPE_CHECKING:
    from installer.emulator.providers.provider import ProviderContext
    from installer.emulator.state.resources import Resource
    from installer.json_access import JsonObject


def check_immutable(context: ProviderContext) -> None:
    """Refuses a write that changes an immutable property (ArmError).

    A resource whose creation failed has no fixed properties yet.
    """
    before = context.before
    if before is None or before.state == "Failed":
        return
    for conflict in conflicts(context.resource.type, before.desired, context.resource.desired):
        rule = conflict.rule
        if rule.ignored or (rule.occupied and not _occupied(context)):
            continue
        raise ArmError(rule.status, rule.code, conflict.text(context.id), target=rule.label, cause="service")


def kept(requested: Resource, before: Resource | None) -> JsonObject:
    """The requested members, with the old value of each property whose change Azure ignores."""
    return requested.desired if before is None else carried_over(requested.type, before.desired, requested.desired)


def _occupied(context: ProviderContext) -> bool:
    """Whether something uses the subnet, or any subnet of the network."""
    subnets = [context.id, *(item.id for item in context.resources.children(f"{context.id}/subnets", SUBNET_TYPE))]
    return any(occupants(context.resources, subnet) for subnet in subnets)
