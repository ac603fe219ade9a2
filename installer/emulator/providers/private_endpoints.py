"""Microsoft.Network/privateEndpoints: an address in a subnet, and a connection that its target may have to approve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.ids import derived_hex
from installer.emulator.providers import connections
from installer.emulator.providers.provider import ProviderHooks
from installer.emulator.providers.subnet_rules import address_in, delegations, subnet_of
from installer.json_access import JsonObject, as_list, as_object, as_text, member

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.emulator.providers.provider import ProviderContext
    from installer.jsontypes import Json

_ASKED = {"privateLinkServiceConnections": True, "manualPrivateLinkServiceConnections": False}


def _links(case: ProviderContext) -> Iterator[tuple[str, JsonObject, bool]]:
    """Every connection asked for: the list it stands in, itself, and whether it is approved without being asked."""
    for name, approved in _ASKED.items():
        for item in as_list(case.properties.get(name)):
            yield name, as_object(item), approved


def _target(link: JsonObject) -> str:
    return as_text(member(link, "properties", "privateLinkServiceId"))


def _check(case: ProviderContext) -> None:
    subnet = case.text("subnet", "id")
    found = subnet_of(case.resources, subnet)
    if subnet and found is None and case.resources.exists(subnet.rsplit("/subnets/", 1)[0]):
        raise ArmError(
            400,
            "InvalidResourceReference",
            f"Resource {subnet} referenced by resource {case.id} was not found. Please make sure that the referenced "
            "resource exists, and that both resources are in the same region.",
            cause="service",
        )
    if found is not None and delegations(found):
        raise ArmError(
            400,
            "PrivateEndpointCannotBeCreatedInSubnetThatHasDelegation",
            f"Private endpoint {case.id} cannot be created in subnet {subnet} because it is delegated to "
            f"'{', '.join(delegations(found))}'.",
            cause="service",
        )
    if found is not None and case.before is None:
        address_in(case.resources, found, case.id)


def _computed(case: ProviderContext) -> JsonObject:
    number = derived_hex(case.id, "interface", 32)
    card = case.id.replace("/privateEndpoints/", "/networkInterfaces/") + f".nic.{number}"
    properties: JsonObject = {"networkInterfaces": [{"id": card}]}
    found = subnet_of(case.resources, case.text("subnet", "id"))
    if found is not None:
        address = address_in(case.resources, found, case.id)
        names: list[Json] = [
            {"fqdn": f"{_target(link).rsplit('/', 1)[-1]}.rehearsal.invalid", "ipAddresses": [address]}
            for _, link, _ in _links(case)
        ]
        properties["customDnsConfigs"] = names
    return {"properties": properties}


def _settled(case: ProviderContext) -> None:
    for _, link, approved in _links(case):
        groups = as_list(member(link, "properties", "groupIds"))
        connections.connect(
            case,
            _target(link),
            endpoint=case.id,
            group=as_text(groups[0] if groups else None),
            message=as_text(member(link, "properties", "requestMessage")),
            approved=approved,
        )


def _display(case: ProviderContext) -> JsonObject:
    """The connections with the state that their targets give them now."""
    shown: dict[str, list[Json]] = {}
    for name, link, _ in _links(case):
        state = connections.state_of(case.resources, _target(link), case.id)
        own: JsonObject = {**as_object(link.get("properties")), "privateLinkServiceConnectionState": state}
        shown.setdefault(name, []).append({**link, "id": f"{case.id}/{name}/{link.get('name')}", "properties": own})
    return {"properties": {**shown}}


def _removed(case: ProviderContext) -> None:
    for _, link, _ in _links(case):
        connections.disconnect(case, _target(link), case.id)


BEHAVIOURS = {
    "Microsoft.Network/privateEndpoints": ProviderHooks(
        check=_check, computed=_computed, settled=_settled, display=_display, removed=_removed
    ),
}
