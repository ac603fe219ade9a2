"""Offers of the regions: resource types, zones, VM sizes, PostgreSQL editions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.emulator.errors import ArmError
from installer.emulator.ids import derived_hex
from installer.emulator.providers.data_files import load
from installer.emulator.providers.quotas import sizes
from installer.json_access import JsonObject, as_list, as_object, as_text, member, strings
from installer.resource_id import normalised_location

if TYPE_CHECKING:
    from collections.abc import Callable

    from installer.emulator.providers.provider import ProviderContext
    from installer.emulator.survey import Survey
    from installer.jsontypes import Json

SAME_ZONE_HA: Final = "SameZone"
ZONAL_HA: Final = "ZoneRedundant"
"""Modes of high availability of PostgreSQL."""


def region(location: str) -> JsonObject | None:
    """The entry of a region, or None for an unknown name."""
    wanted = normalised_location(location)
    return next((as_object(item) for item in as_list(load("regions")) if member(item, "name") == wanted), None)


def zones_of(location: str) -> list[str]:
    """The logical zones of a region; a region that is not listed (of another cloud) is assumed to have three."""
    count = (region(location) or {"zones": 3}).get("zones")
    return [str(zone + 1) for zone in range(count)] if isinstance(count, int) else []


def zone_mappings(subscription: str, location: str, survey: Survey) -> dict[str, str]:
    """Logical to physical zones: the surveyed ones, else an order derived from the subscription."""
    name = normalised_location(location)
    surveyed = survey.region(name)
    if surveyed is not None and surveyed.zones:
        return dict(surveyed.zones)
    count = len(zones_of(name))
    shift = int(derived_hex(f"/subscriptions/{subscription}/locations", name, 4), 16) % count if count else 0
    return {str(zone + 1): f"{name}-az{(zone + shift) % count + 1}" for zone in range(count)}


def check_offer(context: ProviderContext) -> None:
    """Refuses a type that its region does not offer according to the survey (ArmError)."""
    surveyed = context.survey.region(context.location)
    if surveyed is None or context.resource.type.lower() not in {item.lower() for item in surveyed.unavailable}:
        return
    raise ArmError(
        400,
        "LocationNotAvailableForResourceType",
        f"The provided location '{context.location}' is not available for resource type '{context.resource.type}'.",
    )


def skus(location: str, survey: Survey) -> list[Json]:
    """Compute's SKUs in a region, with zones, capabilities and restrictions of the subscription."""
    found = region(location)
    name = as_text((found or {}).get("name"))
    return [_sku(size.name, name, survey) for size in sizes().values()] if found else []


def _sku(size_name: str, location: str, survey: Survey) -> JsonObject:
    size, zones = sizes()[size_name.lower()], strings(zones_of(location))
    capabilities = {
        "vCPUs": str(size.cores),
        "MemoryGB": str(size.memory),
        "MaxResourceVolumeMB": str(size.disk * 1024),
        "PremiumIO": "True",
        "AcceleratedNetworkingEnabled": str(size.accelerated),
        "EphemeralOSDiskSupported": str(size.disk > 0),
        "CpuArchitectureType": "x64",
    }
    return {
        "resourceType": "virtualMachines",
        "name": size.name,
        "tier": "Standard",
        "size": size.name.removeprefix("Standard_"),
        "family": size.family,
        "locations": [location],
        "locationInfo": [{"location": location, "zones": zones, "zoneDetails": []}],
        "capabilities": [{"name": name, "value": value} for name, value in capabilities.items()],
        "restrictions": _restrictions("virtualMachines", size.name, location, survey),
    }


def _restrictions(kind: str, name: str, location: str, survey: Survey) -> list[Json]:
    found: list[Json] = []
    for item in survey.sku_restrictions:
        same = (item.resource_type.lower(), normalised_location(item.location)) == (kind.lower(), location)
        if not same or item.ha_modes or item.name.lower() not in {"", name.lower()}:
            continue
        info: JsonObject = (
            {"locations": [location], "zones": [*item.zones]} if item.zones else {"locations": [location]}
        )
        found.append(
            {
                "type": "Zone" if item.zones else "Location",
                "values": [location],
                "restrictionInfo": info,
                "reasonCode": item.reason,
            }
        )
    return found


