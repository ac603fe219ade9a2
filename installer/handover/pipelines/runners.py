"""ARM template of runners that reach a private registry: a separate network with a private endpoint of the registry.

Nothing in the networks of the installation changes: all other jobs act through Azure Resource Manager. Containers of Container Apps jobs
cannot run Docker (learn.microsoft.com/azure/container-apps/tutorial-ci-cd-runners-jobs), so the runners are virtual machines that the
platform starts for a job and deletes after it:

- Azure DevOps: Managed DevOps Pools (learn.microsoft.com/azure/devops/managed-devops-pools/configure-networking: a subnet that is
  delegated to the pool, and the roles Reader and Network Contributor at its network for the principal DevOpsInfrastructure; a dev center
  project, managed-devops-pools/prerequisites).
- GitHub: runners that GitHub hosts, with private networking (docs.github.com/organizations/managing-organization-settings/
  configuring-private-networking-for-github-hosted-runners-in-your-organization: a subnet that is delegated to GitHub.Network/networkSettings,
  whose tag GitHubId names it in GitHub).
"""

from typing import Any, Final, Literal

from installer.conventions.pipeline_names import runners_name
from installer.estate.parameters.resource_ids import registry_id
from installer.handover.pipelines.content import Content

Resource = dict[str, Any]
_NETWORK: Final = "Microsoft.Network/virtualNetworks"
_NETWORK_API: Final = "2025-05-01"
_ZONE: Final = "Microsoft.Network/privateDnsZones"
_ZONE_API: Final = "2024-06-01"
_ENDPOINT: Final = "Microsoft.Network/privateEndpoints"
_NAT: Final = "Microsoft.Network/natGateways"
_ADDRESS: Final = "Microsoft.Network/publicIPAddresses"
_GROUP: Final = "Microsoft.Network/networkSecurityGroups"
_CENTER: Final = "Microsoft.DevCenter/devcenters"
_PROJECT: Final = "Microsoft.DevCenter/projects"
_CENTER_API: Final = "2025-02-01"
_POOL: Final = "Microsoft.DevOpsInfrastructure/pools"
_POOL_API: Final = "2025-09-20"
_SETTINGS: Final = "GitHub.Network/networkSettings"
_SETTINGS_API: Final = "2024-04-02"
_ROLES: Final = ("acdd72a7-3385-48ef-bd42-f606fba81ae7", "4d97b98b-1d4f-4787-a291-c67834d212e7")
"""Reader and Network Contributor (role_names.json)."""
PRINCIPAL: Final = "31687f79-5e43-4c1e-8c63-d9f4bff5cf8b"
"""Application ID of DevOpsInfrastructure, the same in every tenant (managed-devops-pools/configure-networking)."""
PROVIDERS: Final = {
    "azdo": ("Microsoft.DevCenter", "Microsoft.DevOpsInfrastructure"),
    "github": ("GitHub.Network",),
}
"""Resource providers that are registered before."""
_IMAGE: Final = "ubuntu-24.04/latest"
"""An image of Azure Pipelines, with Docker and the Azure CLI (managed-devops-pools/configure-images)."""


def runners_template(content: Content, platform: Literal["github", "azdo"]) -> dict[str, Any]:
    """The template, for a deployment in the resource group of the identities. Only for a private registry."""
    name = runners_name(content.prefix)
    made = _pool(content, name) if platform == "azdo" else _settings(name)
    delegation = _POOL if platform == "azdo" else _SETTINGS
    parameters, resources, outputs = made
    return {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {
            "location": {"type": "string", "defaultValue": content.it.location},
            "addressPrefix": {
                "type": "string",
                "defaultValue": "10.255.255.0/24",
                "metadata": {"description": "Range of the network, which is connected to no other one."},
            },
            **parameters,
        },
        "resources": [*_network(name, delegation), *_endpoint(content, name), *resources],
        "outputs": outputs,
    }


def _network(name: str, delegation: str) -> list[Resource]:
    """The network: outbound through a NAT gateway, since new networks have no other way out; nothing gets in."""
    return [
        _resource(_ADDRESS, _NETWORK_API, name, {"publicIPAllocationMethod": "Static"}, sku={"name": "Standard"}),
        _resource(
            _NAT,
            _NETWORK_API,
            name,
            {"publicIpAddresses": [{"id": _id(_ADDRESS, name)}]},
            after=[_id(_ADDRESS, name)],
            sku={"name": "Standard"},
        ),
        _resource(_GROUP, _NETWORK_API, name, {"securityRules": []}),
        _resource(
            _NETWORK,
            _NETWORK_API,
            name,
            {
                "addressSpace": {"addressPrefixes": ["[parameters('addressPrefix')]"]},
                "subnets": [
                    {
                        "name": "runners",
                        "properties": {
                            "addressPrefix": "[cidrSubnet(parameters('addressPrefix'), 25, 0)]",
                            "delegations": [{"name": "runners", "properties": {"serviceName": delegation}}],
                            "natGateway": {"id": _id(_NAT, name)},
                            "networkSecurityGroup": {"id": _id(_GROUP, name)},
                            "defaultOutboundAccess": False,
                        },
                    },
                    {
                        "name": "endpoints",
                        "properties": {
                            "addressPrefix": "[cidrSubnet(parameters('addressPrefix'), 27, 4)]",
                            "networkSecurityGroup": {"id": _id(_GROUP, name)},
                            "defaultOutboundAccess": False,
                        },
                    },
                ],
            },
            after=[_id(_NAT, name), _id(_GROUP, name)],
        ),
    ]


