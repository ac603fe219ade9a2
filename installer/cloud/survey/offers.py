"""Registrations, regions, quotas, SKU restrictions and taken names."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from urllib.parse import quote

from installer.cloud.errors import AzureRefused
from installer.cloud.survey.reader import Reader
from installer.json_access import as_list, as_object, objects_of
from installer.jsontypes import Json

USAGES: Final = {
    "Microsoft.Compute": "usages?api-version=2024-07-01",
    "Microsoft.Network": "usages?api-version=2025-05-01",
    "Microsoft.Storage": "usages?api-version=2025-06-01",
    "Microsoft.App": "usages?api-version=2025-07-01",
    "Microsoft.Web": "usages?api-version=2024-11-01",
    "Microsoft.DBforPostgreSQL": "resourceType/flexibleServers/usages?api-version=2025-08-01",
}
"""Resource providers with quotas by region, and the end of the path of their lists. Sources: REST API Usage - List of Compute,
Networking and Storage, Usages - List of Container Apps, Get Usages In Location - List of App Service, Quota Usages - List of
PostgreSQL."""
NAME_CHECKS: Final = {
    "Microsoft.Storage/storageAccounts": "2025-06-01",
    "Microsoft.KeyVault/vaults": "2024-11-01",
    "Microsoft.ContainerRegistry/registries": "2025-04-01",
    "Microsoft.DBforPostgreSQL/flexibleServers": "2025-08-01",
    "Microsoft.Web/sites": "2025-03-01",
}
"""Resource types with globally unique names, and the API version of their name check."""
_ZONAL_HA: Final = "ZoneRedundant"
_HA_MODES: Final = ("SameZone", _ZONAL_HA)
"""Modes of high availability of PostgreSQL."""


def providers(it: Reader, subscription: str) -> tuple[dict[str, Json], list[dict[str, Json]]]:
    """Registrations, and the required resource types missing in each region."""
    it.progress("reading providers and regions")
    prefix = f"/subscriptions/{subscription}"
    providers = it.every(f"{prefix}/providers?api-version=2021-04-01", "resource providers")
    registrations: dict[str, Json] = {
        str(one["namespace"]): str(one.get("registrationState", "")) for one in providers if "namespace" in one
    }
    regions: list[dict[str, Json]] = []
    for one in it.every(f"{prefix}/locations?api-version=2022-12-01", "regions"):
        name, shown = str(one.get("name", "")), str(one.get("displayName", ""))
        if name not in it.wanted.regions:
            continue
        missing: list[Json] = [*sorted(_missing(it, providers, {name.lower(), shown.lower(), "global"}))]
        region: dict[str, Json] = {"name": name, "unavailable": missing}
        if zones := _zones(one):
            region["zones"] = zones
        regions.append(region)
    return registrations, regions


def _missing(it: Reader, providers: Iterable[Mapping[str, Json]], here: set[str]) -> Iterator[str]:
    for provider in providers:
        for one in objects_of(provider.get("resourceTypes")):
            kind = f"{provider.get('namespace')}/{one.get('resourceType')}"
            listed = {str(place).lower() for place in as_list(one.get("locations"))}
            if kind.lower() in it.wanted.types and listed and not listed & here:
                yield kind


def quotas(it: Reader, subscription: str, networks: int) -> Iterator[dict[str, Json]]:
    """Limits and their usage by others; `networks` virtual networks are in the survey itself and are not counted."""
    it.progress("reading quotas")
    for region in it.wanted.regions:
        for namespace, tail in USAGES.items():
            where = f"/subscriptions/{subscription}/providers/{namespace}/locations/{region}"
            for one in it.every(f"{where}/{tail}", f"quotas of {namespace} in {region}"):
                key = str(as_object(one.get("name")).get("value", ""))
                limit, used = _whole(one.get("limit")), _whole(one.get("currentValue"))
                if not key or limit < -1:
                    continue
                # The rehearsal counts the resources of the survey itself.
                used = max(0, used - networks) if key == "VirtualNetworks" else max(0, used)
                yield {"provider": namespace, "location": region, "name": key, "limit": limit, "current": used}


def restrictions(it: Reader, subscription: str) -> Iterator[dict[str, Json]]:
    """SKUs and PostgreSQL regions not available to the subscription; their lists count as whole if every region was read."""
    it.progress("reading SKU restrictions")
    prefix = f"/subscriptions/{subscription}/providers"
    before = len(it.unread)
    for region in it.wanted.regions:
        wanted = quote(f"location eq '{region}'")
        skus = it.every(f"{prefix}/Microsoft.Compute/skus?api-version=2021-07-01&$filter={wanted}", "sizes")
        for one in skus:
            if one.get("resourceType") == "virtualMachines":
                yield from _restricted(one, region)
        where = f"{prefix}/Microsoft.DBforPostgreSQL/locations/{region}/capabilities?api-version=2025-08-01"
        for one in it.every(where, "database capabilities"):
            if one.get("restricted") == "Enabled":
                reason = str(one.get("reason") or "NotAvailableForSubscription")
                yield {"resourceType": "flexibleServers", "location": region, "reason": reason}
            yield from _without_ha(one, region)
    if len(it.unread) == before:
        it.listed |= {"Microsoft.Compute/skus", "Microsoft.DBforPostgreSQL/locations/capabilities"}


def kubernetes(it: Reader, subscription: str) -> Iterator[dict[str, Json]]:
    """Versions of AKS."""
    for region in it.wanted.regions:
        where = (
            f"/subscriptions/{subscription}/providers/Microsoft.ContainerService/locations/{region}/kubernetesVersions"
        )
        found = it.one(f"{where}?api-version=2025-10-01", f"Kubernetes versions in {region}")
        for one in objects_of((found or {}).get("values")):
            default = one.get("isDefault") is True
            yield {"location": region, "version": str(one.get("version", "")), "isDefault": default}


def names(it: Reader, subscription: str) -> tuple[list[dict[str, Json]], list[dict[str, Json]]]:
    """Globally unique names that are taken, and those that are free. The check is a POST without side effects."""
    it.progress("checking name availability")
    mine = {(str(one.get("type", "")).lower(), str(one.get("name", "")).lower()) for one in _own(it, subscription)}
    taken: list[dict[str, Json]] = []
    free: list[dict[str, Json]] = []
    for kind, name in it.wanted.names:
        version = NAME_CHECKS.get(kind)
        if version is None or (kind.lower(), name.lower()) in mine:
            continue
        namespace = kind.partition("/")[0]
        where = f"/subscriptions/{subscription}/providers/{namespace}/checkNameAvailability?api-version={version}"
        try:
            body = it.service.ask("POST", where, {"name": name, "type": kind}, doing=f"check the name {name}").body
        except AzureRefused as refused:
            it.left_out(f"whether {name} is free", refused)
            continue
        if body.get("nameAvailable") is True:
            free.append({"type": kind, "name": name})
        elif body.get("reason") == "AlreadyExists":
            taken.append({"type": kind, "name": name})
    return taken, free


def _own(it: Reader, subscription: str) -> list[dict[str, Json]]:
    return it.every(f"/subscriptions/{subscription}/resources?api-version=2021-04-01", "resources")


def deleted(it: Reader, subscription: str) -> Iterator[dict[str, Json]]:
    """Soft-deleted key vaults, which still hold their names."""
    where = f"/subscriptions/{subscription}/providers/Microsoft.KeyVault/deletedVaults?api-version=2024-11-01"
    for one in it.every(where, "deleted vaults"):
        facts = as_object(one.get("properties"))
        yield {
            "name": str(one.get("name", "")),
            "location": str(facts.get("location", "")),
            "purgeProtection": facts.get("purgeProtectionEnabled") is True,
        }


def _zones(region: Mapping[str, Json]) -> dict[str, Json]:
    found = objects_of(region.get("availabilityZoneMappings"))
    return {str(one.get("logicalZone")): str(one.get("physicalZone")) for one in found}


def _restricted(sku: Mapping[str, Json], region: str) -> Iterator[dict[str, Json]]:
    for one in objects_of(sku.get("restrictions")):
        found: dict[str, Json] = {
            "resourceType": "virtualMachines",
            "location": region,
            "name": str(sku.get("name", "")),
            "reason": str(one.get("reasonCode") or "NotAvailableForSubscription"),
        }
        if one.get("type") == "Zone":
            found["zones"] = [str(zone) for zone in as_list(as_object(one.get("restrictionInfo")).get("zones"))]
        yield found


def _without_ha(capabilities: Mapping[str, Json], region: str) -> Iterator[dict[str, Json]]:
    """Sizes of PostgreSQL with the modes of high availability that they do not have; the tier Burstable has none anywhere."""
    known: tuple[str, ...] = _HA_MODES
    if capabilities.get("zoneRedundantHaSupported") == "Disabled":
        known = tuple(mode for mode in known if mode != _ZONAL_HA)
        yield {"resourceType": "flexibleServers", "location": region, "haModes": [_ZONAL_HA]}
    for edition in objects_of(capabilities.get("supportedServerEditions")):
        for size in objects_of(edition.get("supportedServerSkus")) if edition.get("name") != "Burstable" else ():
            if lacking := [mode for mode in known if mode not in as_list(size.get("supportedHaMode"))]:
                where = {"resourceType": "flexibleServers", "location": region, "name": str(size.get("name", ""))}
                yield {**where, "haModes": [*lacking]}


def _whole(value: Json) -> int:
    return int(value) if isinstance(value, (int, float)) else -2
