"""Small templates written by hand."""

from collections.abc import Mapping, Sequence

from installer.rehearsal.evaluation import Json
from installer.rehearsal.providers.versions import versions_of

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
    return result


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
