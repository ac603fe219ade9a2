"""Network security groups of existing subnets: what has to come in to a gateway, and go out from nodes.

Sources: azure-docs, application-gateway/configuration-infrastructure.md (ports 65200-65535 from GatewayManager);
azure-aks-docs, aks/outbound-rules-control-egress.md (nodes reach the API server, the container registry of Microsoft and Entra
over 443); github.com/Azure/AKS/issues/1607 (creation ends with exit 50 if they do not); virtual-network/
network-security-groups-overview.md (the matching rule with the lowest number decides; without one, outbound is allowed).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.json_access import as_list, as_object, as_text, member, objects_of
from installer.preflight.footprint import CLUSTER
from installer.preflight.model import Finding, NotChecked, WayOut
from installer.preflight.network.reads import rules
from installer.preflight.offer_facts import whole
from installer.preflight.reads import NotVisible
from installer.resource_id import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.jsontypes import Json
    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

_GATEWAY: Final = "microsoft.network/applicationgateways"
_NODES: Final = frozenset({CLUSTER, f"{CLUSTER}/agentpools"})
_HEALTH: Final = (65200, 65535)
_HTTPS: Final = (443, 443)
_MANAGERS: Final = frozenset({"*", "any", "gatewaymanager", "internet", "0.0.0.0/0"})
_ANYWHERE: Final = frozenset({"*", "any", "internet", "0.0.0.0/0"})
_TCP: Final = frozenset({"*", "tcp", ""})


def security_rules(subject: Subject, found: dict[str, Json], subnet: str, uses: set[str]) -> Iterator[Entry]:
    """Rules of the group of a subnet that its uses do not work with; `uses` are types in lower case."""
    group = as_text(member(found, "properties", "networkSecurityGroup", "id"))
    if not group or not uses & {_GATEWAY, *_NODES}:
        return
    try:
        read = subject.arm.find(rules(group))
    except NotVisible as unseen:
        yield NotChecked(unseen.what, unseen.why)
        return
    listed = [as_object(one.get("properties")) for one in objects_of(member(read, "properties", "securityRules"))]
    listed.sort(key=lambda one: whole(one.get("priority")))
    if _GATEWAY in uses and not _lets_probes_in(listed):
        yield _probes_blocked(group, subnet)
    if uses & _NODES:
        yield from _nodes_cut_off(listed, group, subnet)


def _lets_probes_in(listed: list[dict[str, Json]]) -> bool:
    inbound = (one for one in listed if _direction(one) == "inbound" and _matches(one, "source", _MANAGERS, _HEALTH))
    first = next(inbound, None)
    return first is not None and _allows(first)


def _probes_blocked(group: str, subnet: str) -> Finding:
    where = group.split("/")
    return Finding(
        "blocks",
        f"the network security group {name_of(group)} of the subnet {name_of(subnet)} blocks the health probes of the gateway",
        group,
        "Azure refuses the Application Gateway",
        (
            WayOut(
                f"ask its owner for: az network nsg rule create -g {where[4]} --nsg-name {name_of(group)} -n gateway-manager "
                "--priority 200 --source-address-prefixes GatewayManager --destination-port-ranges 65200-65535 --protocol Tcp"
            ),
        ),
        "ApplicationGatewaySubnetInboundTrafficBlockedByNetworkSecurityGroup",
    )


def _nodes_cut_off(listed: list[dict[str, Json]], group: str, subnet: str) -> Iterator[Finding]:
    """Nodes that reach nothing outside; with exceptions before the denial, whether these are enough is not known."""
    exceptions = 0
    for one in listed:
        if _direction(one) != "outbound":
            continue
        if _matches(one, "destination", _ANYWHERE, _HTTPS):
            if not _allows(one):
                yield _cut_off(group, subnet, exceptions)
            return
        exceptions += _allows(one) and _matches(one, "destination", None, _HTTPS)


def _cut_off(group: str, subnet: str, exceptions: int) -> Finding:
    but = f", but for {exceptions} of its rules" if exceptions else ""
    return Finding(
        "warns" if exceptions else "blocks",
        f"the network security group {name_of(group)} of the subnet {name_of(subnet)} denies everything outbound{but}",
        group,
        "the nodes have to reach the API server, mcr.microsoft.com and Entra over 443; otherwise the creation of the cluster fails",
        (
            WayOut(
                "ask its owner to allow port 443 outbound to the service tag AzureCloud, or to what plan F lists for a firewall"
            ),
        ),
    )


def _direction(rule: dict[str, Json]) -> str:
    return as_text(rule.get("direction")).lower()


def _allows(rule: dict[str, Json]) -> bool:
    return as_text(rule.get("access")).lower() == "allow"


def _matches(rule: dict[str, Json], side: str, places: frozenset[str] | None, ports: tuple[int, int]) -> bool:
    """Whether a rule is about TCP to these ports, from or to one of the places; None for any place."""
    named = [as_text(rule.get(f"{side}AddressPrefix")), *map(str, as_list(rule.get(f"{side}AddressPrefixes")))]
    listed = [as_text(rule.get("destinationPortRange")), *map(str, as_list(rule.get("destinationPortRanges")))]
    return (
        as_text(rule.get("protocol")).lower() in _TCP
        and (places is None or any(one.lower() in places for one in named))
        and any(_covers(one, ports) for one in listed)
    )


def _covers(text: str, ports: tuple[int, int]) -> bool:
    first, _, last = text.partition("-")
    low, high = ports
    last = last or first
    return text == "*" or (first.isdecimal() and last.isdecimal() and int(first) <= low and int(last) >= high)
