"""Offers of a region and their usage: quotas, SKUs, capabilities, versions, zones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.protocol.paging import page
from installer.emulator.protocol.request import ArmRequest, answer
from installer.emulator.protocol.routes import Route
from installer.emulator.providers import region_catalogue
from installer.emulator.providers.clouds import regions
from installer.emulator.providers.cluster_versions import offered, patch, upgrades
from installer.emulator.providers.quotas import usages
from installer.json_access import JsonObject, as_list, as_text, strings
from installer.resource_id import normalised_location

if TYPE_CHECKING:
    from starlette.responses import Response

    from installer.jsontypes import Json

_LOCATION = re.compile(r"location\s+eq\s+'([^']*)'", re.IGNORECASE)


def _region(request: ArmRequest) -> str:
    """The region in the path; ArmError for an unknown name."""
    location = normalised_location(request.parts["location"])
    if region_catalogue.region(location) is None:
        raise ArmError(
            400, "NoRegisteredProviderFound", f"No registered resource provider found for location '{location}'."
        )
    return location


def _usages(namespace: str, tail: str = "usages") -> Route:
    async def list_usages(request: ArmRequest) -> Response:
        subscription, location = request.subscription().id, _region(request)
        prefix = f"/subscriptions/{subscription}/providers/{namespace}/locations/{location}/{tail}"
        found: list[Json] = [
            {
                "id": f"{prefix}/{usage.name}",
                "unit": "Count",
                "currentValue": usage.current,
                "limit": usage.limit,
                "name": {"value": usage.name, "localizedValue": usage.label},
            }
            for usage in usages(request.emulator.resources, request.emulator.survey, namespace, subscription, location)
        ]
        return page(request, found)

    return Route(f"{_SUBSCRIPTION}/providers/{namespace}/locations/{{location}}/{tail}", {"GET": list_usages})


async def _environment_usages(request: ArmRequest) -> Response:
    """Limits of one Container Apps environment; only those of a survey are known."""
    subscription, group = request.subscription().id, request.parts["group"]
    environment = (
        f"/subscriptions/{subscription}/resourceGroups/{group}/providers/{_ENVIRONMENTS}/{request.parts['name']}"
    )
    resource = request.emulator.resources.get(environment)
    if resource is None:
        raise ArmError(404, "ResourceNotFound", f"The Resource '{environment}' was not found.")
    found: list[Json] = [
        {
            "name": {"value": item.name, "localizedValue": item.name},
            "unit": "Count",
            "currentValue": item.current,
            "limit": item.limit,
        }
        for item in request.emulator.survey.quotas
        if item.provider.lower() == "microsoft.app"
        and item.location == resource.location
        and item.name.lower().startswith("managedenvironment")
        and item.name.lower().endswith("cores")
    ]
    return page(request, found)


async def _skus(request: ArmRequest) -> Response:
    request.subscription()
    wanted = _LOCATION.search(request.query.get("$filter", ""))
    if wanted is not None:
        return page(request, region_catalogue.skus(wanted[1], request.emulator.survey))
    every = [as_text(region["name"]) for region in regions(request.emulator.directory.cloud)]
    return page(request, [sku for name in every for sku in region_catalogue.skus(name, request.emulator.survey)])


async def _capabilities(request: ArmRequest) -> Response:
    request.subscription()
    return page(request, [region_catalogue.capabilities(_region(request), request.emulator.survey)])


async def _geo_regions(request: ArmRequest) -> Response:
    """The regions in which App Service offers plans."""
    prefix = f"/subscriptions/{request.subscription().id}/providers/Microsoft.Web/geoRegions"
    found: list[Json] = []
    for region in regions(request.emulator.directory.cloud):
        name, shown = as_text(region["name"]), region["displayName"]
        surveyed = request.emulator.survey.region(name)
        if surveyed is None or "microsoft.web/serverfarms" not in {item.lower() for item in surveyed.unavailable}:
            properties: JsonObject = {"name": shown, "displayName": shown, "orgDomain": "PUBLIC;LINUX;XENON;DYNAMIC"}
            where = f"{prefix}/{shown}"
            found.append({"id": where, "name": shown, "type": "Microsoft.Web/geoRegions", "properties": properties})
    return page(request, found)


async def _kubernetes(request: ArmRequest) -> Response:
    """Versions of AKS: those of a survey, else the usual ones."""
    request.subscription()
    location = _region(request)
    survey = request.emulator.survey
    values: list[Json] = []
    for version, default in offered(location, survey):
        patches: JsonObject = {patch(version): {"upgrades": strings(upgrades(patch(version), location, survey))}}
        values.append(
            {
                "version": version,
                "isDefault": default,
                "capabilities": {"supportPlan": ["KubernetesOfficial"]},
                "patchVersions": patches,
            }
        )
    return answer(200, {"values": values})


async def _workload_profiles(request: ArmRequest) -> Response:
    """Workload profiles of Container Apps environments: the documented dedicated ones, and Consumption."""
    prefix = f"/subscriptions/{request.subscription().id}/providers/Microsoft.App/locations/{_region(request)}"
    found: list[Json] = []
    for name, cores, memory in (
        ("Consumption", 4, 8),
        *((f"D{size}", size, size * 4) for size in (4, 8, 16, 32)),
        *((f"E{size}", size, size * 8) for size in (4, 8, 16, 32)),
    ):
        properties: JsonObject = {
            "category": "Consumption"
            if name == "Consumption"
            else "GeneralPurpose"
            if name[0] == "D"
            else "MemoryOptimized",
            "applicability": "LocationDefault",
            "cores": cores,
            "memoryGiB": memory,
            "displayName": name,
        }
        where = f"{prefix}/availableManagedEnvironmentsWorkloadProfileTypes/{name}"
        found.append({"id": where, "name": name, "properties": properties})
    return page(request, found)


async def _zone_peers(request: ArmRequest) -> Response:
    """Maps logical zones of other subscriptions to those of this one by their physical zone."""
    own, body = request.subscription().id, await request.body()
    location = normalised_location(as_text(body.get("location")))
    own_zones = region_catalogue.zone_mappings(own, location, request.emulator.survey)
    others = {}
    for item in as_list(body.get("subscriptionIds")):
        other = as_text(item).removeprefix("subscriptions/")
        others[other] = {
            physical: logical
            for logical, physical in region_catalogue.zone_mappings(other, location, request.emulator.survey).items()
        }
    peers: list[Json] = [
        {
            "availabilityZone": zone,
            "peers": [
                {"subscriptionId": other, "availabilityZone": zones[physical]}
                for other, zones in others.items()
                if physical in zones
            ],
        }
        for zone, physical in own_zones.items()
    ]
    return answer(200, {"subscriptionId": own, "location": location, "availabilityZonePeers": peers})


_SUBSCRIPTION = "/subscriptions/{subscription}"
_ENVIRONMENTS = "Microsoft.App/managedEnvironments"
ROUTES = [
    Route(
        f"{_SUBSCRIPTION}/resourceGroups/{{group}}/providers/{_ENVIRONMENTS}/{{name}}/usages",
        {"GET": _environment_usages},
    ),
    *(
        _usages(namespace)
        for namespace in (
            "Microsoft.App",
            "Microsoft.Compute",
            "Microsoft.Network",
            "Microsoft.Storage",
            "Microsoft.Web",
        )
    ),
    _usages("Microsoft.DBforPostgreSQL", "resourceType/flexibleServers/usages"),
    Route(f"{_SUBSCRIPTION}/providers/Microsoft.Compute/skus", {"GET": _skus}),
    Route(
        f"{_SUBSCRIPTION}/providers/Microsoft.DBforPostgreSQL/locations/{{location}}/capabilities",
        {"GET": _capabilities},
    ),
    Route(f"{_SUBSCRIPTION}/providers/Microsoft.Web/geoRegions", {"GET": _geo_regions}),
    Route(
        f"{_SUBSCRIPTION}/providers/Microsoft.ContainerService/locations/{{location}}/kubernetesVersions",
        {"GET": _kubernetes},
    ),
    Route(
        f"{_SUBSCRIPTION}/providers/Microsoft.App/locations/{{location}}"
        "/availableManagedEnvironmentsWorkloadProfileTypes",
        {"GET": _workload_profiles},
    ),
    Route(f"{_SUBSCRIPTION}/providers/Microsoft.Resources/checkZonePeers", {"POST": _zone_peers}),
]
