"""Address ranges of a cluster against the subnets of its network."""

from __future__ import annotations

from ipaddress import IPv4Network, ip_network
from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.providers.subnet_rules import SUBNET_TYPE, prefixes
from installer.json_access import as_list, as_object, as_text, member
from installer.resource_id import parent_id_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.emulator.providers.provider import ProviderContext

_RULES = (
    ("serviceCidr", "ServiceCidrOverlapExistingSubnetsCidr", "service CIDR", "networkProfile.serviceCIDR"),
    ("podCidr", "PodCidrOverlapExistingSubnetsCidr", "pod CIDR", "networkProfile.podCIDR"),
)
"""Property, code, its name in the message, target.

Source: support-articles-docs, "ServiceCidrOverlapExistingSubnetsCidr error code"; the code for pods is in the SDK of the
resource provider (PodCidrOverlapExistingSubnetsCidr), its message is formed after the other.
"""


def check_address_ranges(context: ProviderContext) -> None:
    """Refuses a range that overlaps a subnet of a network in which the cluster has nodes."""
    profile = as_object(context.properties.get("networkProfile"))
    existing = list(_subnets(context))
    for name, code, label, target in _RULES:
        text = as_text(profile.get(name))
        own = ip_network(text, strict=False) if text else None
        for subnet in existing if isinstance(own, IPv4Network) else ():
            if isinstance(own, IPv4Network) and own.overlaps(subnet):
                message = f"The specified {label} {own} is conflicted with an existing subnet CIDR {subnet}"
                raise ArmError(400, code, message, target=target, cause="service")


def _subnets(context: ProviderContext) -> Iterator[IPv4Network]:
    """Subnets of all networks in which the pools are."""
    pools = as_list(context.properties.get("agentPoolProfiles"))
    named = (as_text(member(pool, "vnetSubnetID")) for pool in pools)
    for network in dict.fromkeys(parent_id_of(subnet) for subnet in named if subnet):
        for subnet in context.resources.children(f"{network}/subnets", SUBNET_TYPE):
            for prefix in prefixes(subnet.desired):
                found = ip_network(as_text(prefix), strict=False)
                if isinstance(found, IPv4Network):
                    yield found
