"""Hub, spokes, the way out, and who answers for names."""

from typing import Annotated, Literal

from pydantic import Field

from installer.answers.ask import Ask, Page, View
from installer.answers.pages.patterns import CIDR, GROUP_ID, IPV4, NETWORK_ID, SPOKE

_GROUP = "/subscriptions/4f2c8a16-3b1d-4a8e-9c55-0e6a7d9191ab/resourceGroups/"
"""How the examples of resource ids begin."""


def _private(view: View) -> bool:
    return view.get("network.mode") != "public"


def _new_spokes(view: View) -> bool:
    return view.get("network.mode") != "existing"


def _existing_hub(view: View) -> bool:
    return view.get("network.mode") in {"existing_hub", "existing"}


def _behind_firewall(view: View) -> bool:
    return view.get("network.egress") == "firewall"


class Network(Page):
    """One address space, a hub, and a spoke for each environment; or the networks that you have."""

    mode: Annotated[
        Literal["new", "existing_hub", "existing", "public"],
        Ask(
            "Networks",
            help="Build hub and spokes, join the spokes to your hub, or use networks you have. "
            "Public endpoints are for trials only: data can be reached from the internet by whoever may sign in.",
            options={
                "new": "new hub and spokes",
                "existing_hub": "new spokes on my hub",
                "existing": "my hub and my spokes",
                "public": "public endpoints",
            },
        ),
    ] = "new"
    address_space: Annotated[
        str,
        Field(pattern=CIDR),
        Ask(
            "Address space",
            help="Hub and spokes are carved from it. It must not overlap networks that you will peer or connect.",
            allowed="an IPv4 range in CIDR notation",
            example="10.40.0.0/16",
            applies=_new_spokes,
        ),
    ] = "10.40.0.0/16"
    hub_id: Annotated[
        str,
        Field(pattern=NETWORK_ID),
        Ask(
            "Hub network",
            help="Resource id of the hub, which may be in another subscription. You need the right to peer with it.",
            source="networks",
            allowed="the resource id of a virtual network",
            example=f"{_GROUP}rg-hub/providers/Microsoft.Network/virtualNetworks/vnet-hub",
            applies=_existing_hub,
        ),
    ] = ""
    hub_subnet: Annotated[
        str,
        Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,78}[A-Za-z0-9_]$"),
        Ask(
            "Subnet of the hub",
            help="Name of the hub's subnet for the private endpoints of what all environments share: "
            "the database server and the registry.",
            allowed="the name of a subnet",
            example="snet-endpoints",
            applies=_existing_hub,
        ),
    ] = ""
    gateway_transit: Annotated[
        bool,
        Ask(
            "Use its gateway",
            help="The hub has an ExpressRoute or VPN gateway, and the spokes are reached through it.",
            applies=lambda view: view.get("network.mode") == "existing_hub",
        ),
    ] = False
    spoke_ids: Annotated[
        list[Annotated[str, Field(pattern=SPOKE)]],
        Field(max_length=4),
        Ask(
            "Spoke networks",
            help="The network of each environment, with subnets of the names that bicep/README.md says "
            "(or of your own, under Own names).",
            allowed="environment=resource id, one for each environment",
            example=f"dev={_GROUP}rg-net/providers/Microsoft.Network/virtualNetworks/vnet-dev",
            applies=lambda view: view.get("network.mode") == "existing",
        ),
    ] = []  # noqa: RUF012  pydantic copies defaults
    egress: Annotated[
        Literal["nat", "firewall"],
        Ask(
            "Egress",
            help="How workloads reach the internet: a NAT gateway of their own, or a firewall that you already run.",
            options={"nat": "NAT gateway per spoke", "firewall": "existing firewall"},
            bicep="egress",
            applies=_private,
        ),
    ] = "nat"
    firewall_address: Annotated[
        str,
        Field(pattern=IPV4),
        Ask(
            "Firewall address",
            help="Private address of the firewall: the next hop of every spoke's default route.",
            allowed="an IPv4 address",
            example="10.0.0.4",
            bicep="firewallAddress",
            applies=lambda view: _behind_firewall(view) and _new_spokes(view) and _private(view),
        ),
    ] = ""
    dns: Annotated[
        Literal["ours", "theirs", "policy"],
        Ask(
            "Private DNS",
            help="Who keeps the private DNS zones of the endpoints: this installation, your organisation in a group "
            "that you name, or a policy of yours that writes the records by itself.",
            options={"ours": "zones built here", "theirs": "zones of ours, by id", "policy": "our policy writes them"},
            applies=_private,
        ),
    ] = "ours"
    dns_group_id: Annotated[
        str,
        Field(pattern=GROUP_ID),
        Ask(
            "Group of zones",
            help="Resource id of the group with your private DNS zones, which may be in another subscription.",
            allowed="the resource id of a resource group",
            example=f"{_GROUP}rg-dns",
            applies=lambda view: _private(view) and view.get("network.dns") == "theirs",
        ),
    ] = ""
    dns_resolver: Annotated[
        bool,
        Ask(
            "DNS resolver",
            help="An address in the hub that servers on your premises can ask for the private names.",
            bicep="dnsResolver",
            applies=lambda view: view.get("network.mode") == "new",
        ),
    ] = False
    private_registry: Annotated[
        bool,
        Ask(
            "Private registry",
            help="The container registry answers only inside the network; needs its Premium tier.",
            bicep="privateRegistry",
            applies=_private,
        ),
    ] = True
