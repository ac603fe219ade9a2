"""Microsoft.Network: DNS resolver endpoints, links of private zones, and the records of private endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.providers.provider import ProviderHooks
from installer.emulator.providers.subnet_rules import address_in, subnet_of
from installer.json_access import as_list, as_object, as_text, member
from installer.resource_id import name_of, parent_id_of

if TYPE_CHECKING:
    from installer.emulator.providers.provider import ProviderContext
    from installer.json_access import JsonObject
    from installer.jsontypes import Json

_MAX_TAGS = 15
_MAX_ZONES = 5
_LINKS = "Microsoft.Network/privateDnsZones/virtualNetworkLinks"


def _inbound(context: ProviderContext) -> JsonObject:
    """Adds the address of a resolver's inbound endpoint."""
    configurations: list[Json] = []
    for item in as_list(context.properties.get("ipConfigurations")):
        own = as_object(item)
        subnet = subnet_of(context.resources, as_text(member(item, "subnet", "id")))
        if subnet is not None and "privateIpAddress" not in own:
            own = {**own, "privateIpAddress": address_in(context.resources, subnet, context.id)}
        configurations.append(own)
    return {"properties": {"ipConfigurations": configurations}}


def _check_link(context: ProviderContext) -> None:
    """Refuses a second zone of the same name for a network, and a resolution policy for other zones than Private Link's.

    Sources of the status and text: github.com/microsoft-foundry/foundry-samples/pull/214 and
    github.com/MicrosoftDocs/azure-aks-docs/issues/212.
    """
    network = context.text("virtualNetwork", "id").lower()
    _check_tags(context)
    zone = name_of(parent_id_of(context.id)).lower()
    if context.text("resolutionPolicy") == "NxDomainRedirect" and not zone.startswith("privatelink."):
        # See "Limitations" in learn.microsoft.com, dns/private-dns-fallback.
        text = f"The resolution policy NxDomainRedirect is not supported for the zone '{zone}', which is not of Private Link."
        raise ArmError(400, "BadRequest", text, cause="service")
    for other in context.resources.of_type(_LINKS):
        same_zone = name_of(parent_id_of(other.id)).lower() == zone
        linked_network = as_text(member(other.desired, "properties", "virtualNetwork", "id")).lower()
        if other.key != context.resource.key and same_zone and linked_network == network:
            raise ArmError(
                400,
                "BadRequest",
                f"A virtual network cannot be linked to multiple zones with overlapping namespaces. You tried to link "
                f"virtual network with '{zone}' and '{zone}' zones.",
                cause="service",
            )


def _check_tags(context: ProviderContext) -> None:
    """Refuses more tags than DNS supports (azure-docs, articles/azure-resource-manager/management/tag-resources.md)."""
    tags = as_object(context.resource.desired.get("tags"))
    if len(tags) > _MAX_TAGS:
        raise ArmError(
            400,
            "BadRequest",
            f"The resource '{context.leaf}' has {len(tags)} tags; DNS zones and their links support {_MAX_TAGS}.",
            cause="service",
        )


def _check_zone_group(context: ProviderContext) -> None:
    """Refuses more zones than a group supports (azure-docs, articles/private-link/private-endpoint-dns.md); text assumed."""
    count = len(as_list(context.properties.get("privateDnsZoneConfigs")))
    if count > _MAX_ZONES:
        text = f"The DNS zone group '{context.leaf}' has {count} zones; at most {_MAX_ZONES} are supported."
        raise ArmError(400, "BadRequest", text, cause="service")


def _zone_group(context: ProviderContext) -> JsonObject:
    """Adds the records of a private endpoint in the zones of its group."""
    endpoint = context.resources.get(parent_id_of(context.id))
    configs = as_list(member(endpoint.computed, "properties", "customDnsConfigs")) if endpoint else []
    addresses = [address for item in configs for address in as_list(member(item, "ipAddresses"))]
    shown: list[Json] = []
    for item in as_list(context.properties.get("privateDnsZoneConfigs")):
        own = as_object(member(item, "properties"))
        records: list[Json] = [{"recordType": "A", "ttl": 10, "ipAddresses": addresses}]
        shown.append({**as_object(item), "properties": {**own, "recordSets": records}})
    return {"properties": {"privateDnsZoneConfigs": shown}}


HOOKS = {
    "Microsoft.Network/dnsResolvers/inboundEndpoints": ProviderHooks(computed=_inbound),
    "Microsoft.Network/privateEndpoints/privateDnsZoneGroups": ProviderHooks(
        check=_check_zone_group, computed=_zone_group
    ),
    "Microsoft.Network/privateDnsZones": ProviderHooks(check=_check_tags),
    _LINKS: ProviderHooks(check=_check_link),
}
