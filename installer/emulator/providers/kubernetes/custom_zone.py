"""The private DNS zone of an API server: the identity of the cluster links the network, and writes to a zone of others.

Source: azure-aks-docs, aks/private-clusters.md ("Hub and spoke with custom DNS"); support-articles-docs, error codes
CustomPrivateDNSZoneMissingPermissionError and CreateOrUpdateVirtualNetworkLinkFailed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.providers.roles import can, principal_of
from installer.json_access import as_list, as_object, as_text, member
from installer.resource_id import parent_id_of

if TYPE_CHECKING:
    from installer.emulator.providers.provider import ProviderContext

_ZONE_ACTIONS = ("Microsoft.Network/privateDnsZones/read", "Microsoft.Network/privateDnsZones/A/write")
_LINK = "Microsoft.Network/virtualNetworks/join/action"


def zone_failure(context: ProviderContext) -> ArmError | None:
    """The error of a cluster whose identity lacks its rights on the zone or on the network of its nodes."""
    access = as_object(context.properties.get("apiServerAccessProfile"))
    zone = as_text(access.get("privateDNSZone"))
    custom = zone.startswith("/")
    if zone.lower() == "none" or not (custom or access.get("enablePrivateCluster")):
        return None
    assigned = next(iter(as_object(member(context.resource.desired, "identity", "userAssignedIdentities"))), "")
    principal = principal_of(context, assigned) if assigned else ""
    for action in _ZONE_ACTIONS if custom else ():
        if not principal or context.resources.get(zone) is None or not can(context, principal, action, zone):
            text = (
                "Service principal or user-assigned identity must be given permission to read and write to custom private "
                f"dns zone {zone}. Check access result not allowed for action {action}."
            )
            return ArmError(400, "CustomPrivateDNSZoneMissingPermissionError", text, cause="service")
    subnets = (as_text(member(pool, "vnetSubnetID")) for pool in as_list(context.properties.get("agentPoolProfiles")))
    for network in dict.fromkeys(parent_id_of(subnet) for subnet in subnets if subnet):
        found = context.resources.get(network)
        servers = as_list(member(found.desired, "properties", "dhcpOptions", "dnsServers")) if found else []
        # A new cluster with a zone that AKS creates is refused for a network with DNS servers of others only.
        needed = custom or (assigned and servers and context.resource.changed == context.resource.created)
        if found and needed and not can(context, principal, _LINK, network):
            text = (
                f"Failed to create or update DNS zone virtual network link: the client '{principal}' does not have "
                f"authorization to perform action '{_LINK}' over scope '{network}'."
            )
            return ArmError(403, "CreateOrUpdateVirtualNetworkLinkFailed", text, cause="service")
    return None
