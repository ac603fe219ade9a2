"""Routes of existing subnets: with user-defined routing AKS needs a route table with a default route to an appliance or a gateway.

Sources: azure-aks-docs, aks/egress-udr.md; codes as users quote them: hashicorp/terraform-provider-azurerm#8609 (a default route to the
internet), MicrosoftDocs/azure-docs#108240 (no default route in the table; one that a virtual WAN propagates does not count).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.json_access import as_text, member, objects_of
from installer.preflight.commands import in_group, of_subnet
from installer.preflight.footprint import CLUSTER
from installer.preflight.model import Finding, NotChecked, WayOut
from installer.preflight.network.reads import routes
from installer.preflight.reads import NotVisible
from installer.resource_id import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.estate.bodies import PlannedBody
    from installer.json_access import JsonObject
    from installer.jsontypes import Json
    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

_DEFAULT: Final = "0.0.0.0/0"
_HOPS: Final = frozenset({"virtualappliance", "virtualnetworkgateway"})


def egress_routes(subject: Subject, found: JsonObject, subnet: str, users: list[PlannedBody]) -> Iterator[Entry]:
    """The route table of a subnet for nodes whose egress leads through a firewall, and its default route."""
    routed = any(
        as_text(member(body.body, "properties", "networkProfile", "outboundType")) == "userDefinedRouting"
        for body in users
        if body.type.lower() == CLUSTER
    )
    if not routed:
        return
    table = as_text(member(found, "properties", "routeTable", "id"))
    if not table:
        yield _without_table(subnet)
        return
    try:
        read = subject.arm.find(routes(table))
    except NotVisible as unseen:
        yield NotChecked(f"default route of the subnet {name_of(subnet)}: {unseen.what}", unseen.why)
        return
    listed = member(read, "properties", "routes")
    if not isinstance(listed, list):
        why = "its body does not have its routes" if read else "Azure does not find it"
        yield NotChecked(f"default route of the subnet {name_of(subnet)}: route table {name_of(table)}", why)
        return
    yield from _default_route(listed, table, subnet)


def _without_table(subnet: str) -> Finding:
    text = f"ask its owner for: {of_subnet(subnet)} --route-table TABLE, with a default route to the firewall"
    return Finding(
        "blocks",
        f"the subnet {name_of(subnet)} has no route table, and the answers lead the egress of its nodes through a firewall",
        subnet,
        "Azure refuses the cluster",
        (WayOut(text),),
        "ExistingRouteTableNotAssociatedWithSubnet",
    )


def _default_route(listed: list[Json], table: str, subnet: str) -> Iterator[Finding]:
    """A table whose default route is missing or leads elsewhere."""
    default = next((one for one in objects_of(listed) if _prefix(one) == _DEFAULT), None)
    hop = as_text(member(default, "properties", "nextHopType"))
    if hop.lower() in _HOPS:
        return
    command = f"az network route-table route {'update' if default else 'create'} {in_group(table)}"
    name = as_text((default or {}).get("name")) or "default"
    leads = f"leads its default route to {hop}" if default else "has no default route"
    yield Finding(
        "blocks",
        f"the route table {name_of(table)} of the subnet {name_of(subnet)} {leads}",
        table,
        "Azure refuses the cluster, whose egress the answers lead through a firewall; a route that a gateway or virtual WAN "
        "propagates does not count",
        (
            WayOut(
                f"ask its owner for: {command} --route-table-name {name_of(table)} -n {name} --address-prefix {_DEFAULT} "
                "--next-hop-type VirtualAppliance --next-hop-ip-address FIREWALL"
            ),
        ),
        "RouteTableInvalidNextHop" if default else "RouteTableMissingDefaultRouteError",
    )


def _prefix(route: JsonObject) -> str:
    return as_text(member(route, "properties", "addressPrefix"))
