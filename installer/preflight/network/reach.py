"""Whether users reach the private ingress: the gateway of an existing hub, and what else leads into its network.

Sources: azure-docs, virtual-network/virtual-network-peering-overview.md (gateway transit needs a gateway in the hub),
vpn-gateway/vpn-gateway-about-vpn-gateway-settings.md (GatewaySubnet), bastion/configuration-settings.md (AzureBastionSubnet),
route-server/overview.md (RouteServerSubnet); public threads, not confirmed by documentation: RemoteVnetHasNoGateways for
a peering with useRemoteGateways to a network without a gateway, also with its subnet (hashicorp/terraform#30569).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.estate.parameters.resource_ids import network_id
from installer.json_access import as_text, member, objects_of
from installer.preflight.model import Finding, NotChecked, Proof, WayOut
from installer.preflight.network.reads import GATEWAYS, has_gateway, read_network
from installer.preflight.reads import NotVisible
from installer.resource_id import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.jsontypes import Json
    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

_ENTRANCES: Final = frozenset({GATEWAYS, "azurebastionsubnet", "routeserversubnet"})


def entrances(subject: Subject) -> Iterator[Entry]:
    """The gateway that the answers use, and ways into an existing hub; nothing about new networks."""
    if subject.answers.network.mode not in ("existing_hub", "existing"):
        return
    hub = network_id(subject.it, "hub")
    try:
        found = read_network(subject, hub)
    except NotVisible as unseen:
        yield NotChecked(f"gateway of {name_of(hub)}", unseen.why)
        return
    properties = member(found, "properties")
    subnets = {as_text(one.get("name")).lower() for one in objects_of(member(properties, "subnets"))}
    if not subnets:
        return  # the missing subnets are named
    if subject.answers.network.mode == "existing_hub" and subject.answers.network.gateway_transit:
        yield Proof(f"{name_of(hub)} has a gateway") if has_gateway(properties) else _gateway(hub)
        return
    if subject.answers.network.private_access == "other" and subject.answers.ingress.kind == "private":
        ways = [*sorted(subnets & _ENTRANCES), *_peers(subject, properties)]
        yield Proof(f"{name_of(hub)} is reached through {', '.join(ways)}") if ways else _closed(hub)


def _peers(subject: Subject, properties: Json) -> list[str]:
    """Networks of others that are peered with the hub."""
    own = {network_id(subject.it, name).lower() for name in subject.it.environments}
    remote = (
        as_text(member(one, "properties", "remoteVirtualNetwork", "id"))
        for one in objects_of(member(properties, "virtualNetworkPeerings"))
    )
    return [name_of(one) for one in remote if one and one.lower() not in own]


def _gateway(hub: str) -> Finding:
    return Finding(
        "blocks",
        f"{name_of(hub)} has no gateway, and the answers lead the spokes through it",
        hub,
        "Azure refuses a peering that uses a gateway of the other network where there is none",
        (
            WayOut("use no gateway of the hub", (("network.gateway_transit", False),)),
            WayOut("ask its owner for a VPN or ExpressRoute gateway in the subnet GatewaySubnet"),
        ),
        "RemoteVnetHasNoGateways",
    )


def _closed(hub: str) -> Finding:
    return Finding(
        "warns",
        f"nothing leads into {name_of(hub)}: it has no gateway, no Azure Bastion, no route server and no peer of others",
        hub,
        "no user can open the web app, which has private access only",
        (
            WayOut("ask its owner to connect it: a gateway, or a peering with a network that users reach"),
            WayOut("publish the web app behind a Web Application Firewall", (("ingress.kind", "frontdoor"),)),
        ),
    )
