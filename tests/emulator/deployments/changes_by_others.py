"""Settings of colleagues and policies on the resources of an installation, and whether deployments keep them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from installer.answers.model import Answers
from installer.estate.parameters import stages
from installer.json_access import JsonObject, as_list, as_object, member
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
_TENANT: Final = "8f3c0a52-0f4e-4d59-9c6e-6f0a5d1f2b11"
_SCANNER: Final = "/subscriptions/0/providers/Microsoft.Security/datascanners/StorageDataScanner"
"""The scanner of Defender for Storage, which it admits to an account."""
_PREFIX: Final = "/subscriptions/0/resourceGroups/r/providers/Microsoft.Network/publicIPPrefixes/p"
_LIFECYCLE: Final[JsonObject] = {
    "name": "archive",
    "enabled": True,
    "type": "Lifecycle",
    "definition": {
        "actions": {"baseBlob": {"tierToArchive": {"daysAfterModificationGreaterThan": 400}}},
        "filters": {"blobTypes": ["blockBlob"], "prefixMatch": ["gold/"]},
    },
}
_REPOSITORY: Final[JsonObject] = {
    "accountName": "contoso",
    "repositoryName": "pipelines",
    "collaborationBranch": "main",
    "rootFolder": "/",
}
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
    "microsoft.storage/storageaccounts": {
        "networkAcls": {
            "resourceAccessRules": [{"tenantId": _TENANT, "resourceId": _SCANNER}],
            "ipRules": [{"value": "203.0.113.7", "action": "Allow"}],
        }
    },
    "microsoft.keyvault/vaults": {"networkAcls": {"ipRules": [{"value": "203.0.113.7/32"}]}},
    "microsoft.containerregistry/registries": {
        "networkRuleSet": {"defaultAction": "Deny", "ipRules": [{"value": "203.0.113.7", "action": "Allow"}]}
    },
    "microsoft.operationalinsights/workspaces": {
        "sku": {"name": "CapacityReservation", "capacityReservationLevel": 100}
    },
    "microsoft.dbforpostgresql/flexibleservers/configurations": {"value": "pg_trgm,VECTOR"},
    "microsoft.eventgrid/topics": {"inboundIpRules": [{"ipMask": "203.0.113.7", "action": "Allow"}]},
    "microsoft.network/natgateways": {"publicIpPrefixes": [{"id": _PREFIX}]},
    "microsoft.storage/storageaccounts/managementpolicies": {"policy": {"rules": [_LIFECYCLE]}},
    "microsoft.storage/storageaccounts/blobservices": {
        "cors": {
            "corsRules": [
                {
                    "allowedOrigins": ["https://app.contoso.com"],
                    "allowedMethods": ["GET"],
                    "maxAgeInSeconds": 60,
                    "exposedHeaders": ["*"],
                    "allowedHeaders": ["*"],
                }
            ]
        },
        "lastAccessTimeTrackingPolicy": {"enable": True},
    },
    "microsoft.datafactory/factories": {
        "globalParameters": {"stage": {"type": "String", "value": "test"}},
        "repoConfiguration": {"type": "FactoryGitHubConfiguration", **_REPOSITORY},
    },
    "microsoft.synapse/workspaces": {
        "workspaceRepositoryConfiguration": {"type": "WorkspaceGitHubConfiguration", **_REPOSITORY}
    },
    "microsoft.logic/workflows": {
        "accessControl": {"triggers": {"allowedCallerIpAddresses": [{"addressRange": "203.0.113.0/24"}]}},
        "parameters": {"$connections": {"value": {"mail": {"connectionName": "mail"}}}},
        "definition": {"parameters": {"$connections": {"type": "Object", "defaultValue": {}}}},
    },
}
"""Properties that others add, by resource type in lower case."""
_CLOSED: Final[Mapping[str, JsonObject]] = {
    "microsoft.storage/storageaccounts": {"networkAcls": {"defaultAction": "Deny"}, "publicNetworkAccess": "Disabled"},
    "microsoft.keyvault/vaults": {"networkAcls": {"defaultAction": "Deny"}, "publicNetworkAccess": "Disabled"},
    "microsoft.dbforpostgresql/flexibleservers": {"network": {"publicNetworkAccess": "Disabled"}},
    "microsoft.containerservice/managedclusters": {
        "apiServerAccessProfile": {"authorizedIPRanges": ["203.0.113.7/32"]}
    },
    "microsoft.eventgrid/topics": {"publicNetworkAccess": "Disabled"},
}
"""Access that others close where FlowForge leaves it open, which it does with public endpoints."""
_TAG: Final[JsonObject] = {"cost-centre": "4711"}
_APP_SETTING: Final[JsonObject] = {"TEAM_FLAG": "on"}
_FRAME: Final = ("location", "kind", "tags", "sku", "identity", "zones")
_REGISTRIES: Final = "microsoft.containerregistry/registries"
"""Only the Premium tier has rules: learn.microsoft.com, container-registry/container-registry-access-selected-networks."""
_SITES: Final = frozenset({"microsoft.web/sites", "microsoft.web/sites/slots"})


@dataclass(frozen=True)
class ByOthers:
    """Properties that others have added to a resource, or the app settings of a web app."""

    resource_id: str
    added: JsonObject
    tags: JsonObject = field(default_factory=dict)


async def change(estate: DeployedEstate, answers: Answers) -> tuple[ByOthers, ...]:
    """Add settings to every resource of the answers whose type is listed above."""
    kept = {one.resource_id: one.api_version for spec in stages(answers) for one in spec.kept}
    resources = estate.azure.emulator.resources
    # Assumed resources have no version: they are others' already, and no stage deploys them.
    every = {
        one.id: one.api_version
        for kind in {**_SETTINGS, **_CLOSED}
        for one in resources.of_type(kind)
        if one.api_version
    }
    found: list[ByOthers] = []
    for resource_id, version in {**kept, **every}.items():
        resource = resources.get(resource_id)
        kind = resource.type.lower() if resource is not None else ""
        if kind in _SITES:
            path = f"{resource_id}/config/appsettings"
            before = await estate.ask("POST", f"{path}/list?api-version={version}")
            settings = {**as_object(before["properties"]), **_APP_SETTING}
            await estate.ask("PUT", f"{path}?api-version={version}", {"properties": settings})
            found.append(ByOthers(resource_id, _APP_SETTING))
        elif kind in _SETTINGS and _has_rules(estate, resource_id, kind):
            await _put(estate, f"{resource_id}?api-version={version}", _SETTINGS[kind])
            found.append(ByOthers(resource_id, _SETTINGS[kind]))
        if answers.network.mode == "public" and kind in _CLOSED:
            await _put(estate, f"{resource_id}?api-version={version}", _CLOSED[kind])
            found.append(ByOthers(resource_id, _CLOSED[kind]))
    tagged = {one.resource_id for spec in stages(answers) for one in spec.kept if one.key.startswith("tags/")}
    for resource_id in sorted(one for one in tagged if resources.get(one) is not None):
        path = f"{resource_id}/providers/Microsoft.Resources/tags/default?api-version=2021-04-01"
        await estate.ask("PATCH", path, {"operation": "Merge", "properties": {"tags": _TAG}})
        found.append(ByOthers(resource_id, {}, _TAG))
    return tuple(found)


def lost(estate: DeployedEstate, by_others: tuple[ByOthers, ...]) -> list[str]:
    """Settings that a deployment has removed from resources that still exist."""
    return [f"{one.resource_id}: {name}" for one in by_others for name in _missing(estate, one)]


def _has_rules(estate: DeployedEstate, resource_id: str, kind: str) -> bool:
    """Whether a resource is of a tier that has such settings."""
    tier = member(estate.reader.read(resource_id, ""), "sku", "name")
    return kind != _REGISTRIES or tier == "Premium"


async def _put(estate: DeployedEstate, path: str, added: JsonObject) -> None:
    """Write a resource as it is, with additions; elements are appended to arrays."""
    body = await estate.ask("GET", path)
    properties = as_object(body["properties"])
    properties.pop("provisioningState", None)
    if "virtualNetworks/" in path and "/subnets/" not in path:
        properties.pop("subnets", None)  # which keeps the subnets
    frame: JsonObject = {name: body[name] for name in _FRAME if name in body}
    if identities := as_object(member(body, "identity", "userAssignedIdentities")):
        frame["identity"] = {"type": "UserAssigned", "userAssignedIdentities": {one: {} for one in identities}}
    await estate.ask("PUT", path, {**frame, "properties": _merged(properties, added)})


def _merged(before: Json, added: Json) -> Json:
    if isinstance(added, list):
        return [*as_list(before), *added]
    if isinstance(added, dict):
        found = as_object(before)
        return {**found, **{name: _merged(found.get(name), value) for name, value in added.items()}}
    return added


def _missing(estate: DeployedEstate, one: ByOthers) -> Iterator[str]:
    resource = estate.azure.emulator.resources.get(one.resource_id)
    if resource is None or not _has_rules(estate, one.resource_id, resource.type.lower()):
        return
    if resource.type.lower() in _SITES:
        found = estate.reader.list_values(one.resource_id, "", "config/appsettings/list")
        # The values are secure parameters, which the embedded Azure does not store.
        yield from one.added.keys() - as_object(member(found, "properties")).keys()
        return
    now = dict(estate.azure.emulator.view(resource))
    if not _within(one.tags, now.get("tags")):
        yield "tags"
    for name, value in one.added.items():
        if not _within(value, member(now, "properties", name)):
            yield name


def _within(value: Json, now: Json) -> bool:
    """Whether a value still has all its parts."""
    if isinstance(value, str) and "," in value:  # allowed extensions, in any case and order
        return set(value.lower().split(",")) <= set(str(now).lower().split(","))
    if isinstance(value, list):
        return all(any(_within(item, one) for one in as_list(now)) for item in value)
    if isinstance(value, dict):
        return all(_within(item, member(now, name)) for name, item in value.items())
    return value == now


__all__ = ["ByOthers", "change", "lost"]
