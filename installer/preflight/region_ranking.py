"""Regions in which the whole plan would fit, best first, when it does not fit where the answers want it.

A region is judged by what decides where it is now: resource types, VM sizes with their zones, PostgreSQL with its high
availability, the default version of AKS, and cores. Only the nearest regions of the same geography group are read (geography,
geographyGroup and coordinates of REST API Subscriptions - List Locations), so that a finding costs a bounded number of reads.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import asin, cos, radians, sin, sqrt
from typing import TYPE_CHECKING, Final

from installer.json_access import as_text, member, objects_of
from installer.preflight.footprint import CLUSTER, MANIFEST_VERSIONS, machines, servers
from installer.preflight.model import WayOut
from installer.preflight.offer_facts import (
    CORES,
    cores_wanted,
    free_of,
    lacks_ha,
    names_of,
    postgres_geo_backup,
    postgres_restriction,
    postgres_sizes,
    postgres_versions,
    size_problem,
    usage_of,
    vm_sizes,
    whole,
)
from installer.preflight.offer_reads import (
    COMPUTE,
    DATABASES,
    kubernetes_versions,
    locations,
    machine_sizes,
    postgres_offer,
    usages,
)
from installer.preflight.offered_types import not_offered
from installer.preflight.reads import NotVisible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.jsontypes import Json
    from installer.preflight.footprint import Machines, Server
    from installer.preflight.reads import Request
    from installer.preflight.subject import Subject

_MAX_READ: Final = 4
"""Regions that are read."""
_MAX_SHOWN: Final = 3
_EARTH: Final = 6371.0
_JUDGED: Final = "resource types, VM sizes and zones, PostgreSQL, AKS, cores"


@dataclass(frozen=True)
class Fit:
    """How much of the plan fits in a region."""

    name: str
    label: str
    misfits: tuple[str, ...]
    unseen: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class _Planned:
    """Planned resources of a region that decide where they may be."""

    region: str
    pools: list[Machines]
    databases: list[Server]


def elsewhere(subject: Subject, region: str) -> tuple[WayOut, ...]:
    """Ways to move what is planned in a region, ranked; empty if nothing nearby fits or regions cannot be read."""
    if subject.tried:
        return ()
    try:
        ranked = ranking(subject, region)
    except NotVisible:
        return ()  # the check of providers reports it
    proved = [one for one in ranked if not one.misfits and not one.unseen]
    unread = [one.label for one in ranked if not one.misfits and one.unseen]
    if not proved and unread:
        return (WayOut(f"use another region; whether all of it fits could not be read in {', '.join(unread)}"),)
    key = region_key(subject, region)
    return tuple(
        WayOut(f"use {one.label}: all of {region} fits there ({_JUDGED})", ((key, one.name),))
        for one in proved[:_MAX_SHOWN]
    )


def ranking(subject: Subject, region: str) -> list[Fit]:
    """The nearest regions, those in which most fits first. Raises NotVisible."""
    listed = subject.arm.every(locations(subject.it.subscription))
    near = _nearest(subject, region, listed)
    pools = [one for one in machines(subject.bodies) if one.region == region]
    databases = [one for one in servers(subject.bodies) if one.region == region]
    planned = _Planned(region, pools, databases)
    subject.arm.ahead(read for name, _ in near for read in _reads(name, pools, databases))
    found = [_fit(subject, planned, name, label) for name, label in near]
    return sorted(found, key=lambda one: (len(one.misfits), len(one.unseen)))


def region_key(subject: Subject, region: str) -> str:
    """The answer that puts what is planned in a region there: that of the subscription, or of an environment."""
    own = (f"{site.name}.region" for site in subject.it.sites if site.own.region == region)
    return "subscription.region" if subject.it.location == region else next(own, "subscription.region")


def _nearest(subject: Subject, region: str, listed: list[dict[str, Json]]) -> list[tuple[str, str]]:
    """Name and label of the nearest regions that the answers allow."""
    here = next((one for one in listed if as_text(one.get("name")) == region), {})
    allowed = subject.answers.governance.allowed_regions
    group = member(here, "metadata", "geographyGroup")
    others = [
        one
        for one in listed
        if as_text(one.get("name")) != region
        and member(one, "metadata", "regionType") == "Physical"
        and member(one, "metadata", "geographyGroup") == group
        and (not allowed or as_text(one.get("name")) in allowed)
    ]

    def order(one: dict[str, Json]) -> tuple[bool, bool, float]:
        same = member(one, "metadata", "geography") == member(here, "metadata", "geography")
        recommended = member(one, "metadata", "regionCategory") == "Recommended"
        return not recommended, not same, _distance(here, one)

    return [
        (as_text(one.get("name")), as_text(one.get("displayName"))) for one in sorted(others, key=order)[:_MAX_READ]
    ]


def _distance(one: dict[str, Json], other: dict[str, Json]) -> float:
    """Kilometres between the centres of two regions; 0 without coordinates."""
    try:
        (north, east), (far_north, far_east) = (
            tuple(radians(float(as_text(member(item, "metadata", name)))) for name in ("latitude", "longitude"))
            for item in (one, other)
        )
    except ValueError:
        return 0.0
    half = sin((far_north - north) / 2) ** 2 + cos(north) * cos(far_north) * sin((far_east - east) / 2) ** 2
    return 2 * _EARTH * asin(sqrt(half))


def _reads(region: str, pools: list[Machines], databases: list[Server]) -> Iterator[Request]:
    for one in dict.fromkeys(pool.subscription for pool in pools):
        yield machine_sizes(one, region)
        yield usages(COMPUTE, one, region)
        yield kubernetes_versions(one, region)
    for one in dict.fromkeys(server.subscription for server in databases):
        yield postgres_offer(one, region)
        yield usages(DATABASES, one, region)


def _read(subject: Subject, request: Request, *items: str) -> None:
    """Raise NotVisible where a survey has nothing of what a request was sent for."""
    if reason := subject.arm.assumed(request, *items):
        raise NotVisible(request.what, reason)


def _fit(subject: Subject, planned: _Planned, region: str, label: str) -> Fit:
    misfits: list[str] = []
    unseen: list[str] = []
    for part in (
        not_offered(subject, planned.region, region),
        _pools(subject, region, planned.pools),
        _databases(subject, region, planned.databases),
        _versions(subject, planned.region, region),
    ):
        try:
            misfits += part
        except NotVisible as one:
            unseen.append(one.what)
    return Fit(region, label, tuple(misfits), tuple(unseen))


def _pools(subject: Subject, region: str, pools: list[Machines]) -> Iterator[str]:
    for subscription in dict.fromkeys(pool.subscription for pool in pools):
        own = [pool for pool in pools if pool.subscription == subscription]
        sizes = vm_sizes(subject.arm.every(machine_sizes(subscription, region)))
        for pool in own:
            if problem := size_problem(sizes.get(pool.size.lower()), pool.zones):
                yield f"{pool.size} {problem}"
        limits = usages(COMPUTE, subscription, region)
        usage = usage_of(subject.arm.every(limits))
        for name, wanted in cores_wanted(own, sizes, lambda _pool: 0).items():
            line = usage.get(name.lower())
            free = free_of(line) if line else None
            if free is not None and free < wanted:
                yield f"{name}: {wanted} needed, {free} free"
            _read(subject, limits, *(names_of(line) if line else (name,)))
        _read(subject, machine_sizes(subscription, region))


def _databases(subject: Subject, region: str, databases: list[Server]) -> Iterator[str]:
    for server in databases:
        request = postgres_offer(server.subscription, region)
        offers = subject.arm.every(request)
        sku = postgres_sizes(offers).get(server.size)
        if postgres_restriction(offers) is not None or sku is None or lacks_ha(server, sku):
            yield f"PostgreSQL {server.size}"
            continue
        if server.version not in postgres_versions(offers):
            yield f"PostgreSQL {server.version}"
        if server.geo_backup and not postgres_geo_backup(offers):
            yield "geo-redundant backups of PostgreSQL"
        _read(subject, request)
        limits = usages(DATABASES, server.subscription, region)
        usage = usage_of(subject.arm.every(limits))
        _read(subject, limits, *(names_of(usage[CORES]) if CORES in usage else (CORES,)))
        free = free_of(usage[CORES]) if CORES in usage else None
        if free is not None and free < whole(sku.get("vCores")) * server.count:
            yield f"cores of PostgreSQL: {free} free"


def _versions(subject: Subject, here: str, region: str) -> Iterator[str]:
    places = {one.subscription for one in machines(subject.bodies) if one.region == here}
    if not any(body.type.lower() == CLUSTER for body in subject.bodies):
        return
    for subscription in places:
        found = objects_of((subject.arm.find(kubernetes_versions(subscription, region)) or {}).get("values"))
        default = next((as_text(one.get("version")) for one in found if one.get("isDefault") is True), "")
        if default and default not in MANIFEST_VERSIONS:
            yield f"Kubernetes {default}"
        _read(subject, kubernetes_versions(subscription, region))
