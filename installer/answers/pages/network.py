"""Page Network: hub and spokes, egress and private DNS."""

from typing import Annotated, Literal

from pydantic import Field

from installer.answers.ask import Ask, Page, View
from installer.answers.pages.patterns import CIDR, GROUP_ID, IPV4, NETWORK_ID, SPOKE

_GROUP = "/subscriptions/4f2c8a16-3b1d-4a8e-9c55-0e6a7d9191ab/resourceGroups/"
"""Prefix of the example resource IDs."""


def _private(view: View) -> bool:
    return view.get("network.mode") != "public"


def _new_spokes(view: View) -> bool:
    return view.get("network.mode") != "existing"


def _existing_hub(view: View) -> bool:
    return view.get("network.mode") in {"existing_hub", "existing"}


def _behind_firewall(view: View) -> bool:
    return view.get("network.egress") == "firewall"


class Network(Page):
    """Virtual networks: a new hub with a spoke for each environment, or existing networks."""

    mode: Annotated[
        Literal["new", "existing_hub", "existing", "public"],
        Ask(
            "Virtual networks",
            help="Create hub and spokes, peer new spokes with an existing hub, or use existing networks. "
            "Public endpoints are for trials only: any signed-in user with a role can reach the data from the internet.",
            options={
                "new": "new hub and spokes",
                "existing_hub": "new spokes, existing hub",
                "existing": "existing hub and spokes",
                "public": "public endpoints (trial only)",
            },
        ),
    ] = "new"
    address_space: Annotated[
        str,
        Field(pattern=CIDR),
        Ask(
            "Address space",
            help="Address space of hub and spokes. It must not overlap networks that you peer or connect.",
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
            help="Resource ID of the hub virtual network, in any subscription. You need the permission to peer with it.",
            source="networks",
            allowed="the resource ID of a virtual network",
            example=f"{_GROUP}rg-hub/providers/Microsoft.Network/virtualNetworks/vnet-hub",
            applies=_existing_hub,
        ),
    ] = ""
    hub_subnet: Annotated[
        str,
        Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,78}[A-Za-z0-9_]$"),
        Ask(
            "Hub subnet",
            source="hub_subnets",
            help="Subnet of the hub for the private endpoints of shared resources: "
            "PostgreSQL server and container registry.",
            allowed="the name of a subnet",
            example="snet-endpoints",
            applies=_existing_hub,
        ),
    ] = ""
    gateway_transit: Annotated[
        bool,
        Ask(
            "Use hub gateway",
            help="Gateway transit: spokes use the ExpressRoute or VPN gateway of the hub.",
            applies=lambda view: view.get("network.mode") == "existing_hub",
        ),
    ] = False
    spoke_ids: Annotated[
        list[Annotated[str, Field(pattern=SPOKE)]],
        Field(max_length=4),
        Ask(
            "Spoke networks",
            help="Virtual network of each environment. Its subnets have the names in bicep/README.md, "
            "or those set under Resource names.",
            allowed="environment=resource ID, one for each environment",
            example=f"dev={_GROUP}rg-net/providers/Microsoft.Network/virtualNetworks/vnet-dev",
            applies=lambda view: view.get("network.mode") == "existing",
        ),
    ] = []  # noqa: RUF012  pydantic copies defaults
    private_access: Annotated[
        Literal["none", "gateway", "bastion", "other"],
        Ask(
            "Private access",
            help="How people reach private addresses of these networks: the web app with private ingress, and a private "
            "cluster. The connection itself is yours; the installer creates none.",
            options={
                "none": "not yet",
                "gateway": "VPN or ExpressRoute",
                "bastion": "Bastion and jump host",
                "other": "another way, such as Azure Relay",
            },
            applies=_private,
        ),
    ] = "none"
    connected_ranges: Annotated[
        list[Annotated[str, Field(pattern=CIDR)]],
        Field(max_length=100),
        Ask(
            "Connected ranges",
            help="Address ranges of on-premises and other networks that connect to these. New networks and the ranges "
            "inside clusters must not overlap them.",
            allowed="IPv4 ranges in CIDR notation",
            example="10.0.0.0/16 192.168.0.0/20",
            applies=_private,
            optional=True,
        ),
    ] = []  # noqa: RUF012  pydantic copies defaults
    egress: Annotated[
        Literal["nat", "firewall"],
        Ask(
            "Egress",
            help="Outbound internet access: a NAT gateway in each spoke, or an existing firewall.",
            options={"nat": "NAT gateway in each spoke", "firewall": "existing firewall"},
            bicep="egress",
            applies=_private,
        ),
    ] = "nat"
    nat_gateway: Annotated[
        Literal["same", "zone_redundant", "zonal"],
        Ask(
            "NAT gateway",
            help="The SKU StandardV2 is zone-redundant; Standard is in one zone and does not survive its loss. Both have "
            "the same price. It cannot be changed later.",
            options={
                "same": "same as Availability zones",
                "zone_redundant": "zone-redundant (StandardV2)",
                "zonal": "in one zone (Standard)",
            },
            applies=lambda view: _private(view) and _new_spokes(view) and view.get("network.egress") == "nat",
        ),
    ] = "same"
    firewall_address: Annotated[
        str,
        Field(pattern=IPV4),
        Ask(
            "Firewall private IP",
            help="Private IP address of the firewall: next hop of the default route in every spoke.",
            allowed="an IPv4 address",
            example="10.0.0.4",
            bicep="firewallAddress",
            applies=lambda view: _behind_firewall(view) and _new_spokes(view) and _private(view),
        ),
    ] = ""
    route_tables: Annotated[
        bool,
        Ask(
            "Route tables",
            help="A route table on every new subnet, as some policies require; it has no routes where none are needed.",
            applies=lambda view: _new_spokes(view) and _private(view),
        ),
    ] = False
    dns: Annotated[
        Literal["created", "existing", "policy"],
        Ask(
            "Private DNS zones",
            help="DNS records of private endpoints: in new zones, in existing zones of your organization, "
            "or written by an Azure Policy of your organization.",
            options={"created": "new zones", "existing": "existing zones", "policy": "written by Azure Policy"},
            renamed={"ours": "created", "theirs": "existing"},
            applies=_private,
        ),
    ] = "created"
    dns_group_id: Annotated[
        str,
        Field(pattern=GROUP_ID),
        Ask(
            "DNS zones group",
            source="zone_groups",
            help="Resource ID of the resource group with your private DNS zones, in any subscription.",
            allowed="the resource ID of a resource group",
            example=f"{_GROUP}rg-dns",
            applies=lambda view: _private(view) and view.get("network.dns") == "existing",
        ),
    ] = ""
    dns_fallback: Annotated[
        bool,
        Ask(
            "Internet fallback",
            help="Names that a new zone does not have are resolved by public DNS, so that private endpoints of other "
            "organisations stay reachable.",
            applies=lambda view: _private(view) and view.get("network.dns") == "created",
        ),
    ] = True
    dns_resolver: Annotated[
        bool,
        Ask(
            "DNS resolver",
            help="Inbound endpoint in the hub through which on-premises DNS servers resolve private names.",
            bicep="dnsResolver",
            applies=lambda view: view.get("network.mode") == "new",
        ),
    ] = False
    private_registry: Annotated[
        bool,
        Ask(
            "Private registry",
            help="The container registry is reachable only through a private endpoint; requires the Premium SKU.",
            bicep="privateRegistry",
            applies=_private,
        ),
    ] = True
