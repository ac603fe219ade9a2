"""Additions of the plan to the use of quotas: a line for each limit, without existing resources."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.json_access import as_text, member, objects_of
from installer.preflight.footprint import COUNTED, app_plans, counted, machines, servers
from installer.preflight.model import NotChecked
from installer.preflight.offer_facts import CORES, cores_wanted, postgres_sizes, uncounted, vm_sizes, whole
from installer.preflight.offer_reads import COMPUTE, DATABASES, WEB, machine_sizes, postgres_offer
from installer.preflight.reads import NotVisible, resource
from installer.resource_id import parent_id_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.preflight.footprint import Machines
    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

_CLUSTERS: Final = "2026-03-01"


@dataclass(frozen=True)
class Line:
    """One line of the ledger: a limit, and how much the plan adds to its use."""

    namespace: str
    subscription: str
    region: str
    limit: str
    wanted: int


def ledger(subject: Subject, existing: set[str]) -> Iterator[Line | Entry]:
    """All lines, and what could not be counted. Queries Azure."""
    for part in (machine_lines, _server_lines, _counted_lines, _plan_lines):
        yield from part(subject, existing)


def limited(subject: Subject) -> set[tuple[str, str, str]]:
    """Provider, subscription and region of all limits that may matter: what exists already need not be known for that."""
    found = {(COMPUTE, one.subscription, one.region) for one in machines(subject.bodies)}
    found |= {(DATABASES, one.subscription, one.region) for one in servers(subject.bodies)}
    found |= {(WEB, plan.subscription, plan.region) for plan in app_plans(subject.bodies)}
    return found | {(line.namespace, line.subscription, line.region) for line in _counted_lines(subject, set())}


# -- node pools --------------------------------------------------------------------------------------------------


def machine_lines(subject: Subject, existing: set[str]) -> Iterator[Line | Entry]:
    """Cores of all node pools, by family and in total."""
    pools = list(machines(subject.bodies))
    for subscription, region in dict.fromkeys((one.subscription, one.region) for one in pools):
        found = [one for one in pools if (one.subscription, one.region) == (subscription, region)]
        request = machine_sizes(subscription, region)
        try:
            sizes = vm_sizes(subject.arm.every(request))
        except NotVisible as unseen:
            yield NotChecked(f"cores of node pools in {region}", unseen.why)
            continue
        for name in {one.size: None for one in found if uncounted(sizes.get(one.size.lower()))}:
            yield NotChecked(f"cores of {name} in {region}", "Azure lists neither its cores nor its family")
        wanted = cores_wanted(found, sizes, lambda pool: _running(subject, pool, existing))
        yield from (Line(COMPUTE, subscription, region, name, number) for name, number in wanted.items())


def _running(subject: Subject, pool: Machines, existing: set[str]) -> int:
    """Number of nodes that an existing pool has now."""
    cluster = parent_id_of(pool.owner)
    if cluster.lower() not in existing:
        return 0
    found = subject.arm.find(resource(f"{cluster}?api-version={_CLUSTERS}", f"node pools of {cluster}")) or {}
    name = pool.owner.rpartition("/")[2].lower()
    return next(
        (
            whole(one.get("count"))
            for one in objects_of(member(found, "properties", "agentPoolProfiles"))
            if as_text(one.get("name")).lower() == name
        ),
        0,
    )


# -- databases and counted resources -----------------------------------------------------------------------------


def _server_lines(subject: Subject, existing: set[str]) -> Iterator[Line | Entry]:
    """Cores of PostgreSQL servers with their standbys."""
    wanted: dict[tuple[str, str], int] = defaultdict(int)
    for one in servers(subject.bodies):
        if one.id.lower() in existing:
            continue
        request = postgres_offer(one.subscription, one.region)
        try:
            offers = subject.arm.every(request)
        except NotVisible as unseen:
            yield NotChecked(f"cores of PostgreSQL in {one.region}", unseen.why)
            continue
        each = whole(postgres_sizes(offers).get(one.size, {}).get("vCores"))
        if not each:
            yield NotChecked(f"cores of PostgreSQL {one.size} in {one.region}", "Azure does not list them")
        wanted[one.subscription, one.region] += each * one.count
    for (subscription, region), number in wanted.items():
        if number:
            yield Line(DATABASES, subscription, region, CORES, number)


def _counted_lines(subject: Subject, existing: set[str]) -> Iterator[Line]:
    for (subscription, region, kind), number in counted(subject.bodies, existing).items():
        for namespace, limits in COUNTED.items():
            for name, counts in limits.items():
                if counts == kind and region:
                    yield Line(namespace, subscription, region, name, number)


def _plan_lines(subject: Subject, existing: set[str]) -> Iterator[Line]:
    """Instances of new App Service plans, by SKU and in total.

    Names of the limits are those of refusals: "Current Limit (P0v3 VMs)", "Current Limit (Total VMs)".
    Source: github.com/DataDog/stratus-red-team/pull/875, github.com/MicrosoftDocs/msteams-docs/issues/13495 (code). Assumed: the
    usage list spells them likewise; a limit that it does not have is not checked.
    """
    wanted: dict[tuple[str, str, str], int] = defaultdict(int)
    for plan in app_plans(subject.bodies):
        if plan.id.lower() not in existing:
            for name in (f"{plan.sku} VMs", "Total VMs"):
                wanted[plan.subscription, plan.region, name] += plan.count
    for (subscription, region, name), number in wanted.items():
        yield Line(WEB, subscription, region, name, number)
