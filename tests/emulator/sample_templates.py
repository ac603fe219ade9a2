"""Small templates written by hand."""

from collections.abc import Mapping, Sequence
from typing import Final

from installer.emulator.providers.versions import versions_of
from installer.json_access import merged
from installer.jsontypes import Json

Template = dict[str, Json]
_SCHEMA = "https://schema.management.azure.com/schemas"


def template(
    *resources: Mapping[str, Json],
    parameters: Mapping[str, Json] | None = None,
    outputs: Mapping[str, Json] | None = None,
    at: str = "2018-05-01/subscriptionDeploymentTemplate",
) -> Template:
    """A template of these resources."""
    return {
        "$schema": f"{_SCHEMA}/{at}.json#",
        "contentVersion": "1.0.0.0",
        "parameters": dict(parameters or {}),
        "resources": [dict(resource) for resource in resources],
        "outputs": dict(outputs or {}),
    }


LEAST: Final[Mapping[str, Mapping[str, Json]]] = {
    "Microsoft.Storage/storageAccounts": {"sku": {"name": "Standard_LRS"}, "kind": "StorageV2"},
    "Microsoft.Cdn/profiles": {"sku": {"name": "Premium_AzureFrontDoor"}},
    "Microsoft.KeyVault/vaults": {
        "properties": {"tenantId": "00000000-0000-4000-8000-000000000001", "sku": {"family": "A", "name": "standard"}}
    },
    "Microsoft.DataProtection/backupVaults": {"properties": {"storageSettings": []}},
    "Microsoft.DataProtection/backupVaults/backupInstances": {
        "properties": {"objectType": "BackupInstance", "policyInfo": {"policyId": "policy"}}
    },
    "Microsoft.App/jobs": {"properties": {"configuration": {"triggerType": "Manual", "replicaTimeout": 60}}},
    "Microsoft.Insights/components": {"kind": "web"},
}
"""The least that a resource of a type must have beside its location."""


def least(resource_type: str, body: Mapping[str, Json]) -> dict[str, Json]:
    """A body with the least that its type must have, where it does not say it itself."""
    return merged(dict(LEAST.get(resource_type, {})), dict(body))


def resource(
    resource_type: str,
    name: str,
    /,
    *,
    after: Sequence[str] = (),
    location: str | None = "westeurope",
    version: str | None = None,
    properties: Mapping[str, Json] | None = None,
    **members: Json,
) -> dict[str, Json]:
    """One resource of the newest API version; `after` holds dependsOn expressions."""
    result: dict[str, Json] = {
        "type": resource_type,
        "apiVersion": version or next(iter(versions_of(resource_type)), "2024-01-01"),
        "name": name,
        "dependsOn": [*after],
        **members,
    }
    if location is not None:
        result["location"] = location
    if properties is not None:
        result["properties"] = dict(properties)
    return least(resource_type, result)


def group(name: str = "rg-a", location: str = "westeurope") -> dict[str, Json]:
    """A resource group."""
    return resource("Microsoft.Resources/resourceGroups", name, location=location, version="2025-04-01")


def nested(
    name: str,
    inner: Template,
    *,
    into: str = "rg-a",
    parameters: Mapping[str, Json] | None = None,
    after: Sequence[str] | None = None,
) -> dict[str, Json]:
    """A nested deployment into a group, by default after that group."""
    waits = [f"[subscriptionResourceId('Microsoft.Resources/resourceGroups', '{into}')]"] if after is None else after
    return resource(
        "Microsoft.Resources/deployments",
        name,
        after=waits,
        location=None,
        version="2025-04-01",
        resourceGroup=into,
        properties={
            "mode": "Incremental",
            "expressionEvaluationOptions": {"scope": "inner"},
            "parameters": {key: {"value": value} for key, value in (parameters or {}).items()},
            "template": inner,
        },
    )


def inside(
    *resources: Mapping[str, Json],
    parameters: Mapping[str, Json] | None = None,
    outputs: Mapping[str, Json] | None = None,
) -> Template:
    """A template at group scope."""
    return template(*resources, parameters=parameters, outputs=outputs, at="2019-04-01/deploymentTemplate")


def account(name: str, *, tags: Mapping[str, Json] | None = None, after: Sequence[str] = ()) -> dict[str, Json]:
    """A storage account."""
    return resource(
        "Microsoft.Storage/storageAccounts",
        name,
        after=after,
        version="2025-06-01",
        kind="StorageV2",
        sku={"name": "Standard_LRS"},
        tags=dict(tags or {}),
    )


def identity(name: str, *, after: Sequence[str] = ()) -> dict[str, Json]:
    """A managed identity."""
    return resource("Microsoft.ManagedIdentity/userAssignedIdentities", name, after=after, version="2024-11-30")
