"""Settings of others on the connections of new networks: use of a gateway by peerings, addresses of NAT gateways.

The owner of a VPN gateway in a new hub sets both sides: azure-docs, articles/vpn-gateway/vpn-gateway-peering-gateway-transit.md.
A NAT gateway with more addresses has more ports: azure-docs, articles/nat-gateway/nat-gateway-resource.md.
"""

from collections.abc import Callable, Iterator
from typing import Final

from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.resource_ids import network_id, resource_id
from installer.estate.parameters.stage_spec import KeptByOthers
from installer.json_access import as_object, as_text, objects_of
from installer.jsontypes import Json

_VERSION: Final = "2025-05-01"
_OF_GATEWAYS: Final = ("allowGatewayTransit", "useRemoteGateways")


def kept_connections(it: Installation) -> tuple[KeptByOthers, ...]:
    """Peerings with a new hub, whose gateway is no answer, and NAT gateways."""
    return tuple(_connections(it))


def _connections(it: Installation) -> Iterator[KeptByOthers]:
    network = it.answers.network
    for site in it.sites if network.mode == "new" else ():
        yield _peering(network_id(it, "hub"), it.names.peering(site.name))
        yield _peering(network_id(it, site.name), "to-hub")
    if network.mode != "existing" and network.egress == "nat":
        yield from (_nat_gateway(it, site) for site in it.sites)


def _peering(network: str, name: str) -> KeptByOthers:
    label = f"{network.rpartition('/')[2]}/{name}"
    where = f"{network}/virtualNetworkPeerings/{name}"
    return KeptByOthers("kept", f"virtualNetworkPeerings/{label}", where, _VERSION, label, _gateways)


def _gateways(content: dict[str, Json]) -> Json:
    properties = as_object(content.get("properties"))
    return {name: True for name in _OF_GATEWAYS if properties.get(name) is True}


def _nat_gateway(it: Installation, site: Site) -> KeptByOthers:
    name, group = it.names.nat_gateway(site.name), it.names.group(site.name)
    own = resource_id(site.subscription, group, "Microsoft.Network/publicIPAddresses", it.names.nat_address(site.name))
    where = resource_id(site.subscription, group, "Microsoft.Network/natGateways", name)
    return KeptByOthers("kept", f"natGateways/{name}", where, _VERSION, name, _addresses(own))


def _references(ids: list[str], own: str) -> Json:
    return [{"id": one} for one in ids if one.lower() != own.lower()]


def _addresses(own: str) -> Callable[[dict[str, Json]], Json]:
    def select(content: dict[str, Json]) -> Json:
        properties = as_object(content.get("properties"))
        ids = {
            name: [as_text(one.get("id")) for one in objects_of(properties.get(name))]
            for name in ("publicIpAddresses", "publicIpPrefixes")
        }
        others = {name: _references(found, own) for name, found in ids.items()}
        return {name: found for name, found in others.items() if found}

    return select
