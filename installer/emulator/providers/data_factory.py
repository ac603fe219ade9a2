"""Microsoft.DataFactory: managed private endpoints, which wait until their target has approved them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.providers import connections
from installer.emulator.providers.provider import ProviderContext, ProviderHooks

if TYPE_CHECKING:
    from installer.json_access import JsonObject

_ENDPOINTS = "Microsoft.DataFactory/factories/managedVirtualNetworks/managedPrivateEndpoints"


def _settled(case: ProviderContext) -> None:
    factory = case.id.split("/")[8]
    connections.connect(
        case,
        case.text("privateLinkResourceId"),
        endpoint=case.id,
        group=case.text("groupId"),
        message=f"Requested by {factory}",
        approved=False,
    )


def _display(case: ProviderContext) -> JsonObject:
    state = connections.state_of(case.resources, case.text("privateLinkResourceId"), case.id)
    return {"properties": {"connectionState": state, "isReserved": False}}


def _removed(case: ProviderContext) -> None:
    connections.disconnect(case, case.text("privateLinkResourceId"), case.id)


BEHAVIOURS = {_ENDPOINTS: ProviderHooks(settled=_settled, display=_display, removed=_removed)}
