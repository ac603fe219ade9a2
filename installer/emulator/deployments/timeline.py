"""Timelines: the critical path of each deployment, from the durations actually scheduled, and its real duration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.clock import instant
from installer.json_access import JsonObject, as_text, member, strings
from installer.resource_id import DEPLOYMENT_TYPE

if TYPE_CHECKING:
    from installer.emulator.core import Emulator
    from installer.emulator.state.deployments import Deployment, Operation
    from installer.jsontypes import Json

Chain = tuple[float, list[str]]


def timeline(emulator: Emulator) -> list[Json]:
    """For each top-level deployment, oldest first: its critical path and its duration."""
    return [_entry(emulator, deployment) for deployment in emulator.deployments.top_level()]


def _entry(emulator: Emulator, deployment: Deployment) -> JsonObject:
    seconds, chain = critical_path(emulator, deployment.key)
    ended = None if deployment.active else instant(deployment.changed)
    return {
        "id": deployment.id,
        "name": deployment.name,
        "scope": deployment.scope,
        "state": deployment.state,
        "started": instant(deployment.started),
        "ended": ended,
        "seconds": None if deployment.active else round(deployment.changed - deployment.started, 6),
        "criticalPathSeconds": round(seconds / emulator.speed, 6),
        "criticalPathSimulatedSeconds": round(seconds, 3),
        "criticalPath": strings(chain),
    }


def critical_path(emulator: Emulator, deployment_key: str) -> Chain:
    """The longest chain of a deployment in simulated seconds, with the ids along it, nested ones included."""
    operations = {item.node: item for item in emulator.deployments.operations(deployment_key)}
    own = {node: _own(emulator, operation) for node, operation in operations.items()}
    longest: dict[str, Chain] = {}

    def until(node: str) -> Chain:
        if node not in longest:
            # A node starts when its last dependency ends: the longest chain runs through that one.
            after = operations[node].after
            before: Chain = until(after) if after in operations else (0.0, [])
            longest[node] = (before[0] + own[node][0], before[1] + own[node][1])
        return longest[node]

    for node in operations:  # ordered by start, which keeps the recursion shallow
        until(node)
    return max(longest.values(), key=lambda chain: chain[0], default=(0.0, []))


def _own(emulator: Emulator, operation: Operation) -> Chain:
    target = as_text(member(operation.target, "id"))
    if as_text(member(operation.target, "resourceType")).lower() == DEPLOYMENT_TYPE.lower():
        return critical_path(emulator, target.lower())
    return operation.seconds, [target] if target else []
