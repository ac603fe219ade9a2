"""Reads of networks that several checks share."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Final

from installer.estate.parameters.resource_ids import network_id
from installer.json_access import as_list, as_text, member, objects_of
from installer.preflight.reads import NotVisible, Request, listing, post
from installer.resource_id import name_of, subscription_of

if TYPE_CHECKING:
    from installer.jsontypes import Json
    from installer.preflight.subject import Subject


MANAGED: Final = "listNetworkManagerEffectiveConnectivityConfigurations"
GATEWAYS: Final = "gatewaysubnet"
"""Name of the subnet for gateways, in lower case."""


def network(resource_id: str) -> Request:
    """The request for a virtual network with its subnets and peerings."""
    return Request("one", f"{resource_id}?api-version=2025-05-01", f"virtual network {name_of(resource_id)}")


def rules(group: str) -> Request:
    """The request for a network security group with its rules."""
    return Request("one", f"{group}?api-version=2025-05-01", f"network security group {name_of(group)}")


def routes(table: str) -> Request:
    """The request for a route table with its routes."""
    return Request("one", f"{table}?api-version=2025-05-01", f"route table {name_of(table)}")


def managed_connections(resource_id: str) -> Request:
    """The request for the connectivity that a virtual network manager gives a network.

    Source: REST API Virtual Network Manager, List Network Manager Effective Connectivity Configurations. It needs no peerings.
    """
    path = f"{resource_id}/{MANAGED}?api-version=2025-05-01"
    return post(path, {}, f"whether a network manager connects {name_of(resource_id)}")


def zones(subscription: str) -> Request:
    """The request for the private DNS zones of a subscription."""
    path = f"/subscriptions/{subscription}/providers/Microsoft.Network/privateDnsZones?api-version=2024-06-01"
    return listing(path, f"private DNS zones of subscription {subscription}")


def links(zone: str) -> Request:
    """The request for the virtual network links of a zone."""
    return listing(f"{zone}/virtualNetworkLinks?api-version=2024-06-01", f"links of {name_of(zone)}")


def endpoints(subscription: str) -> Request:
    """The request for the private endpoints of a subscription."""
    path = f"/subscriptions/{subscription}/providers/Microsoft.Network/privateEndpoints?api-version=2025-05-01"
    return listing(path, f"private endpoints of subscription {subscription}")


def read_network(subject: Subject, resource_id: str) -> dict[str, Json] | None:
    """A virtual network, None if it does not exist. Raises NotVisible."""
    return subject.arm.find(network(resource_id))


def has_gateway(properties: Json) -> bool:
    """Whether a gateway has an address in the subnet for gateways of a network: the subnet alone is not enough."""
    return any(
        "/virtualnetworkgateways/" in as_text(one.get("id")).lower()
        for subnet in objects_of(member(properties, "subnets"))
        if as_text(subnet.get("name")).lower() == GATEWAYS
        for one in objects_of(member(subnet, "properties", "ipConfigurations"))
    )


def existing_networks(subject: Subject) -> tuple[str, ...]:
    """IDs of the networks that the answers name: the hub, and with existing networks the spokes."""
    mode = subject.answers.network.mode
    if mode not in ("existing_hub", "existing"):
        return ()
    spokes = subject.it.environments if mode == "existing" else ()
    return tuple(dict.fromkeys(network_id(subject.it, name) for name in ("hub", *spokes)))


def linked_networks(subject: Subject) -> tuple[str, ...]:
    """IDs of all networks of the installation: the hub and the spokes."""
    return tuple(dict.fromkeys(network_id(subject.it, name) for name in ("hub", *subject.it.environments)))


def subscriptions_of(subject: Subject, networks: tuple[str, ...]) -> tuple[str, ...]:
    """Subscriptions of the installation and of networks, in lower case."""
    homes = (subscription_of(one).lower() for one in networks)
    return tuple(dict.fromkeys((subject.it.subscription.lower(), *homes)))


def ranges_of(network: Json) -> list[IPv4Network]:
    """IPv4 ranges of the body of a network; its IPv6 ranges overlap nothing here. Raises NotVisible."""
    return ranges_in(member(network, "properties", "addressSpace", "addressPrefixes"))


def ranges_in(prefixes: Json) -> list[IPv4Network]:
    """IPv4 ranges in a list of prefixes. Raises NotVisible."""
    return [range_of(text) for one in as_list(prefixes) if ":" not in (text := as_text(one))]


def range_of(text: str) -> IPv4Network:
    """An address range that was read. Raises NotVisible for text that is none, as surveys may have it."""
    try:
        return IPv4Network(text.strip(), strict=False)
    except ValueError as problem:
        raise NotVisible(f"the address range {text!r}", "it is not an address range") from problem
