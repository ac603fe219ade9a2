"""Microsoft.Network/privateEndpoints: an address in a subnet, and a connection that the target may have to approve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.ids import derived_hex
from installer.emulator.providers import connections
from installer.emulator.providers.private_link_scopes import check_endpoint
from installer.emulator.providers.provider import ProviderHooks
from installer.emulator.providers.subnet_rules import address_in, delegations, subnet_of
from installer.json_access import JsonObject, as_list, as_object, as_text, member
from installer.resource_id import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.emulator.providers.provider import ProviderContext
    from installer.jsontypes import Json

_APPROVED_AT_ONCE = {"privateLinkServiceConnections": True, "manualPrivateLinkServiceConnections": False}


def _links(context: ProviderContext) -> Iterator[tuple[str, JsonObject, bool]]:
    """Yields every requested connection: the member that lists it, the connection, whether it is approved at once."""
    for name, approved in _APPROVED_AT_ONCE.items():
        for item in as_list(context.properties.get(name)):
            yield name, as_object(item), approved


def _target(link: JsonObject) -> str:
    return as_text(member(link, "properties", "privateLinkServiceId"))


def _check(context: ProviderContext) -> None:
    for _, link, _ in _links(context):
        check_endpoint(context, _target(link), as_list(member(link, "properties", "groupIds")))
    subnet = context.text("subnet", "id")
    found = subnet_of(context.resources, subnet)
    if subnet and found is None and context.resources.exists(subnet.rsplit("/subnets/", 1)[0]):
        raise ArmError(
            400,
            "InvalidResourceReference",
            f"Resource {subnet} referenced by resource {context.id} was not found. Please make sure that the referenced "
            "resource exists, and that both resources are in the same region.",
            cause="service",
        )
    if found is not None and delegations(found):
        raise ArmError(
            400,
            "PrivateEndpointCannotBeCreatedInSubnetThatHasDelegation",
            f"Private endpoint {context.id} cannot be created in subnet {subnet} because it is delegated to "
            f"'{', '.join(delegations(found))}'.",
            cause="service",
        )
    if found is not None and context.before is None:
        address_in(context.resources, found, context.id)


def _computed(context: ProviderContext) -> JsonObject:
    name = (
        context.text("customNetworkInterfaceName") or f"{context.leaf}.nic.{derived_hex(context.id, 'interface', 32)}"
    )
    card = f"{context.id.rpartition('/privateEndpoints/')[0]}/networkInterfaces/{name}"
    properties: JsonObject = {"networkInterfaces": [{"id": card}]}
    found = subnet_of(context.resources, context.text("subnet", "id"))
    if found is not None:
        address = address_in(context.resources, found, context.id)
        names: list[Json] = [
            {"fqdn": f"{name_of(_target(link))}.rehearsal.invalid", "ipAddresses": [address]}
            for _, link, _ in _links(context)
        ]
        properties["customDnsConfigs"] = names
    return {"properties": properties}


def _after_write(context: ProviderContext) -> None:
    for _, link, approved in _links(context):
        groups = as_list(member(link, "properties", "groupIds"))
        connections.connect(
            context,
            _target(link),
            endpoint=context.id,
            group=as_text(groups[0] if groups else None),
            message=as_text(member(link, "properties", "requestMessage")),
            approved=approved,
        )


def _display(context: ProviderContext) -> JsonObject:
    """The connections with their current state at the targets."""
    shown: dict[str, list[Json]] = {}
    for name, link, _ in _links(context):
        state = connections.state_of(context.resources, _target(link), context.id)
        own: JsonObject = {**as_object(link.get("properties")), "privateLinkServiceConnectionState": state}
        shown.setdefault(name, []).append({**link, "id": f"{context.id}/{name}/{link.get('name')}", "properties": own})
    return {"properties": {**shown}}


def _after_removal(context: ProviderContext) -> None:
    for _, link, _ in _links(context):
        connections.disconnect(context, _target(link), context.id)


HOOKS = {
    "Microsoft.Network/privateEndpoints": ProviderHooks(
        check=_check, computed=_computed, after_write=_after_write, display=_display, after_removal=_after_removal
    ),
}
