"""Check: sizes, zones and versions that the plan needs are on offer to the subscription in each region.

Sources: Resource Skus - List (restrictions: type Location or Zone, reasonCode), Capabilities By Location of PostgreSQL
(restricted, supportedServerEditions, zoneRedundantHaSupported), Managed Clusters - List Kubernetes Versions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.json_access import as_list, as_text, member, objects_of
from installer.preflight.footprint import CLUSTER, machines, servers
from installer.preflight.model import Check, Finding, NotChecked, Proof, WayOut
from installer.preflight.offer_reads import kubernetes_versions, machine_sizes, postgres_offer
from installer.preflight.reads import NotVisible
from installer.resource_id import subscription_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.estate.parameters.context import Site
    from installer.jsontypes import Json
    from installer.preflight.footprint import Machines, Server
    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

_MAX_OTHERS: Final = 3
MANIFEST_VERSIONS: Final = ("1.34", "1.35", "1.36")
"""Versions of Kubernetes whose schemas the manifests satisfy (tests/estate)."""


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
    for pool in pools:
        request = machine_sizes(pool.subscription, pool.region)
        listed = {
            as_text(one.get("name")).lower(): one
            for one in subject.arm.every(request)
            if one.get("resourceType") == "virtualMachines"
        }
        zones = _zones(subject, pool)
        sku = listed.get(pool.size.lower())
        problem = "does not exist there" if sku is None else _restricted(sku, zones)
        if problem:
            yield _unavailable(subject, pool, problem, listed, zones)
        else:
            right[f"{pool.size} in {pool.region}"] = None
    if right:
        yield Proof(f"VM sizes: {', '.join(right)}")


def _zones(subject: Subject, pool: Machines) -> tuple[str, ...]:
    """Zones of a node pool."""
    for body in subject.bodies:
        if body.id.lower() == pool.owner.lower():
            return tuple(map(str, as_list(member(body.body, "properties", "availabilityZones"))))
        if pool.owner.lower().startswith(f"{body.id.lower()}/agentpools/"):
            for profile in objects_of(member(body.body, "properties", "agentPoolProfiles")):
                if pool.owner.lower().endswith(f"/{as_text(profile.get('name')).lower()}"):
                    return tuple(map(str, as_list(profile.get("availabilityZones"))))
    return ()


def _restricted(sku: Mapping[str, Json], zones: tuple[str, ...]) -> str:
    """Why a size cannot be used, "" if it can."""
    for one in objects_of(sku.get("restrictions")):
        reason = as_text(one.get("reasonCode")) or "NotAvailableForSubscription"
        if one.get("type") == "Location":
            return f"is not available to this subscription ({reason})"
        closed = {str(zone) for zone in as_list(member(one, "restrictionInfo", "zones"))} & set(zones)
        if closed:
            return f"is not available in zone {', '.join(sorted(closed))} ({reason})"
    offered = {str(zone) for info in objects_of(sku.get("locationInfo")) for zone in as_list(info.get("zones"))}
    missing = set(zones) - offered
    return f"does not exist in zone {', '.join(sorted(missing))}" if missing else ""


def _unavailable(
    subject: Subject, pool: Machines, problem: str, listed: Mapping[str, Mapping[str, Json]], zones: tuple[str, ...]
) -> Finding:
    system = pool.owner.lower().endswith("/system")
    key = "sizing.system_node_size" if system else _key_of(subject, pool)
    others = _alike(pool.size, listed, zones)
    ways = tuple(WayOut(f"use {name}", ((key, name),)) for name in others)
    return Finding(
        "blocks",
        f"the VM size {pool.size} {problem}: {pool.region}",
        pool.owner,
        "Azure creates no node of this size, and the cluster fails",
        ways or (WayOut("use another region: no size with as many cores is available there"),),
        "SkuNotAvailable",
    )


def _key_of(subject: Subject, pool: Machines) -> str:
    """The answer with the size of the nodes for flow runs: that of the environment if it has one."""
    site: Site | None = next(
        (
            one
            for one in subject.it.sites
            if f"/{subject.it.names.kubernetes(one.name).lower()}/" in f"{pool.owner.lower()}/"
        ),
        None,
    )
    return f"{site.name}.node_size" if site and site.own.node_size else "sizing.node_size"


def _alike(size: str, listed: Mapping[str, Mapping[str, Json]], zones: tuple[str, ...]) -> list[str]:
    """Available sizes with as many cores, those most alike in name first."""
    wanted = _capability(listed.get(size.lower(), {}), "vCPUs") or "".join(
        filter(str.isdigit, size.removeprefix("Standard_").split("_")[0])
    )
    fitting = [
        as_text(one.get("name"))
        for one in listed.values()
        if _capability(one, "vCPUs") == wanted
        and as_text(one.get("name")).lower() != size.lower()
        and _capability(one, "CpuArchitectureType") != "Arm64"
        and not _restricted(one, zones)
        and not as_text(one.get("name")).startswith(("Standard_B", "Basic_", "Standard_N"))
    ]
    return sorted(fitting, key=lambda name: (-_common(name, size), name))[:_MAX_OTHERS]


def _common(one: str, other: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _capability(sku: Mapping[str, Json], name: str) -> str:
    return next(
        (as_text(one.get("value")) for one in objects_of(sku.get("capabilities")) if one.get("name") == name), ""
    )


# -- PostgreSQL --------------------------------------------------------------------------------------------------


def _databases(subject: Subject, databases: list[Server]) -> Iterator[Entry]:
    for server in databases:
        request = postgres_offer(server.subscription, server.region)
        offers = subject.arm.every(request)
        found = list(_server_findings(server, offers))
        yield from found
        if offers and not found:
            yield Proof(f"PostgreSQL {server.size} in {server.region}")


def _server_findings(server: Server, offers: list[dict[str, Json]]) -> Iterator[Finding]:
    if any(one.get("restricted") == "Enabled" for one in offers):
        reason = next((as_text(one.get("reason")) for one in offers if one.get("reason")), "")
        yield Finding(
            "blocks",
            f"this subscription may not create PostgreSQL servers in {server.region}"
            + (f": {reason}" if reason else ""),
            server.id,
            "Azure refuses the server",
            (
                WayOut("use another region for the installation"),
                WayOut("ask for access to this region: aka.ms/postgres-request-quota-increase"),
            ),
            "LocationIsOfferRestricted",
        )
        return
    skus = {
        as_text(sku.get("name")): sku
        for one in offers
        for edition in objects_of(one.get("supportedServerEditions"))
        for sku in objects_of(edition.get("supportedServerSkus"))
    }
    if not skus:
        return
    sku = skus.get(server.size)
    if sku is None:
        key = "sizing.postgres_size"
        alike = sorted(skus, key=lambda name: (-_common(name, server.size), name))[:_MAX_OTHERS]
        yield Finding(
            "blocks",
            f"PostgreSQL has no size {server.size} in {server.region}",
            server.id,
            "Azure refuses the server",
            tuple(WayOut(f"use {name}", ((key, name),)) for name in alike),
            "SkuNotAvailable",
        )
    elif server.ha != "Disabled" and server.ha not in map(str, as_list(sku.get("supportedHaMode"))):
        yield Finding(
            "blocks",
            f"PostgreSQL {server.size} has no {server.ha} high availability in {server.region}",
            server.id,
            "Azure refuses the server",
            (WayOut("use no high availability", (("sizing.postgres_ha", False),)),),
        )


# -- Kubernetes --------------------------------------------------------------------------------------------------


def _versions(subject: Subject) -> Iterator[Entry]:
    """The version that a new cluster gets: the templates name none, so it is the default of the region."""
    for body in subject.bodies:
        if body.type.lower() != CLUSTER:
            continue
        region = as_text(body.body.get("location"))
        request = kubernetes_versions(subscription_of(body.id), region)
        found = objects_of((subject.arm.find(request) or {}).get("values"))
        default = next((as_text(one.get("version")) for one in found if one.get("isDefault") is True), "")
        if default in MANIFEST_VERSIONS:
            yield Proof(f"Kubernetes {default} in {region}")
        elif default:
            yield Finding(
                "warns",
                f"new clusters in {region} get Kubernetes {default}",
                body.id,
                f"the manifests of this installer are validated for {', '.join(MANIFEST_VERSIONS)}",
                (WayOut("use a version of the installer that knows this version of Kubernetes"),),
            )


SIZES: Final = Check("sizes", "Sizes and versions", _entries)
