"""The revision of a container app, with its health.

Sources: REST API Container Apps Revisions - List Revisions (active, replicas, trafficWeight); arm-appcontainers,
RevisionHealthState (Healthy, Unhealthy, None) and RevisionRunningState (Running, Processing, Stopped, Degraded, Failed, Unknown);
github.com/Azure/azure-rest-api-specs/issues/29102 (ActivationFailed, which the API does not describe).
Simplified: a revision is unhealthy as soon as a new replica would not start; Azure notices it when one starts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.clock import instant
from installer.emulator.providers.app import start_problem
from installer.emulator.providers.power_state import APP
from installer.json_access import as_object, as_text, member

if TYPE_CHECKING:
    from installer.emulator.providers.provider import ProviderContext
    from installer.json_access import JsonObject


def revisions(context: ProviderContext) -> list[JsonObject]:
    """The active revision: apps here have one at a time."""
    name = as_text(member(context.resource.computed, "properties", "latestRevisionName"))
    if not name:
        return []
    health, running, problem = _state(context)
    scale = as_object(member(context.properties, "template", "scale"))
    properties: JsonObject = {
        "active": running != APP.off,
        "createdTime": instant(context.resource.changed),
        "healthState": health,
        "provisioningState": "Failed" if context.resource.state == "Failed" else "Provisioned",
        "replicas": scale.get("minReplicas") or 0 if running == APP.on else 0,
        "runningState": running,
        "trafficWeight": 100,
        **({"provisioningError": problem} if problem else {}),
    }
    kind = f"{context.resource.type}/revisions"
    return [{"id": f"{context.id}/revisions/{name}", "name": name, "type": kind, "properties": properties}]


def _state(context: ProviderContext) -> tuple[str, str, str]:
    """Health, running state, and the reason if it does not run."""
    if APP.of(context) == APP.off:
        return "None", APP.off, ""
    if context.resource.state == "Failed" or (problem := start_problem(context)):
        return "Unhealthy", "ActivationFailed", problem if context.resource.state != "Failed" and problem else ""
    return "Healthy", APP.on, ""
