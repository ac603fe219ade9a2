"""Children of network resources that are written in arrays of their parent: ids, private addresses, back references."""

from __future__ import annotations

import ipaddress
import json
from typing import TYPE_CHECKING, Final

from installer.emulator.ids import derived_hex
from installer.emulator.providers.subnet_rules import prefixes, subnet_of
from installer.json_access import as_list, as_text, member, objects_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from installer.emulator.providers.provider import ProviderContext
    from installer.json_access import JsonObject
    from installer.jsontypes import Json

_RESERVED: Final = 4  # Azure reserves the first four addresses of a subnet, and the last
_CHILD_TYPES: Final = {
    ("microsoft.network/azurefirewalls", "ipconfigurations"): "azureFirewallIpConfigurations",
    ("microsoft.network/bastionhosts", "ipconfigurations"): "bastionHostIpConfigurations",
}
"""Arrays whose children have a type of another name: examples of the REST API, Azure Firewalls - Get, Bastion Hosts - Get."""


def child_id(resource_type: str, owner: str, path: str, name: str) -> str:
    """The id of an element of the array at a path."""
    array = path.rpartition(".")[2]
    return f"{owner}/{_CHILD_TYPES.get((resource_type.lower(), array.lower()), array)}/{name}"


def assigned_address(context: ProviderContext, own: str, properties: JsonObject, known: Container[str]) -> JsonObject:
    """How an IP configuration got its private address: Dynamic, as an IPv4 address of its subnet, unless it asks otherwise.

    Defaults: learn.microsoft.com, azure/virtual-network/ip-services/private-ip-addresses#allocation-method.
    """
    found: JsonObject = {}
    if "privateIPAllocationMethod" in known:
        found["privateIPAllocationMethod"] = "Dynamic"
    if "privateIPAddressVersion" in known and member(properties, "subnet", "id"):
        found["privateIPAddressVersion"] = "IPv4"
    if "privateIPAddress" in known and (address := _address(context, own, as_text(member(properties, "subnet", "id")))):
        found["privateIPAddress"] = address
    return found


def _address(context: ProviderContext, own: str, subnet_id: str) -> str:
    """An address of a subnet, always the same for a configuration; '' without a subnet."""
    subnet = subnet_of(context.resources, subnet_id) if subnet_id else None
    prefix = next((as_text(one) for one in prefixes(subnet.desired) if ":" not in as_text(one)), "") if subnet else ""
    if not prefix:
        return ""
    whole = ipaddress.ip_network(prefix, strict=False)
    free = whole.num_addresses - _RESERVED - 1
    return str(whole[_RESERVED + int(derived_hex(own, "privateIPAddress", 8), 16) % free]) if free > 0 else ""


def back_references(properties: JsonObject, own: str, names: Iterable[str]) -> JsonObject:
    """The siblings that refer to a child, under the names of the arrays that they are in."""
    found: JsonObject = {}
    owner = own.rpartition("/")[0].rpartition("/")[0]
    for name in names:
        siblings = objects_of(as_list(properties.get(name)))
        ids: list[Json] = [
            {"id": f"{owner}/{name}/{as_text(one.get('name'))}"} for one in siblings if f'"{own.lower()}"' in _text(one)
        ]
        if ids:
            found[name] = ids
    return found


def _text(value: JsonObject) -> str:
    return json.dumps(value).lower()
