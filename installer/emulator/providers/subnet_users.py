"""Members of a subnet that show what uses it: IP configurations and private endpoints.

Sources: learn.microsoft.com/rest/api/virtualnetwork, Subnets - Get (ipConfigurations, privateEndpoints); Azure/bicep#13267 (ID of the
configuration of a private endpoint); microsoft/nav-arm-templates#161 (that of a gateway).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.emulator.ids import derived_guid
from installer.emulator.providers.subnet_rules import occupants
from installer.json_access import JsonObject, as_object, as_text, member, objects_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.emulator.state.resources import Resource, Resources
    from installer.jsontypes import Json

_ENDPOINT: Final = "microsoft.network/privateendpoints"
_LISTS: Final = ("ipConfigurations", "gatewayIPConfigurations")


def users(resources: Resources, subnet: Resource) -> JsonObject:
    """The members with their entries; what a survey has read stays before them."""
    configurations: list[Json] = []
    endpoints: list[Json] = []
    for one in occupants(resources, subnet.id):
        if one.type.lower() == _ENDPOINT:
            endpoints.append({"id": one.id})
            for card in objects_of(member(one.computed, "properties", "networkInterfaces")):
                name = f"privateEndpointIpConfig.{derived_guid(one.id, 'ipConfiguration')}"
                configurations.append({"id": f"{as_text(card.get('id'))}/ipConfigurations/{name}"})
        else:
            configurations += [{"id": found} for found in _configurations(one, subnet.key)]
    found = {"ipConfigurations": configurations, "privateEndpoints": endpoints}
    surveyed = as_object(subnet.desired.get("properties"))
    return {name: [*objects_of(surveyed.get(name)), *entries] for name, entries in found.items() if entries}


def _configurations(resource: Resource, subnet: str) -> Iterator[str]:
    """IDs of the IP configurations of a resource in a subnet."""
    for kind in _LISTS:
        for one in objects_of(member(resource.desired, "properties", kind)):
            if as_text(member(one, "properties", "subnet", "id")).lower() == subnet:
                yield f"{resource.id}/{kind}/{as_text(one.get('name'))}"
