"""Microsoft.DataFactory: managed private endpoints, pending until their target approves them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.providers import connections
from installer.emulator.providers.provider import ProviderContext, ProviderHooks
from installer.resource_id import name_of, top_level_id_of

if TYPE_CHECKING:
    from installer.json_access import JsonObject

_ENDPOINTS = "Microsoft.DataFactory/factories/managedVirtualNetworks/managedPrivateEndpoints"


def _after_write(context: ProviderContext) -> None:
    factory = name_of(top_level_id_of(context.id))
    connections.connect(
        context,
        context.text("privateLinkResourceId"),
        endpoint=context.id,
        group=context.text("groupId"),
        message=f"Requested by {factory}",
        approved=False,
    )


def _display(context: ProviderContext) -> JsonObject:
    state = connections.state_of(context.resources, context.text("privateLinkResourceId"), context.id)
    return {"properties": {"connectionState": state, "isReserved": False}}


def _after_removal(context: ProviderContext) -> None:
    connections.disconnect(context, context.text("privateLinkResourceId"), context.id)


HOOKS = {_ENDPOINTS: ProviderHooks(after_write=_after_write, display=_display, after_removal=_after_removal)}
