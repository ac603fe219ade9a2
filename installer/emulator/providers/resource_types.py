"""Azure's resource providers with their types: locations, API versions and zones."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING, Final

from installer.emulator.errors import ArmError
from installer.emulator.providers.clouds import regions
from installer.emulator.providers.data_files import load
from installer.json_access import JsonObject, as_list, as_object, as_text, member, strings
from installer.type_schemas.schemas import members_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.emulator.survey import Survey
    from installer.jsontypes import Json

_ZONAL: Final = {
    f"microsoft.compute/{kind}"
    for kind in ("virtualmachines", "virtualmachinescalesets", "disks", "capacityreservations")
}
"""Zonal types without a schema here (learn.microsoft.com, azure/virtual-machines/create-portal-availability-zone)."""
_ZONE_REDUNDANT: Final = {"microsoft.storage/storageaccounts"}
"""Types with zones at the top level that are zone-redundant all the same: template-functions-resource#pickzones."""


@cache
def namespaces() -> dict[str, str]:
    """Every namespace of Azure by its lower-case name; of some only the name is known."""
    other = [as_text(name) for name in as_list(member(load("seed"), "other"))]
    return {name.lower(): name for name in (*as_object(load("api_versions")), *other)}


@cache
def _types(namespace: str, cloud: str) -> list[Json]:
    """The resource types of a namespace with display names of locations and API versions, newest first."""
    places = strings([as_text(region["displayName"]) for region in regions(cloud)])
    global_names = {as_text(name).lower() for name in as_list(member(load("seed"), "global"))}
    result: list[Json] = []
    for name, versions in as_object(member(load("api_versions"), namespace)).items():
        is_global = bool({namespace.lower(), f"{namespace}/{name}".lower()} & global_names)
        kind: JsonObject = {
            "resourceType": name,
            "locations": ["global"] if is_global else places,
            "apiVersions": versions,
            "capabilities": "CrossResourceGroupResourceMove, CrossSubscriptionResourceMove, SupportsTags",
        }
        result.append(kind)
    return result


def closed_regions(cloud: str, survey: Survey) -> dict[str, set[str]]:
    """Regions, by their display names, that do not offer a resource type according to the survey."""
    found: dict[str, set[str]] = defaultdict(set)
    for region in regions(cloud):
        surveyed = survey.region(as_text(region["name"]))
        for kind in surveyed.unavailable if surveyed else ():
            found[kind.lower()].add(as_text(region["displayName"]))
    return found


def _surveyed(closed: Mapping[str, set[str]], namespace: str, kind: JsonObject) -> Json:
    """A resource type without the regions that do not offer it."""
    gone = closed.get(f"{namespace}/{as_text(kind.get('resourceType'))}".lower(), set())
    return {**kind, "locations": [place for place in as_list(kind["locations"]) if place not in gone]} if gone else kind


def resource_types(
    namespace: str, cloud: str, survey: Survey, closed: Mapping[str, set[str]] | None = None
) -> list[Json]:
    """The types of a namespace without the regions that the survey names as closed."""
    gone = closed_regions(cloud, survey) if closed is None else closed
    return [_surveyed(gone, namespace, as_object(one)) for one in _types(namespace, cloud)]


def known_namespace(name: str) -> str:
    """A namespace in Azure's spelling; ArmError for an unknown one."""
    found = namespaces().get(name.lower())
    if found is None:
        raise ArmError(404, "InvalidResourceNamespace", f"The resource namespace '{name}' is invalid.")
    return found


def zonal(resource_type: str) -> bool:
    """Whether a type can be placed in zones: "zonal resources typically have a `zones` property at the top level".

    Source: learn.microsoft.com, azure/azure-resource-manager/templates/template-functions-resource#pickzones.
    """
    key = resource_type.lower()
    return key in _ZONAL or (key not in _ZONE_REDUNDANT and "zones" in members_of(resource_type))
