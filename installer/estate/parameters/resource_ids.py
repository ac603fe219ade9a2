"""Resource IDs of networks, subnets and DNS zones, new or existing; sites and private endpoints."""

from dataclasses import dataclass
from typing import Final

from installer import resource_id as ground
from installer.estate.parameters.context import Installation, Site
from installer.jsontypes import Json
from installer.resource_id import group_of, name_of, subscription_of

_NETWORKS: Final = "Microsoft.Network/virtualNetworks"
_ZONES: Final = "Microsoft.Network/privateDnsZones"


@dataclass(frozen=True)
class IngressHome:
    """Place of a gateway or Front Door; `network` is the environment that it serves, or "hub" if it serves all."""

    network: str
    subscription: str
    group: str
    location: str


def ingress_home(it: Installation, environment: str) -> IngressHome:
    """Place of the ingress of an environment."""
    if it.shares_ingress:
        return IngressHome("hub", it.subscription, it.names.platform_group, it.location)
    site = it.site(environment)
    return IngressHome(environment, site.subscription, it.names.group(environment), site.location)


def place(it: Installation, site: Site) -> dict[str, Json]:
    """An environment as the Bicep type Site: name, subscriptionId, location, resourceGroupName, tags."""
    return {
        "name": site.name,
        "subscriptionId": site.subscription,
        "location": site.location,
        "resourceGroupName": it.names.group(site.name),
        "tags": it.tags(site.name),
    }


def resource_id(subscription: str, group: str, kind: str, name: str) -> str:
    """ID of a resource in a resource group; `kind` is its type, such as Microsoft.KeyVault/vaults."""
    return ground.resource_id(f"/subscriptions/{subscription}/resourceGroups/{group}", kind, name)


def network_id(it: Installation, network: str) -> str:
    """ID of the virtual network of the hub or an environment, new or existing. Not with public endpoints."""
    answered = it.answers.network
    if network == "hub":
        if answered.mode != "new":
            return answered.hub_id
        return resource_id(it.subscription, it.names.platform_group, _NETWORKS, it.names.virtual_network("hub"))
    if answered.mode == "existing":
        return dict(entry.split("=", 1) for entry in answered.spoke_ids)[network]
    group = it.names.group(network)
    return resource_id(it.site(network).subscription, group, _NETWORKS, it.names.virtual_network(network))


def subnet_id(it: Installation, network: str, subnet: str) -> str:
    """ID of a subnet of the hub or an environment, by its name in the address plan."""
    shared = network == "hub" and subnet == "endpoints" and it.answers.network.mode != "new"
    name = it.answers.network.hub_subnet if shared else it.names.subnet(subnet)
    return f"{network_id(it, network)}/subnets/{name}"


def zone_id(it: Installation, zone: str) -> str | None:
    """ID of a private DNS zone, by its name; None if an Azure Policy writes the records."""
    answered = it.answers.network
    if answered.dns == "policy":
        return None
    if answered.dns == "existing":
        return ground.resource_id(answered.dns_group_id, _ZONES, zone)
    return resource_id(it.subscription, it.names.platform_group, _ZONES, zone)


def zone_subscription(it: Installation) -> str | None:
    """Subscription of the existing private DNS zone of servers with VNet integration; None without one."""
    network = it.answers.network
    if it.public or it.answers.data.postgres_network != "injected" or network.dns != "existing":
        return None
    return subscription_of(network.dns_group_id)


def endpoints(it: Installation, network: str, target: str, part: str, *zones: str) -> list[Json]:
    """The private endpoint in a network for a sub-resource of `target`, a resource ID; none with public endpoints.

    `zones` are the names of the DNS zones of its records. An endpoint must be in the subscription of its network; if that is another one, it is created in the group of the network.
    """
    if it.public:
        return []
    subnet, tags = subnet_id(it, network, "endpoints"), it.tags(None if network == "hub" else network)
    home, group = (
        (it.subscription, it.names.platform_group)
        if network == "hub"
        else (it.site(network).subscription, it.names.group(network))
    )
    if subscription_of(subnet).lower() != home.lower():
        home, group = subscription_of(subnet), group_of(subnet)
    found: dict[str, Json] = {
        "name": it.names.private_endpoint(name_of(target), part),
        "subscriptionId": home,
        "resourceGroupName": group,
        "location": it.location if network == "hub" else it.site(network).location,
        "tags": tags,
        "subnetId": subnet,
        "targetId": target,
        "groupId": part,
    }
    records: list[Json] = [known for zone in zones if (known := zone_id(it, zone))]
    return [{**found, "zoneIds": records} if records else found]


def registry_id(it: Installation) -> str:
    """Resource ID of the container registry."""
    kind = "Microsoft.ContainerRegistry/registries"
    return resource_id(it.subscription, it.names.platform_group, kind, it.names.registry)


def workspace_id(it: Installation) -> str:
    """Resource ID of the Log Analytics workspace."""
    kind = "Microsoft.OperationalInsights/workspaces"
    return resource_id(it.subscription, it.names.platform_group, kind, it.names.workspace)


def action_group_id(it: Installation) -> str | None:
    """Resource ID of the action group; None without alert recipients."""
    if not it.answers.monitoring.emails:
        return None
    return resource_id(
        it.subscription, it.names.platform_group, "Microsoft.Insights/actionGroups", it.names.action_group
    )
