"""Private endpoint connections: created at the target of a private endpoint, approved at once or pending."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.ids import derived_guid
from installer.emulator.providers.provider import ProviderHooks
from installer.emulator.state.resources import Resource
from installer.json_access import JsonObject, as_object, as_text, member
from installer.resource_id import parse_id

if TYPE_CHECKING:
    from installer.emulator.providers.provider import ProviderContext
    from installer.emulator.state.resources import Resources

CONNECTIONS = "/privateendpointconnections"
_STATES = ("Approved", "Rejected", "Disconnected", "Pending")


def connect(context: ProviderContext, target: str, *, endpoint: str, group: str, message: str, approved: bool) -> None:
    """Creates a connection at a target that exists in the emulator; an existing one keeps its state."""
    target_resource = context.resources.get(target)
    if target_resource is None:
        return
    name = f"{context.leaf}.{derived_guid(f'{endpoint}>{target}', 'connection')}"
    existing = context.resources.get(f"{target_resource.id}/privateEndpointConnections/{name}")
    if existing is not None:
        return
    state: JsonObject = {
        "status": "Approved" if approved else "Pending",
        "description": "Auto-Approved" if approved else message,
        "actionsRequired": "None",
    }
    context.resources.save(
        Resource(
            id=f"{target_resource.id}/privateEndpointConnections/{name}",
            type=f"{target_resource.type}/privateEndpointConnections",
            name=name,
            api_version=target_resource.api_version,
            state="Succeeded",
            created=context.now,
            changed=context.now,
            desired={"properties": {"privateLinkServiceConnectionState": state}},
            computed={"properties": {"privateEndpoint": {"id": endpoint}, "groupIds": [group]}},
        )
    )


def connection_of(resources: Resources, target: str, endpoint: str) -> Resource | None:
    """The connection of an endpoint at a target, or None."""
    endpoint_id = endpoint.lower()
    for item in resources.under(target):
        connected_id = as_text(member(item.computed, "properties", "privateEndpoint", "id")).lower()
        if item.type.lower().endswith(CONNECTIONS) and connected_id == endpoint_id:
            return item
    return None


def state_of(resources: Resources, target: str, endpoint: str) -> JsonObject:
    """The state of an endpoint's connection as both sides show it; approved if the target is unknown."""
    found = connection_of(resources, target, endpoint)
    if found is None:
        return {"status": "Approved", "description": "Auto-Approved", "actionsRequired": "None"}
    return as_object(member(found.desired, "properties", "privateLinkServiceConnectionState"))


def disconnect(context: ProviderContext, target: str, endpoint: str) -> None:
    """Removes the connection of an endpoint at a target."""
    found = connection_of(context.resources, target, endpoint)
    if found is not None:
        context.resources.remove(found.id)


def _check(context: ProviderContext) -> None:
    if context.before is None:
        parsed = parse_id(context.id)
        name = parsed.name if parsed else context.leaf
        raise ArmError(404, "ResourceNotFound", f"The private endpoint connection '{name}' was not found.")
    status = context.text("privateLinkServiceConnectionState", "status")
    before = as_text(member(context.before.desired, "properties", "privateLinkServiceConnectionState", "status"))
    if status not in _STATES or (status == "Pending" and before != "Pending"):
        raise ArmError(
            400,
            "InvalidPrivateEndpointConnectionState",
            f"The private endpoint connection '{context.leaf}' cannot go from '{before}' to '{status}'.",
            cause="service",
        )


def _stored_members(context: ProviderContext) -> JsonObject:
    return context.resource.computed


CONNECTION = ProviderHooks(check=_check, computed=_stored_members)
