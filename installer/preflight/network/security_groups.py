"""Network security groups of existing subnets: what has to come in and go out for what the plan puts into them.

The matching rule with the lowest number decides; without one, traffic within the virtual network, from Azure's load balancer and outbound
is allowed (azure-docs, virtual-network/network-security-groups-overview.md). security_needs.py has what each use needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.json_access import as_list, as_object, as_text, member, objects_of
from installer.preflight.commands import in_group
from installer.preflight.model import Finding, NotChecked, WayOut
from installer.preflight.network.reads import range_of, ranges_of, read_network, rules
from installer.preflight.network.security_needs import is_endpoint, needs_of_uses
from installer.preflight.offer_facts import whole
from installer.preflight.reads import NotVisible
from installer.resource_id import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Network

    from installer.json_access import JsonObject
    from installer.preflight.model import Entry
    from installer.preflight.network.security_needs import TrafficNeed
    from installer.preflight.subject import Subject

_TCP: Final = frozenset({"*", "tcp", ""})
_JUDGES_ENDPOINTS: Final = frozenset({"enabled", "networksecuritygroupenabled"})
"""Policies of a subnet with which its rules count for private endpoints: azure-docs, private-link/disable-private-endpoint-network-policy.md."""


def security_rules(subject: Subject, found: JsonObject, subnet: str, uses: set[str]) -> Iterator[Entry]:
    """Rules of the group of a subnet that its uses do not work with; `uses` as in security_needs.py."""
    group = as_text(member(found, "properties", "networkSecurityGroup", "id"))
    policies = as_text(member(found, "properties", "privateEndpointNetworkPolicies")).lower()
    needs = needs_of_uses(one for one in uses if policies in _JUDGES_ENDPOINTS or not is_endpoint(one))
    if not group or not needs:
        return
    try:
        read = subject.arm.find(rules(group))
    except NotVisible as unseen:
        yield NotChecked(unseen.what, unseen.why)
        return
    if not isinstance(member(read, "properties", "securityRules"), list):
        yield NotChecked(f"rules of the network security group {name_of(group)}", "its body does not have them")
        return
    listed = [as_object(one.get("properties")) for one in objects_of(member(read, "properties", "securityRules"))]
    listed.sort(key=lambda one: whole(one.get("priority")))
    inside = ranges_of(read_network(subject, subnet.partition("/subnets/")[0]))
    for need in needs:
        denied, exceptions = _decided(listed, need, inside)
        if denied:
            yield _blocked(need, group, subnet, exceptions)


def _decided(listed: list[JsonObject], need: TrafficNeed, inside: list[IPv4Network]) -> tuple[bool, int]:
    """Whether traffic is denied, and the number of rules before that allow a part of it."""
    exceptions = 0
    side = "source" if need.inbound else "destination"
    for one in listed:
        if (as_text(one.get("direction")).lower() == "inbound") is not need.inbound or not _of_tcp(one):
            continue
        if not _has_ports(one, need.ports):
            continue
        allows = as_text(one.get("access")).lower() == "allow"
        if any(_covers_place(text, need, inside) for text in _places(one, side)):
            return not allows, exceptions
        exceptions += allows
    return not need.allowed_by_default, 0


def _of_tcp(rule: JsonObject) -> bool:
    return as_text(rule.get("protocol")).lower() in _TCP


def _places(rule: JsonObject, side: str) -> list[str]:
    return [as_text(rule.get(f"{side}AddressPrefix")), *map(str, as_list(rule.get(f"{side}AddressPrefixes")))]


def _covers_place(text: str, need: TrafficNeed, inside: list[IPv4Network]) -> bool:
    """Whether a place of a rule has all that traffic comes from or goes to."""
    if text.lower() in need.places:
        return True
    if not need.within or not inside or not text[:1].isdecimal() or ":" in text:
        return False
    whole_range = range_of(text)
    return all(one.subnet_of(whole_range) for one in inside)


def _has_ports(rule: JsonObject, ports: tuple[int, int]) -> bool:
    named = [as_text(rule.get("destinationPortRange")), *map(str, as_list(rule.get("destinationPortRanges")))]
    return any(_covers(one, ports) for one in named)


def _covers(text: str, ports: tuple[int, int]) -> bool:
    first, _, last = text.partition("-")
    low, high = ports
    last = last or first
    return text == "*" or (first.isdecimal() and last.isdecimal() and int(first) <= low and int(last) >= high)


def _blocked(need: TrafficNeed, group: str, subnet: str, exceptions: int) -> Finding:
    but = f", but for {exceptions} of its rules" if exceptions else ""
    ports = "-".join(map(str, dict.fromkeys(need.ports)))
    direction, side = ("Inbound", "source") if need.inbound else ("Outbound", "destination")
    command = (
        f"az network nsg rule create {in_group(group)} --nsg-name {name_of(group)} -n {need.name} --priority NUMBER "
        f"--direction {direction} --{side}-address-prefixes {need.tag} --destination-port-ranges {ports} --protocol Tcp"
    )
    return Finding(
        "warns" if exceptions or not need.blocks else "blocks",
        f"the network security group {name_of(group)} of the subnet {name_of(subnet)} denies {need.what}{but}",
        group,
        need.why,
        (WayOut(f"ask its owner for a rule before those that deny: {command}"), *need.ways),
        need.code,
    )
