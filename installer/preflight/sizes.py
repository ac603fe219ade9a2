"""Check: sizes, zones and versions that the plan needs are on offer to the subscription in each region.

Sources: Resource Skus - List (restrictions: type Location or Zone, reasonCode), Capabilities By Location of PostgreSQL
(restricted, supportedServerEditions, supportedServerVersions, geoBackupSupported), Managed Clusters - List Kubernetes Versions.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from installer.json_access import as_text, objects_of
from installer.preflight.footprint import CLUSTER, MANIFEST_VERSIONS, machines, servers
from installer.preflight.model import Check, Finding, NotChecked, Proof, WayOut
from installer.preflight.offer_facts import (
    lacks_ha,
    postgres_geo_backup,
    postgres_restriction,
    postgres_sizes,
    postgres_versions,
    size_problem,
    vm_sizes,
)
from installer.preflight.offer_reads import kubernetes_versions, machine_sizes, postgres_offer
from installer.preflight.other_sizes import alike, common, size_key
from installer.preflight.reads import NotVisible
from installer.preflight.region_ranking import elsewhere
from installer.resource_id import subscription_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.jsontypes import Json
    from installer.preflight.footprint import Machines, Server
    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

_MAX_OTHERS: Final = 3


def _entries(subject: Subject) -> Iterator[Entry]:
    pools, databases = list(machines(subject.bodies)), list(servers(subject.bodies))
    subject.arm.ahead(machine_sizes(one.subscription, one.region) for one in pools)
    subject.arm.ahead(postgres_offer(one.subscription, one.region) for one in databases)
    subject.arm.ahead(
        kubernetes_versions(subscription_of(body.id), as_text(body.body.get("location")))
        for body in subject.bodies
        if body.type.lower() == CLUSTER
    )
    for part in (_pools(subject, pools), _databases(subject, databases), _versions(subject)):
        try:
            yield from part
        except NotVisible as unseen:
            yield NotChecked(unseen.what, unseen.why)


# -- VM sizes ----------------------------------------------------------------------------------------------------


def _pools(subject: Subject, pools: list[Machines]) -> Iterator[Entry]:
    right: dict[str, None] = {}
    wrong: dict[tuple[str, str], list[Machines]] = defaultdict(list)
    for pool in pools:
        request = machine_sizes(pool.subscription, pool.region)
        listed = vm_sizes(subject.arm.every(request))
        if not listed:  # the check of providers names a region that does not exist
            yield NotChecked(f"VM sizes in {pool.region}", "Azure lists none there")
            continue
        problem = size_problem(listed.get(pool.size.lower()), pool.zones)
        if problem:
            wrong[f"the VM size {pool.size} {problem}: {pool.region}", pool.subscription].append(pool)
        elif reason := subject.arm.assumed(request):
            yield NotChecked(f"whether {pool.size} is available in {pool.region}", reason)
        else:
            right[f"{pool.size} in {pool.region}"] = None
    yield from (_unavailable(subject, what, some) for (what, _), some in wrong.items())
    if right:
        yield Proof(f"VM sizes: {', '.join(right)}")


def _unavailable(subject: Subject, what: str, pools: list[Machines]) -> Finding:
    """A size that node pools of one region cannot have; another size is one for all of them."""
    pool = pools[0]
    listed = vm_sizes(subject.arm.every(machine_sizes(pool.subscription, pool.region)))
    keys = dict.fromkeys(size_key(subject, one) for one in pools)
    others = [one for one in alike(pool.size, listed, pool.zones) if all(_fits(listed, one, each) for each in pools)]
    ways = tuple(WayOut(f"use {name}", tuple((key, name) for key in keys)) for name in others[:_MAX_OTHERS])
    return Finding(
        "blocks",
        what,
        pool.owner,
        "Azure creates no node of this size, and the cluster fails",
        (*ways, *elsewhere(subject, pool.region))
        or (WayOut("ask for access to the size: Help + support in the portal, Service and subscription limits"),),
        "SkuNotAvailable",
    )


def _fits(listed: Mapping[str, Mapping[str, Json]], name: str, pool: Machines) -> bool:
    return not size_problem(listed.get(name.lower()), pool.zones)


# -- PostgreSQL --------------------------------------------------------------------------------------------------


def _databases(subject: Subject, databases: list[Server]) -> Iterator[Entry]:
    named: set[str] = set()
    for server in databases:
        request = postgres_offer(server.subscription, server.region)
        found = list(_server_entries(subject, server, subject.arm.every(request)))
        yield from (one for one in found if not isinstance(one, Finding) or one.what not in named)
        named |= {one.what for one in found if isinstance(one, Finding)}
        if not found and (reason := subject.arm.assumed(request)):
            yield NotChecked(f"PostgreSQL {server.size} in {server.region}", reason)
        elif not found:
            yield Proof(f"PostgreSQL {server.version}, {server.size} in {server.region}")


def _server_entries(subject: Subject, server: Server, offers: list[dict[str, Json]]) -> Iterator[Entry]:
    reason = postgres_restriction(offers)
    if reason is not None:
        yield Finding(
            "blocks",
            f"this subscription may not create PostgreSQL servers in {server.region}"
            + (f": {reason}" if reason else ""),
            server.id,
            "Azure refuses the server",
            (
                *elsewhere(subject, server.region),
                WayOut("ask for access to this region: aka.ms/postgres-request-quota-increase"),
            ),
            "LocationIsOfferRestricted",
        )
        return
    yield from _size_entries(subject, server, offers)
    versions = postgres_versions(offers)
    if not versions:
        yield NotChecked(f"versions of PostgreSQL in {server.region}", "Azure lists none there")
    elif server.version not in versions:
        yield Finding(
            "blocks",
            f"PostgreSQL {server.version} is not offered in {server.region}",
            server.id,
            "Azure refuses the server",
            (
                *(WayOut(f"use version {one}", (("data.postgres_version", one),)) for one in versions[:_MAX_OTHERS]),
                *elsewhere(subject, server.region),
            ),
            "ParameterOutOfRange",
        )
    if server.geo_backup:
        yield from _geo_backup(subject, server, offers)


def _size_entries(subject: Subject, server: Server, offers: list[dict[str, Json]]) -> Iterator[Entry]:
    skus = postgres_sizes(offers)
    sku = skus.get(server.size)
    if not skus:
        yield NotChecked(f"sizes of PostgreSQL in {server.region}", "Azure lists none there")
    elif sku is None:
        alike = sorted(skus, key=lambda name: (-common(name, server.size), name))[:_MAX_OTHERS]
        yield Finding(
            "blocks",
            f"PostgreSQL has no size {server.size} in {server.region}",
            server.id,
            "Azure refuses the server",
            tuple(WayOut(f"use {name}", (("sizing.postgres_size", name),)) for name in alike),
            "SkuNotAvailable",
        )
    elif lacks_ha(server, sku):
        yield Finding(
            "blocks",
            f"PostgreSQL {server.size} has no {server.ha} high availability in {server.region}",
            server.id,
            "Azure refuses the server",
            (*elsewhere(subject, server.region), WayOut("use no high availability", (("sizing.postgres_ha", False),))),
        )


def _geo_backup(subject: Subject, server: Server, offers: list[dict[str, Json]]) -> Iterator[Entry]:
    offered = postgres_geo_backup(offers)
    if offered is None:
        yield NotChecked(
            f"geo-redundant backups of PostgreSQL in {server.region}", "Azure does not say whether it has them"
        )
    elif not offered:
        yield Finding(
            "blocks",
            f"PostgreSQL has no geo-redundant backups in {server.region}",
            server.id,
            "Azure refuses the server",
            (WayOut("keep backups in the region", (("data.geo_backup", False),)), *elsewhere(subject, server.region)),
        )


# -- Kubernetes --------------------------------------------------------------------------------------------------


def _versions(subject: Subject) -> Iterator[Entry]:
    """The version that a new cluster gets: the templates name none, so it is the default of the region."""
    clusters = (body for body in subject.bodies if body.type.lower() == CLUSTER)
    for body in {(subscription_of(one.id), as_text(one.body.get("location"))): one for one in clusters}.values():
        region = as_text(body.body.get("location"))
        request = kubernetes_versions(subscription_of(body.id), region)
        found = objects_of((subject.arm.find(request) or {}).get("values"))
        default = next((as_text(one.get("version")) for one in found if one.get("isDefault") is True), "")
        if reason := subject.arm.assumed(request):
            yield NotChecked(f"the version of Kubernetes of new clusters in {region}", reason)
        elif default in MANIFEST_VERSIONS:
            yield Proof(f"Kubernetes {default} in {region}")
        elif default:
            yield Finding(
                "warns",
                f"new clusters in {region} get Kubernetes {default}",
                body.id,
                f"the manifests of this installer are validated for {', '.join(MANIFEST_VERSIONS)}",
                (WayOut("use a version of the installer that knows this version of Kubernetes"),),
            )
        else:
            yield NotChecked(f"the version of Kubernetes of new clusters in {region}", "Azure lists no default version")


SIZES: Final = Check("sizes", "Sizes and versions", _entries)
