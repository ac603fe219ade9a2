"""Rules of subnets for other services: delegations, size and free addresses."""

from __future__ import annotations

import ipaddress
import json
from functools import cache
from typing import TYPE_CHECKING

from installer import shipped_files
from installer.emulator.errors import ArmError
from installer.emulator.providers.data_files import load
from installer.json_access import JsonObject, as_list, as_object, as_text, member
from installer.resource_id import parse_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.emulator.providers.provider import ProviderContext
    from installer.emulator.state.resources import Resource, Resources
    from installer.jsontypes import Json

SUBNET_TYPE = "Microsoft.Network/virtualNetworks/subnets"
_ENDPOINTS = "Microsoft.Network/privateEndpoints"
_RESERVED = 4  # Azure reserves the first four addresses of a subnet, and the last


def subnet_of(resources: Resources, subnet_id: str) -> Resource | None:
    """A subnet by its id, or None if it is unknown."""
    found = resources.get(subnet_id)
    return found if found is not None and found.type.lower() == SUBNET_TYPE.lower() else None


def prefixes(subnet: JsonObject) -> list[Json]:
    """The address prefixes of a subnet, given as one or as a list."""
    one = member(subnet, "properties", "addressPrefix")
    return [one] if isinstance(one, str) else as_list(member(subnet, "properties", "addressPrefixes"))


def delegations(subnet: Resource) -> list[str]:
    """The services that a subnet is delegated to."""
    given = as_list(member(subnet.desired, "properties", "delegations"))
    return [as_text(member(item, "properties", "serviceName")) for item in given]


def address_in(resources: Resources, subnet: Resource, endpoint_id: str) -> str:
    """The address of a private endpoint: its existing one, else the first free one (ArmError SubnetIsFull)."""
    taken: set[str] = set()
    for item in resources.of_type(_ENDPOINTS):
        if as_text(member(item.desired, "properties", "subnet", "id")).lower() != subnet.key:
            continue
        addresses = _addresses(item)
        if item.key == endpoint_id.lower() and addresses:
            return addresses[0]
        taken.update(addresses)
    whole = ipaddress.ip_network(as_text(next(iter(prefixes(subnet.desired)), None)) or "10.0.0.0/29", strict=False)
    for offset in range(_RESERVED, min(whole.num_addresses - 1, _RESERVED + len(taken) + 1)):
        address = str(whole[offset])
        if address not in taken:
            return address
    raise ArmError(
        400,
        "SubnetIsFull",
        f"Subnet {subnet.name} with address prefix {whole} does not have enough capacity for 1 IP addresses.",
        cause="service",
    )


def _addresses(endpoint: Resource) -> list[str]:
    configs = as_list(member(endpoint.computed, "properties", "customDnsConfigs"))
    return [as_text(address) for item in configs for address in as_list(member(item, "ipAddresses"))]


@cache
def _needs() -> dict[str, list[JsonObject]]:
    found: dict[str, list[JsonObject]] = {}
    for item in as_list(member(load("subnet_needs"), "needs")):
        need = as_object(item)
        found.setdefault(as_text(need["type"]).lower(), []).append(need)
    return found


@cache
def _services() -> frozenset[str]:
    rows = as_object(json.loads(shipped_files.integrations())["services"]).values()
    optional = [member(row, "type") for row in rows if member(row, "delegable") is True]
    return frozenset(as_text(name).lower() for name in (*as_list(member(load("subnet_needs"), "services")), *optional))


def check_delegations(name: str, subnet: JsonObject) -> None:
    """Refuses a delegation to a service that supports none (ArmError)."""
    for item in as_list(member(subnet, "properties", "delegations")):
        service = as_text(member(item, "properties", "serviceName"))
        if service.lower() not in _services():
            raise ArmError(
                400,
                "InvalidServiceNameOnDelegation",
                f"The service name {service} specified on delegation {as_text(member(item, 'name'))} of subnet {name} "
                "is not valid.",
                cause="service",
            )


def check_subnet_rules(context: ProviderContext) -> None:
    """Refuses a resource whose subnet lacks the required delegation or is too small (ArmError)."""
    for need in _needs().get(context.resource.type.lower(), ()):
        when = as_text(need.get("when"))
        if when and not context.properties.get(when):
            continue
        for subnet_id in _subnet_ids_at(context.properties, as_text(need["at"]).split(".")):
            _check_subnet(context, need, subnet_id)


def _check_subnet(context: ProviderContext, need: JsonObject, subnet_id: str) -> None:
    subnet = subnet_of(context.resources, subnet_id)
    if subnet is None:
        if context.resources.exists(subnet_id.rsplit("/subnets/", 1)[0]):
            raise ArmError(
                400,
                "InvalidResourceReference",
                f"Resource {subnet_id} referenced by resource {context.id} was not found.",
                cause="service",
            )
        return
    wanted, max_prefix_length = as_text(need["delegation"]), need["least"]
    if wanted and wanted.lower() not in {name.lower() for name in delegations(subnet)}:
        raise ArmError(
            400,
            as_text(need["code"]),
            f"The subnet '{subnet.name}' requires a delegation to '{wanted}' to be used by the resource "
            f"'{context.leaf}' of type '{context.resource.type}'.",
            cause="service",
        )
    for prefix in prefixes(subnet.desired):
        size = ipaddress.ip_network(as_text(prefix), strict=False).prefixlen
        if isinstance(max_prefix_length, int) and size > max_prefix_length:
            raise ArmError(
                400,
                as_text(need["small"]),
                f"Subnet '{subnet.name}' of size /{size} is too small for '{context.leaf}': /{max_prefix_length} or larger is needed.",
                cause="service",
            )


def _subnet_ids_at(value: Json, path: list[str]) -> Iterator[str]:
    """The subnet ids at a path; a number in it means every element of an array."""
    if not path:
        if isinstance(value, str) and value:
            yield value
    elif path[0].isdecimal():
        for item in as_list(value):
            yield from _subnet_ids_at(item, path[1:])
    else:
        yield from _subnet_ids_at(member(value, path[0]), path[1:])


def occupants(resources: Resources, subnet_id: str) -> list[Resource]:
    """Resources in a subnet: those whose properties refer to it."""
    key = subnet_id.lower()
    parsed = parse_id(subnet_id)
    network = parsed.parent.id.lower() if parsed and parsed.parent else ""
    return [
        item
        for item in resources.mentioning(f'"{key}"')
        if item.key not in {key, network} and not item.key.startswith(f"{key}/")
    ]