def versions() -> list[str]:
    """Major versions of PostgreSQL on offer."""
    return [as_text(item) for item in as_list(member(load("postgresql"), "versions"))]


def known_size(tier: str, name: str) -> bool:
    """Whether PostgreSQL is offered in a size of a tier, or of any tier when `tier` is empty."""
    editions = [
        item for item in as_list(member(load("postgresql"), "editions")) if member(item, "name") == tier or not tier
    ]
    return any(name.lower() in {size.lower() for size in as_object(member(item, "sizes"))} for item in editions)


def capabilities(location: str, survey: Survey) -> JsonObject:
    """PostgreSQL's capabilities in a region."""
    zones = zones_of(location)
    restriction = survey.restriction("flexibleServers", normalised_location(location), "")
    editions: list[Json] = [
        _edition(as_object(item), zones, lambda size: ha_modes(size, location, survey))
        for item in as_list(member(load("postgresql"), "editions"))
    ]
    zonal = ZONAL_HA in ha_modes("", location, survey)
    paired = as_text((region(location) or {}).get("paired"))
    shown: JsonObject = {
        "name": "FlexibleServerCapabilities",
        "supportedServerEditions": [] if restriction else editions,
        "supportedServerVersions": [{"name": version, "supportedVersionsToUpgrade": []} for version in versions()],
        "geoBackupSupported": "Enabled" if paired else "Disabled",
        "zoneRedundantHaSupported": "Enabled" if zonal else "Disabled",
        "zoneRedundantHaAndGeoBackupSupported": "Enabled" if zonal and paired else "Disabled",
        "storageAutoGrowthSupported": "Enabled",
        "onlineResizeSupported": "Enabled",
        "restricted": "Enabled" if restriction else "Disabled",
    }
    if restriction is not None:
        shown |= {"status": "Disabled", "reason": restriction.reason}
    return shown


def ha_modes(size: str, location: str, survey: Survey) -> list[str]:
    """Modes of high availability of a size of PostgreSQL ("": of the region), but for the tier Burstable, which has none.

    Some regions with zones take no new servers with zone redundancy, so the capabilities list the modes of each size. Sources:
    learn.microsoft.com, azure/postgresql/flexible-server/how-to-resolve-capacity-errors; REST API, Capabilities By Location - List
    (supportedHaMode).
    """
    known = (SAME_ZONE_HA, ZONAL_HA) if zones_of(location) else (SAME_ZONE_HA,)
    return [mode for mode in known if not survey.lacks_ha(mode, location, size)]


def _edition(item: JsonObject, zones: list[str], modes: Callable[[str], list[str]]) -> JsonObject:
    burstable = item["name"] == "Burstable"
    sizes_: list[Json] = [
        {
            "name": name,
            "vCores": figures[0],
            "supportedMemoryPerVcoreMb": _per_core(figures),
            "supportedZones": strings(zones),
            "supportedHaMode": [] if burstable else strings(modes(name)),
        }
        for name, entry in as_object(item["sizes"]).items()
        if (figures := as_list(entry))
    ]
    storage: list[Json] = [
        {"storageSizeMb": size * 1024}
        for size in as_list(member(load("postgresql"), "storage"))
        if isinstance(size, int)
    ]
    return {
        "name": item["name"],
        "defaultSkuName": item["default"],
        "supportedStorageEditions": [{"name": "ManagedDisk", "supportedStorageMb": storage}],
        "supportedServerSkus": sizes_,
    }


def _per_core(figures: list[Json]) -> int:
    cores, memory = figures
    return memory * 1024 // cores if isinstance(cores, int) and isinstance(memory, int) else 0
