"""Existing networks with DNS servers of others: whether these answer with the addresses of private endpoints.

Nodes and apps in such a network do not ask Azure's resolver: a zone that is linked to their own network does not help them; the servers
have to forward to it from a network with the link. Sources: azure-docs, private-link/private-endpoint-dns-integration.md (virtual network
workloads with custom DNS); azure-aks-docs, aks/private-clusters.md ("Hub and spoke with custom DNS").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.json_access import as_list, as_text, member
from installer.preflight.model import NotChecked
from installer.preflight.network.reads import existing_networks, read_network
from installer.preflight.reads import NotVisible
from installer.resource_id import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.preflight.subject import Subject

_AZURE: Final = "168.63.129.16"
"""Azure's resolver: azure-docs, virtual-network/what-is-ip-address-168-63-129-16.md."""
FORWARDERS: Final = "Azure Resource Manager does not show what they forward to 168.63.129.16, and from which network"


def dns_servers(subject: Subject) -> Iterator[NotChecked]:
    """Existing networks whose nodes and apps ask DNS servers of others; those of a hub have none of the installation."""
    if subject.answers.network.mode != "existing":
        return
    asking: dict[str, list[str]] = {}
    for network in existing_networks(subject):
        try:
            found = read_network(subject, network)
        except NotVisible:
            continue  # the check of ranges reports it
        servers = [as_text(one) for one in as_list(member(found, "properties", "dhcpOptions", "dnsServers"))]
        if others := ", ".join(one for one in servers if one and one != _AZURE):
            asking.setdefault(others, []).append(name_of(network))
    for addresses, networks in asking.items():
        what = f"whether the DNS servers {addresses} of {', '.join(networks)} resolve private endpoints"
        yield NotChecked(what, FORWARDERS)
