"""Question: do clusters, databases and apps run: power states, the health of the revisions of container apps, and roles left in clusters.

Sources: REST API Managed Clusters - Get (powerState.code), PostgreSQL flexible servers - Get (ServerState), Web Apps - Get (state),
Container Apps - Get (runningStatus), Container Apps Revisions - List (healthState, runningState, provisioningError);
github.com/Azure/azure-rest-api-specs/issues/29102 and github.com/microsoft/vscode-azurecontainerapps/pull/1088 (further running
states: ActivationFailed, RunningAtMaxScale, ScaledToZero). Commands:
az aks start, az postgres flexible-server start, az webapp start; for a container app the CLI has none, so its REST action.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.json_access import as_text, member
from installer.operations.status.model import Line, Question, State, Way
from installer.operations.status.observed import CLUSTERS
from installer.operations.status.temporary_roles import assignments, left_roles
from installer.preflight.commands import in_group
from installer.preflight.reads import listing
from installer.resource_id import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.estate.resources import Planned
    from installer.operations.status.observed import Observed
    from installer.preflight.reads import Request

_APPS: Final = "Microsoft.App/containerApps"
_POWER: Final = {
    "microsoft.containerservice/managedclusters": (("powerState", "code"), "Running", "az aks start"),
    "microsoft.dbforpostgresql/flexibleservers": (("state",), "Ready", "az postgres flexible-server start"),
    "microsoft.web/sites": (("state",), "Running", "az webapp start"),
    "microsoft.app/containerapps": (("runningStatus",), "Running", ""),
}
"""Member with the power state, its value while the resource runs, and the command that starts it."""
_RUNNING: Final = frozenset({"Running", "RunningAtMaxScale", "ScaledToZero"})
_PASSING: Final = frozenset({"starting", "stopping", "updating", "restarting", "provisioning", "progressing"})


def _lines(observed: Observed) -> Iterator[Line]:
    observed.ahead(*_POWER)
    observed.subject.arm.ahead(map(_revisions, observed.planned(_APPS)))
    observed.subject.arm.ahead(map(assignments, observed.planned(CLUSTERS)))
    for one in observed.planned(*_POWER):
        yield _power(observed, one)
        if one.type.lower() == _APPS.lower():
            yield from _health(observed, one)
        if one.type.lower() == CLUSTERS.lower():
            yield from left_roles(observed, one)


def _power(observed: Observed, one: Planned) -> Line:
    path, on, start = _POWER[one.type.lower()]
    key, subject, environment = f"workloads/{one.name}", one.shown, observed.environment_of(one.id)
    found = observed.read(one)
    if found is None:
        way = Way("deploy its stage again", "apply", (one.stage,))
        return Line(key, subject, "broken", f"{one.type_title} is missing", environment, (way,))
    state = as_text(member(found, "properties", *path))
    if not state:
        return Line(key, subject, "not read", f"Azure shows no state of {one.type_title}", environment)
    if state == on:
        return Line(key, subject, "ok", f"{one.type_title}: {state}", environment)
    if state.lower() in _PASSING:
        return Line(key, subject, "attention", f"{one.type_title}: {state}", environment)
    ways = (Way("start it", command=f"{start} {in_group(one.id)} -n {one.name}" if start else _rest(one)),)
    return Line(key, subject, "broken", f"{one.type_title}: {state}", environment, ways)


def _rest(one: Planned) -> str:
    return f"az rest --method post --uri {one.id}/start?api-version={one.api_version}"


def _health(observed: Observed, one: Planned) -> Iterator[Line]:
    """Active revisions; a stopped app has none."""
    environment = observed.environment_of(one.id)
    for revision in observed.subject.arm.every(_revisions(one)):
        facts = member(revision, "properties")
        if member(facts, "active") is not True:
            continue
        name = name_of(as_text(revision.get("id")))
        health, running = as_text(member(facts, "healthState")), as_text(member(facts, "runningState"))
        problem = as_text(member(facts, "provisioningError"))
        state = _state(health, running)
        text = f"revision {name}: {health}, {running}" + (f": {problem}" if problem else "")
        ways = _restart(one, name) if state == "broken" else ()
        yield Line(f"workloads/{one.name}-revision", one.shown, state, text, environment, ways)


def _state(health: str, running: str) -> State:
    """State of a revision: Azure shows more running states than its API describes, such as ActivationFailed and ScaledToZero."""
    if health == "Unhealthy" or running == "Degraded" or running.endswith("Failed"):
        return "broken"
    if health == "Healthy" or running in _RUNNING:
        return "ok"
    return "attention" if running == "Processing" else "not read"


def _restart(one: Planned, revision: str) -> tuple[Way, ...]:
    where = f"{in_group(one.id)} -n {one.name}"
    return (
        Way("see why in its log, then set that right", command=f"az containerapp logs show {where} --type system"),
        Way("restart the revision", command=f"az containerapp revision restart {where} --revision {revision}"),
        Way("deploy its stage again", "apply", (one.stage,)),
    )


def _revisions(one: Planned) -> Request:
    return listing(f"{one.id}/revisions?api-version={one.api_version}", f"revisions of {one.shown}")


WORKLOADS: Final = Question("workloads", "Workloads", _lines)
