"""Cores of Container Apps environments: what the plan may take of each, against the limits of the environment.

Sources: azure-container-apps-docs, container-apps/quotas.md (names of the limits, each for one environment; free trials and Azure
for Students: one environment in the whole subscription and ten cores in it) and workload-profiles-overview.md (which profile
counts for which limit); REST API Managed Environment Usages - List. An environment has its own limits only once it exists.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from installer.conventions.counts import counted
from installer.json_access import as_text, member, objects_of
from installer.preflight.model import Finding, NotChecked, Proof, WayOut
from installer.preflight.offer_facts import usage_of, whole
from installer.preflight.offer_terms import UPGRADE, free_offer
from installer.preflight.reads import NotVisible, listing
from installer.resource_id import subscription_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.estate.bodies import PlannedBody
    from installer.jsontypes import Json
    from installer.preflight.model import Entry
    from installer.preflight.reads import Request
    from installer.preflight.subject import Subject

_ENVIRONMENT: Final = "microsoft.app/managedenvironments"
_APP: Final = "microsoft.app/containerapps"
_JOB: Final = "microsoft.app/jobs"
_PROFILE: Final = re.compile(r"([DE])(\d+)")
_CONSUMPTION: Final = "ManagedEnvironmentConsumptionCores"
_DEDICATED: Final = {"D": "ManagedEnvironmentGeneralPurposeCores", "E": "ManagedEnvironmentMemoryOptimizedCores"}
_FREE_CORES: Final = 10
_FREE_ENVIRONMENTS: Final = 1


def _usages(environment: str) -> Request:
    return listing(f"{environment}/usages?api-version=2025-07-01", f"quotas of {environment.rpartition('/')[2]}")


def environment_cores(subject: Subject, existing: set[str]) -> Iterator[Entry]:
    """Environments that exist by their own limits, those of free offers by the limits of the offer."""
    environments = [body for body in subject.bodies if body.type.lower() == _ENVIRONMENT]
    subject.arm.ahead(_usages(body.id) for body in environments if body.id.lower() in existing)
    for body in environments:
        wanted = _wanted(subject, body)
        free = free_offer(subject, subscription_of(body.id))
        if body.id.lower() in existing:
            yield from _own(body, wanted, subject)
        elif free and sum(wanted.values()) > _FREE_CORES:
            yield _too_many(body, f"{_shown(sum(wanted.values()))} cores", f"{free}: {_FREE_CORES} in an environment")
    for one in subject.subscriptions:
        number = sum(1 for body in environments if subscription_of(body.id) == one)
        if number > _FREE_ENVIRONMENTS and (free := free_offer(subject, one)):
            yield _too_many(
                environments[0], counted(number, "environment"), f"{free}: {_FREE_ENVIRONMENTS} in the subscription"
            )


def _wanted(subject: Subject, environment: PlannedBody) -> dict[str, float]:
    """Cores by limit: profiles at their largest, apps with all replicas, and the largest job, as jobs run one by one."""
    wanted: dict[str, float] = defaultdict(float)
    for profile in objects_of(member(environment.body, "properties", "workloadProfiles")):
        if found := _PROFILE.fullmatch(as_text(profile.get("workloadProfileType"))):
            wanted[_DEDICATED[found[1]]] += int(found[2]) * whole(profile.get("maximumCount"))
    jobs = [0.0]
    for body in subject.bodies:
        owner = as_text(member(body.body, "properties", "environmentId")) or as_text(
            member(body.body, "properties", "managedEnvironmentId")
        )
        kind, place = body.type.lower(), as_text(member(body.body, "properties", "workloadProfileName"))
        if owner.lower() != environment.id.lower() or place.lower() not in ("", "consumption"):
            continue
        if kind == _APP:
            wanted[_CONSUMPTION] += _cores(body) * max(
                whole(member(body.body, "properties", "template", "scale", "maxReplicas")), 1
            )
        elif kind == _JOB:
            jobs.append(_cores(body))
    wanted[_CONSUMPTION] += max(jobs)
    return wanted


def _cores(body: PlannedBody) -> float:
    containers = objects_of(member(body.body, "properties", "template", "containers"))
    return sum(_number(member(one, "resources", "cpu")) for one in containers)


def _number(value: Json) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


def _own(body: PlannedBody, wanted: dict[str, float], subject: Subject) -> Iterator[Entry]:
    try:
        usage = usage_of(subject.arm.every(_usages(body.id)))
    except NotVisible as unseen:
        yield NotChecked(unseen.what, unseen.why)
        return
    enough = 0
    for name, cores in wanted.items():
        line = usage.get(name.lower())
        limit = whole((line or {}).get("limit"))
        if line is None:
            yield NotChecked(f"quota {name} of {body.name}", "Azure does not list it")
            continue
        if limit < 0:
            continue
        if cores > limit:
            yield _too_many(body, f"{_shown(cores)} cores ({name})", f"the environment: {limit}", owned=True)
        else:
            enough += 1
    if enough:
        yield Proof(f"{body.name} has enough cores for {enough} kinds of workload profiles")


def _shown(cores: float) -> str:
    return str(math.ceil(cores)) if cores == math.ceil(cores) else f"{cores:g}"


def _too_many(body: PlannedBody, what: str, limit: str, *, owned: bool = False) -> Finding:
    return Finding(
        "blocks",
        f"{what} are needed; limit of {limit}",
        body.id,
        "apps do not start, and their provisioning times out",
        (
            WayOut(
                "ask for more: Quotas in the portal, Azure Container Apps, for the environment" if owned else UPGRADE
            ),
        ),
        "ContainerAppOperationError",
    )
