"""Settings of colleagues and policies on the resources of an installation, and whether deployments keep them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from installer.answers.model import Answers
from installer.estate.parameters import stages
from installer.json_access import JsonObject, as_list, as_object, member, objects_of
from installer.jsontypes import Json
from tests.emulator.deployments.deployed_estate import DeployedEstate

_RULE: Final[JsonObject] = {
    "name": "from-bastion",
    "properties": {
        "priority": 300,
        "direction": "Inbound",
        "access": "Allow",
        "protocol": "Tcp",
        "sourceAddressPrefix": "10.9.0.0/24",
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": "22",
    },
}
_ROUTE: Final[JsonObject] = {
    "name": "to-office",
    "properties": {"addressPrefix": "10.200.0.0/16", "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.0.0.9"},
}
_PLAN: Final[JsonObject] = {"id": "/subscriptions/0/resourceGroups/r/providers/Microsoft.Network/ddosProtectionPlans/p"}
_SETTINGS: Final[Mapping[str, JsonObject]] = {
    "microsoft.network/networksecuritygroups": {"securityRules": [_RULE]},
    "microsoft.network/routetables": {"routes": [_ROUTE]},
    "microsoft.network/virtualnetworks": {
        "dhcpOptions": {"dnsServers": ["10.200.0.10"]},
        "ddosProtectionPlan": _PLAN,
        "enableDdosProtection": True,
    },
    "microsoft.network/virtualnetworks/subnets": {"serviceEndpoints": [{"service": "Microsoft.Sql"}]},
    "microsoft.containerservice/managedclusters": {"addonProfiles": {"azurepolicy": {"enabled": True}}},
}
"""Properties that others add, by resource type in lower case."""
_APP_SETTING: Final[JsonObject] = {"TEAM_FLAG": "on"}
_SITES: Final = frozenset({"microsoft.web/sites", "microsoft.web/sites/slots"})


@dataclass(frozen=True)
class ByOthers:
    """Properties that others have added to a resource, or the app settings of a web app."""

    resource_id: str
    added: JsonObject


async def change(estate: DeployedEstate, answers: Answers) -> tuple[ByOthers, ...]:
    """Add settings to every resource of the answers whose type is listed above."""
    kept = {one.resource_id: one.api_version for spec in stages(answers) for one in spec.kept}
    resources = estate.azure.emulator.resources
    clusters = {one.id: one.api_version for one in resources.of_type("Microsoft.ContainerService/managedClusters")}
    found: list[ByOthers] = []
    for resource_id, version in {**kept, **clusters}.items():
        resource = resources.get(resource_id)
        kind = resource.type.lower() if resource is not None else ""
        if kind in _SITES:
            path = f"{resource_id}/config/appsettings"
            before = await estate.ask("POST", f"{path}/list?api-version={version}")
            settings = {**as_object(before["properties"]), **_APP_SETTING}
            await estate.ask("PUT", f"{path}?api-version={version}", {"properties": settings})
            found.append(ByOthers(resource_id, _APP_SETTING))
        elif kind in _SETTINGS:
            await _put(estate, f"{resource_id}?api-version={version}", _SETTINGS[kind])
            found.append(ByOthers(resource_id, _SETTINGS[kind]))
    return tuple(found)


def lost(estate: DeployedEstate, by_others: tuple[ByOthers, ...]) -> list[str]:
    """Settings that a deployment has removed from resources that still exist."""
    return [f"{one.resource_id}: {name}" for one in by_others for name in _missing(estate, one)]


async def _put(estate: DeployedEstate, path: str, added: JsonObject) -> None:
    """Write a resource as it is, with additions; elements are appended to arrays."""
    body = await estate.ask("GET", path)
    properties = as_object(body["properties"])
    properties.pop("provisioningState", None)
    if "virtualNetworks/" in path and "/subnets/" not in path:
        properties.pop("subnets", None)  # which keeps the subnets
    for name, value in added.items():
        before = properties.get(name)
        if isinstance(value, list):
            properties[name] = [*as_list(before), *value]
        else:
            properties[name] = {**as_object(before), **value} if isinstance(value, dict) else value
    frame: JsonObject = {name: body[name] for name in ("location", "tags", "sku", "identity") if name in body}
    await estate.ask("PUT", path, {**frame, "properties": properties})


def _missing(estate: DeployedEstate, one: ByOthers) -> Iterator[str]:
    resource = estate.azure.emulator.resources.get(one.resource_id)
    if resource is None:
        return
    if resource.type.lower() in _SITES:
        found = estate.reader.list_values(one.resource_id, "", "config/appsettings/list")
        # The values are secure parameters, which the embedded Azure does not store.
        yield from one.added.keys() - as_object(member(found, "properties")).keys()
        return
    now = dict(estate.azure.emulator.view(resource))
    for name, value in one.added.items():
        if not _within(value, member(now, "properties", name)):
            yield name


def _within(value: Json, now: Json) -> bool:
    """Whether a value still has all its parts; elements of arrays by their names."""
    if isinstance(value, list):
        names = [item.get("name") or item.get("service") for item in objects_of(now)]
        return all((item.get("name") or item.get("service")) in names for item in objects_of(value))
    if isinstance(value, dict):
        return all(_within(item, member(now, name)) for name, item in value.items())
    return value == now


__all__ = ["ByOthers", "change", "lost"]
