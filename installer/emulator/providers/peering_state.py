"""The half of a peering that is left when the other one is deleted: Disconnected, until it is written again.

Sources: learn.microsoft.com, virtual-network/virtual-network-manage-peering (the state); hashicorp/terraform-provider-azurerm#14051 and
hashicorp/terraform#18091 (refusal of a new half while the other one is Disconnected).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.emulator.errors import ArmError
from installer.json_access import as_object, as_text, member
from installer.resource_id import parent_id_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.emulator.providers.provider import ProviderContext
    from installer.emulator.state.resources import Resource

PEERING: Final = "Microsoft.Network/virtualNetworks/virtualNetworkPeerings"
_DISCONNECTED: Final = "Disconnected"


def _remote(peering: Resource) -> str:
    return as_text(member(peering.desired, "properties", "remoteVirtualNetwork", "id"))


def _other_halves(context: ProviderContext) -> Iterator[Resource]:
    own = parent_id_of(context.id).lower()
    remote = context.text("remoteVirtualNetwork", "id")
    for one in context.resources.children(f"{remote}/virtualNetworkPeerings", PEERING):
        if _remote(one).lower() == own:
            yield one


def disconnect(context: ProviderContext) -> None:
    """Leave the other half of a deleted peering Disconnected."""
    for one in _other_halves(context):
        one.desired["properties"] = {**as_object(one.desired.get("properties")), "peeringState": _DISCONNECTED}
        context.resources.save(one)


def check_connectable(context: ProviderContext) -> None:
    """Refuses a new half whose other half is Disconnected."""
    for one in _other_halves(context) if context.before is None else ():
        if member(one.desired, "properties", "peeringState") == _DISCONNECTED:
            raise ArmError(
                400,
                "RemotePeeringIsDisconnected",
                f"Cannot create or update peering {context.id} because remote peering {one.id} referencing parent virtual "
                f"network {parent_id_of(context.id)} is in Disconnected state. Update or re-create the remote peering to get it "
                "back to Initiated state. Peering gets Disconnected when remote vnet or remote peering is deleted and re-created.",
                cause="service",
            )
