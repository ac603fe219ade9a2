"""Microsoft.Network: application gateways and firewalls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.providers.certificate_sources import gateway_failure
from installer.emulator.providers.provider import ProviderHooks
from installer.emulator.providers.subnet_rules import address_in, subnet_of
from installer.json_access import as_list, as_object, as_text, member

if TYPE_CHECKING:
    from installer.emulator.providers.provider import ProviderContext
    from installer.emulator.state.resources import Resource
    from installer.json_access import JsonObject
    from installer.jsontypes import Json

_RULES = "Microsoft.Network/networkSecurityGroups/securityRules"
_HEALTH_PORTS = (65200, 65535)  # documented: ports of the health probes of a v2 gateway
_TCP = frozenset({"*", "tcp", ""})
_MANAGERS = frozenset({"*", "any", "gatewaymanager", "internet", "0.0.0.0/0"})


def _subnet(context: ProviderContext) -> Resource | None:
    first = next(iter(as_list(context.properties.get("gatewayIPConfigurations"))), None)
    return subnet_of(context.resources, as_text(member(first, "properties", "subnet", "id")))


def _check_gateway(context: ProviderContext) -> None:
    subnet = _subnet(context)
    group_id = as_text(member(subnet.desired, "properties", "networkSecurityGroup", "id")) if subnet else ""
    group = context.resources.get(group_id)
    if subnet is None or group is None:
        return
    rules = [as_object(item) for item in as_list(member(group.desired, "properties", "securityRules"))]
    rules += [item.desired for item in context.resources.children(f"{group.id}/securityRules", _RULES)]
    if not _allows_health_probes([as_object(rule.get("properties")) for rule in rules]):
        raise ArmError(
            400,
            "ApplicationGatewaySubnetInboundTrafficBlockedByNetworkSecurityGroup",
            f"Network security group {group.id} blocks incoming internet traffic on ports "
            f"{_HEALTH_PORTS[0]} - {_HEALTH_PORTS[1]} to subnet {subnet.id}, associated with Application Gateway "
            f"{context.id}. This is not permitted for Application Gateways that have V2 Sku.",
            cause="service",
        )


def _allows_health_probes(rules: list[JsonObject]) -> bool:
    """Whether the matching inbound rule with the lowest number allows them; without one, none may come from outside."""
    for rule in sorted(rules, key=_priority):
        ranges = [rule.get("destinationPortRange"), *as_list(rule.get("destinationPortRanges"))]
        sources = [rule.get("sourceAddressPrefix"), *as_list(rule.get("sourceAddressPrefixes"))]
        if (
            as_text(rule.get("direction")).lower() == "inbound"
            and as_text(rule.get("protocol")).lower() in _TCP
            and any(as_text(item).lower() in _MANAGERS for item in sources)
            and any(_covers(as_text(item)) for item in ranges)
        ):
            return as_text(rule.get("access")).lower() == "allow"
    return False


def _priority(rule: JsonObject) -> int:
    found = rule.get("priority")
    return found if isinstance(found, int) else 0


def _covers(ports: str) -> bool:
    if ports == "*":
        return True
    first, _, last = ports.partition("-")
    low, high = _HEALTH_PORTS
    return first.isdecimal() and last.isdecimal() and int(first) <= low and int(last) >= high


def _gateway(context: ProviderContext) -> JsonObject:
    """Sub-resources of a gateway with their ids, by which clients refer to them."""
    return {
        "properties": {name: _with_ids(context, name) for name in context.properties if _is_part_list(context, name)}
    }


def _is_part_list(context: ProviderContext, name: str) -> bool:
    parts = as_list(context.properties.get(name))
    return bool(parts) and all("name" in as_object(item) for item in parts)


def _with_ids(context: ProviderContext, name: str) -> list[Json]:
    parts = as_list(context.properties.get(name))
    return [{**as_object(item), "id": f"{context.id}/{name}/{as_text(member(item, 'name'))}"} for item in parts]


def _firewall(context: ProviderContext) -> JsonObject:
    configurations: list[Json] = []
    for item in as_list(context.properties.get("ipConfigurations")):
        subnet = subnet_of(context.resources, as_text(member(item, "properties", "subnet", "id")))
        own: JsonObject = {"privateIPAddress": address_in(context.resources, subnet, context.id)} if subnet else {}
        configurations.append({**as_object(item), "properties": {**as_object(member(item, "properties")), **own}})
    return {"properties": {"ipConfigurations": configurations}}


HOOKS = {
    "Microsoft.Network/applicationGateways": ProviderHooks(
        check=_check_gateway, computed=_gateway, failure=gateway_failure
    ),
    "Microsoft.Network/azureFirewalls": ProviderHooks(computed=_firewall),
}
