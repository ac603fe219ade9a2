"""Microsoft.ContainerInstance: the address of a container group, public or in its subnet, and its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.providers.declared_outputs import octet
from installer.emulator.providers.provider import ProviderHooks
from installer.emulator.providers.subnet_rules import address_in, subnet_of
from installer.json_access import as_list, as_text, member

if TYPE_CHECKING:
    from installer.emulator.providers.provider import ProviderContext
    from installer.json_access import JsonObject


def _group(context: ProviderContext) -> JsonObject:
    """The members of `ipAddress` that Azure gives; nothing for a group that asks for no address."""
    asked = context.properties.get("ipAddress")
    if not asked:
        return {}
    subnets = as_list(context.properties.get("subnetIds"))
    subnet = subnet_of(context.resources, as_text(member(subnets[0], "id"))) if subnets else None
    own = as_text(member(asked, "ip"))
    address = own or (
        address_in(context.resources, subnet, context.id) if subnet else f"203.0.113.{octet(context.id, 'ip')}"
    )
    shown: JsonObject = {"ip": address}
    if label := as_text(member(asked, "dnsNameLabel")):
        # Form of the name: learn.microsoft.com/azure/container-instances, quickstart for the CLI.
        shown["fqdn"] = f"{label}.{context.location}.azurecontainer.io".lower()
    return {"properties": {"ipAddress": shown}}


HOOKS = {"Microsoft.ContainerInstance/containerGroups": ProviderHooks(computed=_group)}
