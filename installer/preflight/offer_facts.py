"""Judgements over what Azure offers in a region: VM sizes with their zones, PostgreSQL, cores. Pure.

Sources: Resource Skus - List (restrictions: type Location or Zone, reasonCode; locationInfo), Capabilities By Location of
PostgreSQL (restricted, supportedServerEditions, supportedHaMode).
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from installer.json_access import as_list, as_text, member, objects_of
from installer.resource_id import parent_id_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from installer.jsontypes import Json
    from installer.preflight.footprint import Machines, Server

CORES: Final = "cores"
"""Name of the limit of all cores in a region."""


def vm_sizes(listed: Iterable[dict[str, Json]]) -> dict[str, dict[str, Json]]:
    """VM sizes by name in lower case."""
    return {as_text(one.get("name")).lower(): one for one in listed if one.get("resourceType") == "virtualMachines"}


def size_problem(sku: Mapping[str, Json] | None, zones: Iterable[str]) -> str:
    """Why a size cannot be used in zones, "" if it can."""
    if sku is None:
        return "does not exist there"
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


def capability(sku: Mapping[str, Json], name: str) -> str:
    """A capability of a SKU, "" without it."""
    return next(
        (as_text(one.get("value")) for one in objects_of(sku.get("capabilities")) if one.get("name") == name), ""
    )


def uncounted(sku: Mapping[str, Json] | None) -> bool:
    """Whether a size exists and lacks what its use of quotas is computed from."""
    return sku is not None and not (capability(sku, "vCPUs").isdecimal() and as_text(sku.get("family")))


def cores_wanted(
    pools: Iterable[Machines], sizes: Mapping[str, Mapping[str, Json]], running: Callable[[Machines], int]
) -> dict[str, int]:
    """Cores by family and in total: the largest size of the pools beyond what runs, and upgrades.

    A cluster upgrades its pools one after the other; clusters with the same maintenance window upgrade at the same time.
    """
    wanted: dict[str, int] = defaultdict(int)
    surge: dict[tuple[str, str], int] = defaultdict(int)
    for pool in pools:
        sku = sizes.get(pool.size.lower())
        if sku is None or uncounted(sku):
            continue  # named as missing, or as not counted
        each, family = int(capability(sku, "vCPUs")), as_text(sku.get("family"))
        wanted[family] += each * max(pool.most - running(pool), 0)
        upgraded = (parent_id_of(pool.owner).lower(), family)
        surge[upgraded] = max(surge[upgraded], each * pool.surge)
    largest: dict[str, int] = defaultdict(int)
    for (cluster, _), more in surge.items():
        largest[cluster] = max(largest[cluster], more)
    of_family = {
        family: number + sum(more for (_, other), more in surge.items() if other == family)
        for family, number in wanted.items()
    }
    return {**of_family, CORES: sum(wanted.values()) + sum(largest.values())}


def postgres_restriction(offers: Iterable[dict[str, Json]]) -> str | None:
    """Reason why a subscription may not create servers in a region, None if it may."""
    listed = list(offers)
    if not any(one.get("restricted") == "Enabled" for one in listed):
        return None
    return next((as_text(one.get("reason")) for one in listed if one.get("reason")), "")


def postgres_sizes(offers: Iterable[dict[str, Json]]) -> dict[str, dict[str, Json]]:
    """Sizes of PostgreSQL servers by name."""
    return {
        as_text(sku.get("name")): sku
        for one in offers
        for edition in objects_of(one.get("supportedServerEditions"))
        for sku in objects_of(edition.get("supportedServerSkus"))
    }


def postgres_versions(offers: Iterable[dict[str, Json]]) -> list[str]:
    """Major versions of PostgreSQL, the newest first."""
    listed = {as_text(one.get("name")) for offer in offers for one in objects_of(offer.get("supportedServerVersions"))}
    return sorted((one for one in listed if one.isdecimal()), key=int, reverse=True)


def postgres_geo_backup(offers: Iterable[dict[str, Json]]) -> bool | None:
    """Whether servers have geo-redundant backups, None if that is not known."""
    said = {as_text(offer.get("geoBackupSupported")).lower() for offer in offers} - {""}
    return "enabled" in said if said else None


def lacks_ha(server: Server, sku: Mapping[str, Json]) -> bool:
    """Whether a size has not the high availability that a server needs."""
    return server.ha != "Disabled" and server.ha not in map(str, as_list(sku.get("supportedHaMode")))


def usage_of(listed: Iterable[dict[str, Json]]) -> dict[str, dict[str, Json]]:
    """Lines of a usage list by both names in lower case."""
    return {name.lower(): one for one in listed for name in reversed(names_of(one))}


def names_of(usage: Mapping[str, Json]) -> tuple[str, str]:
    """Both names of a line of a usage list."""
    name = usage.get("name")
    return as_text(member(name, "value")), as_text(member(name, "localizedValue"))


def free_of(usage: Mapping[str, Json]) -> int | None:
    """Free part of a limit, None without a limit."""
    limit, used = whole(usage.get("limit")), whole(usage.get("currentValue"))
    return None if limit < 0 else max(limit - used, 0)


def whole(value: Json) -> int:
    """A figure of a usage list, 0 without one."""
    return int(value) if isinstance(value, (int, float)) else 0
