"""Parameters of stage 2, network."""

from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Final

from installer.conventions.addressing import Network, Subnet
from installer.conventions.integrations import INTEGRATIONS
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.integrations import created
from installer.estate.parameters.monitor_access import collection_endpoints
from installer.estate.parameters.resource_ids import (
    endpoints,
    network_id,
    place,
    registry_id,
    workspace_id,
)
from installer.estate.parameters.stage_spec import Outputs
from installer.jsontypes import Json
from installer.resource_id import group_of, name_of, subscription_of

if TYPE_CHECKING:
    from installer.conventions.clouds import Service

_OUTBOUND: Final = frozenset({"nodes", "apps", "web"})
"""Subnets with outbound internet access; an application gateway has its own public IP and must have no other egress."""

_GATEWAY_RULES: Final[list[Json]] = [
    {"name": "from-clients", "priority": 200, "source": "Internet", "ports": ["80", "443"]},
    # Required by Application Gateway to monitor its instances.
    {"name": "from-gateway-manager", "priority": 210, "source": "GatewayManager", "ports": ["65200-65535"]},
]


def network(it: Installation, _outputs: Outputs) -> dict[str, Json]:
    """Hub, spokes, egress and private DNS."""
    answered = it.answers.network
    new_spokes = answered.mode != "existing"
    to_firewall = new_spokes and answered.egress == "firewall"
    registry_zone = it.names.answers_at.zone("registry")
    registry = registry_id(it)
    return {
        "location": it.location,
        "tags": it.tags(),
        "platformGroupName": it.names.platform_group,
        "workspaceId": workspace_id(it),
        "hub": _hub(it),
        "hubNetwork": _virtual_network(it, it.addresses.network("hub"), _in_hub(it))
        if answered.mode == "new"
        else None,
        "spokes": [_spoke(it, site) for site in it.sites] if new_spokes else [],
        "egress": answered.egress,
        "firewallAddress": answered.firewall_address if to_firewall else None,
        "privateDns": private_dns(it, zone_names(it), cluster_zone_names(it)) if answered.dns == "created" else None,
        "dnsResolver": answered.dns_resolver if answered.mode == "new" else None,
        "resolver": _resolver(it) if it.has_resolver else None,
        "endpoints": endpoints(it, "hub", registry, "registry", registry_zone) if it.private_registry else [],
        "collectionEndpoints": collection_endpoints(it),
    }


def zone_names(it: Installation) -> tuple[str, ...]:
    """DNS zones of all private endpoints, independent of the environments."""
    answers = it.answers
    asked: dict[Service, bool] = {
        "blob": True,
        "dfs": True,
        "queue": answers.integrations.has_queue,
        "postgres": True,
        "key_vault": True,
        "registry": it.private_registry,
        "web": answers.platform.control_plane == "app_service",
        "redis": answers.platform.prefect == "server" and answers.platform.prefect_servers > 1,
    }
    platform = (it.names.answers_at.zone(service) for service, wanted in asked.items() if wanted)
    optional = (zone for name in created(it) for zone in INTEGRATIONS[name].zones(it.names.cloud).values())
    return tuple(dict.fromkeys((*platform, *optional)))


def cluster_zone_names(it: Installation) -> tuple[str, ...]:
    """DNS zones of Kubernetes API servers that AKS does not create itself, one for each region."""
    zones = (it.names.answers_at.cluster_zone(site.location) for site in it.sites if it.shares_cluster_zone(site))
    return tuple(dict.fromkeys(zones))


def _hub(it: Installation) -> dict[str, Json]:
    hub = network_id(it, "hub")
    return {
        "subscriptionId": subscription_of(hub),
        "resourceGroupName": group_of(hub),
        "networkName": name_of(hub),
        "gatewayTransit": it.answers.network.mode == "existing_hub" and it.answers.network.gateway_transit,
    }


def _in_hub(it: Installation) -> frozenset[str]:
    """Subnets of a new hub."""
    shared_server = not all(site.own_server for site in it.sites)
    return frozenset(
        name
        for name, wanted in {
            "endpoints": True,
            "gateway": it.answers.ingress.kind == "gateway" and it.shares_ingress,
            "resolver": it.has_resolver,
            "postgres": shared_server and it.answers.data.postgres_network == "injected",
        }.items()
        if wanted
    )


def _in_spoke(it: Installation, site: Site) -> frozenset[str]:
    """Subnets of a new spoke; the others in the address plan stay reserved."""
    return frozenset(
        name
        for name, wanted in {
            "nodes": site.on_kubernetes,
            "apps": site.has_container_apps,
            "web": it.answers.platform.control_plane == "app_service",
            "endpoints": True,
            "gateway": it.answers.ingress.kind == "gateway" and not it.shares_ingress,
            "postgres": site.own_server and it.answers.data.postgres_network == "injected",
        }.items()
        if wanted
    )


def _spoke(it: Installation, site: Site) -> dict[str, Json]:
    names = it.names
    return {
        "site": place(it, site),
        "network": _virtual_network(it, it.addresses.network(site.name), _in_spoke(it, site)),
        "peeringName": names.peering(site.name),
        "natGatewayName": names.nat_gateway(site.name),
        "publicIpName": names.nat_address(site.name),
        "redundantNat": it.redundant_nat(site),
        "routeTableName": names.route_table(site.name),
    }


def _virtual_network(it: Installation, network: Network, wanted: frozenset[str]) -> dict[str, Json]:
    return {
        "name": it.names.virtual_network(network.name),
        **({"routeTableName": it.names.empty_route_table(network.name)} if it.answers.network.route_tables else {}),
        "addressPrefix": network.prefix,
        "subnets": [_subnet(it, network, subnet) for subnet in network.subnets if subnet.name in wanted],
    }


def _subnet(it: Installation, network: Network, subnet: Subnet) -> dict[str, Json]:
    return {
        "name": it.names.subnet(subnet.name),
        "addressPrefix": subnet.prefix,
        "networkSecurityGroupName": it.names.security_group(network.name, subnet.name),
        "rules": _GATEWAY_RULES if subnet.name == "gateway" else [],
        "outbound": subnet.name in _OUTBOUND,
        **({"delegation": subnet.delegation} if subnet.delegation else {}),
    }


def private_dns(it: Installation, zones: tuple[str, ...], cluster_zones: tuple[str, ...] = ()) -> dict[str, Json]:
    """New zones, linked to the hub and to every spoke."""
    networks = ("hub", *it.environments)
    return {
        "zoneNames": list(zones),
        "clusterZoneNames": list(cluster_zones),
        "linkNames": [it.names.network_link(name) for name in networks],
        "networkIds": [network_id(it, name) for name in networks],
        "internetFallback": it.answers.network.dns_fallback,
    }


def _resolver(it: Installation) -> dict[str, Json]:
    subnet = IPv4Network(it.addresses.network("hub").subnet("resolver").prefix)
    return {
        "name": it.names.resolver,
        "endpointName": it.names.resolver_endpoint,
        "subnetName": it.names.subnet("resolver"),
        "address": str(subnet[4]),  # the first usable address
    }