def _endpoint(content: Content, name: str) -> list[Resource]:
    """The private endpoint of the registry, and its names in a zone that only this network has."""
    zone = content.it.names.answers_at.zone("registry")
    return [
        _resource(_ZONE, _ZONE_API, zone, {}, location="global"),
        _resource(
            f"{_ZONE}/virtualNetworkLinks",
            _ZONE_API,
            f"{zone}/{name}",
            {"registrationEnabled": False, "virtualNetwork": {"id": _id(_NETWORK, name)}},
            after=[_id(_ZONE, zone), _id(_NETWORK, name)],
            location="global",
        ),
        _resource(
            _ENDPOINT,
            _NETWORK_API,
            name,
            {
                "subnet": {"id": f"[resourceId('{_NETWORK}/subnets', '{name}', 'endpoints')]"},
                "privateLinkServiceConnections": [
                    {
                        "name": "registry",
                        "properties": {"privateLinkServiceId": registry_id(content.it), "groupIds": ["registry"]},
                    }
                ],
            },
            after=[_id(_NETWORK, name)],
        ),
        {
            "type": f"{_ENDPOINT}/privateDnsZoneGroups",
            "apiVersion": _NETWORK_API,
            "name": f"{name}/default",
            "properties": {
                "privateDnsZoneConfigs": [{"name": "registry", "properties": {"privateDnsZoneId": _id(_ZONE, zone)}}]
            },
            "dependsOn": [_id(_ENDPOINT, name), _id(_ZONE, zone)],
        },
    ]


def _pool(content: Content, name: str) -> tuple[dict[str, Any], list[Resource], dict[str, Any]]:
    """Parameters, resources and outputs of a Managed DevOps Pool, which is the agent pool of the same name."""
    parameters = {
        "organizationUrl": {"type": "string", "metadata": {"description": "Such as https://dev.azure.com/contoso."}},
        "infrastructurePrincipal": {
            "type": "string",
            "metadata": {"description": f"Object ID of the service principal with the application ID {PRINCIPAL}."},
        },
        "poolName": {
            "type": "string",
            "defaultValue": content.runner,
            "metadata": {"description": "Unique in Azure; that of the option --runner."},
        },
        "maximumConcurrency": {"type": "int", "defaultValue": 1, "minValue": 1},
        "size": {"type": "string", "defaultValue": "Standard_D2ads_v5"},
    }
    scope = f"{_NETWORK}/{name}"
    roles: list[Resource] = [
        {
            "type": "Microsoft.Authorization/roleAssignments",
            "apiVersion": "2022-04-01",
            "scope": scope,
            "name": f"[guid('{scope}', parameters('infrastructurePrincipal'), '{role}')]",
            "properties": {
                "roleDefinitionId": f"[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '{role}')]",
                "principalId": "[parameters('infrastructurePrincipal')]",
                "principalType": "ServicePrincipal",
            },
            "dependsOn": [_id(_NETWORK, name)],
        }
        for role in _ROLES
    ]
    assigned = [
        f"[extensionResourceId({_id(_NETWORK, name)[1:-1]}, 'Microsoft.Authorization/roleAssignments', {one['name'][1:-1]})]"
        for one in roles
    ]
    organization = {
        "url": "[parameters('organizationUrl')]",
        "parallelism": "[parameters('maximumConcurrency')]",
        "openAccess": False,
    }
    pool = {
        "devCenterProjectResourceId": _id(_PROJECT, name),
        "maximumConcurrency": "[parameters('maximumConcurrency')]",
        "agentProfile": {"kind": "Stateless"},
        "organizationProfile": {
            "kind": "AzureDevOps",
            "organizations": [organization],
            "permissionProfile": {"kind": "CreatorOnly"},
        },
        "fabricProfile": {
            "kind": "Vmss",
            "sku": {"name": "[parameters('size')]"},
            "images": [{"wellKnownImageName": _IMAGE}],
            "networkProfile": {"subnetId": f"[resourceId('{_NETWORK}/subnets', '{name}', 'runners')]"},
        },
    }
    resources = [
        *roles,
        _resource(_CENTER, _CENTER_API, name, {}),
        _resource(_PROJECT, _CENTER_API, name, {"devCenterId": _id(_CENTER, name)}, after=[_id(_CENTER, name)]),
        _resource(
            _POOL,
            _POOL_API,
            "[parameters('poolName')]",
            pool,
            after=[_id(_PROJECT, name), *assigned],
        ),
    ]
    return parameters, resources, {"pool": {"type": "string", "value": "[parameters('poolName')]"}}


def _settings(name: str) -> tuple[dict[str, Any], list[Resource], dict[str, Any]]:
    """Parameters, resources and outputs of the settings that connect the subnet to GitHub."""
    parameters = {
        "businessId": {"type": "string", "metadata": {"description": "Database ID of the organization in GitHub."}}
    }
    subnet = f"[resourceId('{_NETWORK}/subnets', '{name}', 'runners')]"
    settings = {"businessId": "[parameters('businessId')]", "subnetId": subnet}
    resource = _resource(_SETTINGS, _SETTINGS_API, name, settings, after=[_id(_NETWORK, name)])
    found = f"[reference({_id(_SETTINGS, name)[1:-1]}, '{_SETTINGS_API}', 'full').tags.GitHubId]"
    return parameters, [resource], {"networkSettingsId": {"type": "string", "value": found}}


def _resource(
    kind: str,
    version: str,
    name: str,
    properties: dict[str, Any],
    *,
    after: list[str] | None = None,
    location: str = "[parameters('location')]",
    **more: Any,
) -> Resource:
    found = {"type": kind, "apiVersion": version, "name": name, "location": location, **more, "properties": properties}
    return {**found, "dependsOn": after} if after else found


def _id(kind: str, name: str) -> str:
    return f"[resourceId('{kind}', '{name}')]"
