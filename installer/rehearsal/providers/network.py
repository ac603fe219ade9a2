"""Microsoft.Network: address spaces that must hold their subnets, endpoints with their addresses."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from installer.rehearsal.errors import ArmError
from installer.rehearsal.ids import derived_guid, derived_hex
from installer.rehearsal.providers.behaviour import Behaviour, Case
from installer.rehearsal.shapes import JsonObject, as_list, as_object, as_text, member
from installer.rehearsal.state.resources import Resource

if TYPE_CHECKING:
    from collections.abc import Iterable

    from installer.rehearsal.evaluation import Json

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_SUBNET = "Microsoft.Network/virtualNetworks/subnets"


def _ranges(values: Iterable[Json]) -> list[Network]:
    """The address ranges among the values; a malformed one is refused."""
    found = []
    for value in values:
        try:
            found.append(ipaddress.ip_network(as_text(value), strict=True))
        except ValueError:
            raise ArmError(
                400,
                "InvalidAddressPrefixFormat",
                f"Address prefix {as_text(value)} is not a valid CIDR notation.",
                cause="service",
            ) from None
    return found


def _prefixes(subnet: JsonObject) -> list[Json]:
    one = member(subnet, "properties", "addressPrefix")
    return [one] if isinstance(one, str) else as_list(member(subnet, "properties", "addressPrefixes"))


def _inside(prefix: Network, space: list[Network]) -> bool:
    return any(
        prefix.version == whole.version and int(whole[0]) <= int(prefix[0]) and int(prefix[-1]) <= int(whole[-1])
        for whole in space
    )


def _check_subnets(network: str, space: list[Network], subnets: list[tuple[str, JsonObject]]) -> None:
    taken: list[tuple[str, Network]] = []
    for name, subnet in subnets:
        for prefix in _ranges(_prefixes(subnet)):
            if not _inside(prefix, space):
                raise ArmError(
                    400,
                    "NetcfgInvalidSubnet",
                    f"Subnet '{name}' is not valid in virtual network '{network}'.",
                    cause="service",
                )
            for other, range_ in taken:
                if other.lower() != name.lower() and prefix.overlaps(range_):
                    raise ArmError(
                        400,
                        "NetcfgInvalidSubnet",
                        f"Subnet '{name}' is not valid because its IP address range overlaps with that of an "
                        f"existing subnet '{other}' in virtual network '{network}'.",
                        cause="service",
                    )
            taken.append((name, prefix))


def _space(network: Resource | None) -> list[Network]:
    return _ranges(
        as_list(member(network.desired, "properties", "addressSpace", "addressPrefixes") if network else None)
    )


def _inline(case: Case) -> list[tuple[str, JsonObject]]:
    subnets = [as_object(item) for item in as_list(case.properties.get("subnets"))]
    return [(as_text(item.get("name")), item) for item in subnets]


def _check_network(case: Case) -> None:
    inline = _inline(case)
    kept = [] if "subnets" in case.properties else _siblings(case, case.id)
    _check_subnets(case.leaf, _space(case.resource), kept + inline)


def _siblings(case: Case, network_id: str) -> list[tuple[str, JsonObject]]:
    return [
        (item.id.rsplit("/", 1)[-1], item.desired) for item in case.resources.children(f"{network_id}/subnets", _SUBNET)
    ]


def _check_subnet(case: Case) -> None:
    network_id = case.id.rsplit("/", 2)[0]
    others = [item for item in _siblings(case, network_id) if item[0].lower() != case.leaf.lower()]
    space = _space(case.resources.get(network_id))
    _check_subnets(network_id.rsplit("/", 1)[-1], space, [*others, (case.leaf, case.resource.desired)])


def _settle_network(case: Case) -> None:
    """Inline subnets become resources of their own; an inline list is the whole list."""
    if "subnets" not in case.properties:
        return
    inline = _inline(case)
    names = {name.lower() for name, _ in inline}
    for item in case.resources.children(f"{case.id}/subnets", _SUBNET):
        if item.id.rsplit("/", 1)[-1].lower() not in names:
            case.resources.remove(item.id)
    for name, subnet in inline:
        case.resources.save(
            Resource(
                id=f"{case.id}/subnets/{name}",
                type=_SUBNET,
                name=name,
                api_version=case.resource.api_version,
                state="Succeeded",
                created=case.resource.created,
                changed=case.resource.changed,
                desired={"properties": as_object(subnet.get("properties"))},
            )
        )


def _display(case: Case) -> JsonObject:
    """The subnets as they stand now, whoever made them."""
    subnets: list[Json] = [item.view() for item in case.resources.children(f"{case.id}/subnets", _SUBNET)]
    return {"properties": {"subnets": subnets}}


def _endpoint(case: Case) -> JsonObject:
    number = derived_hex(case.id, "interface", 32)
    card = case.id.replace("/privateEndpoints/", "/networkInterfaces/") + f".nic.{number}"
    return {"properties": {"networkInterfaces": [{"id": card}]}}


def _public_address(case: Case) -> JsonObject:
    # 198.51.100.0/24 is set aside for documentation (RFC 5737): nobody owns what a rehearsal shows.
    last = int(derived_hex(case.id, "address", 2), 16) % 254 + 1
    return {"properties": {"ipAddress": f"198.51.100.{last}"}}


def _resource_guid(case: Case) -> JsonObject:
    return {"properties": {"resourceGuid": derived_guid(case.id, "resourceGuid")}}


BEHAVIOURS = {
    "Microsoft.Network/virtualNetworks": Behaviour(
        check=_check_network, computed=_resource_guid, settled=_settle_network, display=_display
    ),
    _SUBNET: Behaviour(check=_check_subnet),
    "Microsoft.Network/networkSecurityGroups": Behaviour(computed=_resource_guid),
    "Microsoft.Network/natGateways": Behaviour(computed=_resource_guid),
    "Microsoft.Network/routeTables": Behaviour(computed=_resource_guid),
    "Microsoft.Network/privateEndpoints": Behaviour(computed=_endpoint),
    "Microsoft.Network/publicIPAddresses": Behaviour(computed=_public_address),
}
