"""Networks that go and that others use: Azure deletes no subnet in which a resource has an address. Pure.

Sources: learn.microsoft.com, virtual-network/virtual-network-manage-subnet (what is in a subnet is deleted first);
learn.microsoft.com/rest/api/virtualnetwork, Virtual Networks - Get (members of a subnet that show its users); Azure/bicep#13267 (the
refusal, and the interface of a private endpoint in it).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.estate.resource_type_names import type_name
from installer.json_access import as_text, member, objects_of
from installer.operations.removal.existing import NETWORK, place_of
from installer.preflight.model import Finding, WayOut
from installer.resource_id import contains, name_of, parse_id, top_level_id_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.json_access import JsonObject
    from installer.operations.removal.existing import Existing

_USERS: Final = ("ipConfigurations", "privateEndpoints")
_INTERFACE: Final = ".nic."


def used_networks(own: Mapping[str, JsonObject], existing: Existing) -> Iterator[Finding]:
    """A finding for each resource that stays and has an address in a network that goes.

    Args:
        own: Resources that go, by ID in lower case.
        existing: What exists.

    """
    for key, network in existing.details.items():
        if key not in own or as_text(network.get("type")).lower() != NETWORK:
            continue
        for subnet in objects_of(member(network, "properties", "subnets")):
            for user in dict.fromkeys(map(_user, _users(subnet))):
                if not _goes(user, own, existing):
                    yield _finding(user, as_text(subnet.get("name")), as_text(network.get("id")))


def _users(subnet: JsonObject) -> Iterator[str]:
    """IDs of what is in a subnet, or uses it."""
    for kind in _USERS:
        for one in objects_of(member(subnet, "properties", kind)):
            yield as_text(one.get("id"))
    for one in objects_of(member(subnet, "properties", "serviceAssociationLinks")):
        if link := as_text(member(one, "properties", "link")):
            yield link


def _user(part: str) -> str:
    """The resource of an IP configuration; the private endpoint, if Azure has made its interface."""
    resource = top_level_id_of(part) or part
    endpoint, interface, _ = resource.partition(_INTERFACE)
    return endpoint.replace("/networkInterfaces/", "/privateEndpoints/") if interface else resource


def _goes(user: str, own: Mapping[str, JsonObject], existing: Existing) -> bool:
    """Whether a resource goes, or is in a group that one that goes manages, such as that of the nodes of a cluster."""
    manager = as_text(existing.groups.get(place_of(user), {}).get("managedBy")).lower()
    return user.lower() in own or manager in own or any(contains(one, user) for one in own)


def _finding(user: str, subnet: str, network: str) -> Finding:
    parsed = parse_id(user)
    shown = f"{parsed.name} ({type_name(parsed.type)})" if parsed else user
    return Finding(
        "blocks",
        f"{shown} of others is in the subnet {subnet} of {name_of(network)}",
        network,
        "Azure deletes no subnet that is in use",
        (WayOut(f"ask its owner to delete it, or to move it to another network: az resource show --ids {user}"),),
        "InUseSubnetCannotBeDeleted",
    )
