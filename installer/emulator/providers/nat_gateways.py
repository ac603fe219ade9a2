"""Microsoft.Network: NAT gateways and the SKU of their public IP addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.providers.provider import ProviderContext, ProviderHooks
from installer.json_access import as_list, as_text, member

if TYPE_CHECKING:
    from installer.emulator.state.resources import Resource


def _sku(resource: Resource) -> str:
    return as_text(member(resource.desired, "sku", "name")) or "Standard"


def _check(context: ProviderContext) -> None:
    """Refuses addresses of another SKU: learn.microsoft.com, nat-gateway/nat-sku; code and text are assumed."""
    wanted = _sku(context.resource)
    for item in as_list(context.properties.get("publicIpAddresses")):
        address = context.resources.get(as_text(member(item, "id")))
        if address is not None and (given := _sku(address)).lower() != wanted.lower():
            raise ArmError(
                400,
                "NatGatewayPublicIpAddressSkuMismatch",
                f"NAT gateway {context.id} of SKU {wanted} cannot use public IP address {address.id} of SKU {given}.",
                cause="service",
            )


HOOKS = {"Microsoft.Network/natGateways": ProviderHooks(check=_check)}
