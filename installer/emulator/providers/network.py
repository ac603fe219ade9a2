"""Microsoft.Network: virtual networks with their subnets and peerings, and public IP addresses."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.ids import derived_guid
from installer.emulator.providers.declared_outputs import octet
from installer.emulator.providers.peering_state import PEERING, check_connectable, disconnect
from installer.emulator.providers.provider import ProviderContext, ProviderHooks
from installer.emulator.providers.subnet_rules import SUBNET_TYPE, check_delegations, occupants, prefixes
from installer.emulator.providers.subnet_users import users
from installer.emulator.state.resources import Resource
from installer.json_access import JsonObject, as_list, as_object, as_text, member
from installer.resource_id import name_of, parent_id_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from installer.emulator.state.resources import Resources
    from installer.jsontypes import Json

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_SUBNET = SUBNET_TYPE
_LINK = "Microsoft.Network/privateDnsZones/virtualNetworkLinks"
_SMALLEST = {4: 29, 6: 64}
_GATEWAY = "microsoft.network/virtualnetworkgateways"


def _ranges(values: Iterable[Json]) -> list[Network]:
    """Parses address prefixes; ArmError for a malformed one."""
    found = []
    for value in values:
        try:
            found.append(ipaddress.ip_network(as_text(value), strict=True))
        except ValueError:
            raise ArmError(
                400,
                "InvalidAddressPrefixFormat",
                f"Address prefix {as_text(value)} is not a valid CIDR notation.",
                cause="service",
            ) from None
    return found


def _inside(prefix: Network, space: list[Network]) -> bool:
    return any(
        prefix.version == whole.version and int(whole[0]) <= int(prefix[0]) and int(prefix[-1]) <= int(whole[-1])
        for whole in space
    )


def _check_subnets(network: str, space: list[Network], subnets: list[tuple[str, JsonObject]]) -> None:
    taken: list[tuple[str, Network]] = []
    for name, subnet in subnets:
        check_delegations(name, subnet)
        for prefix in _ranges(prefixes(subnet)):
            if not _inside(prefix, space) or prefix.prefixlen > _SMALLEST[prefix.version]:
                raise ArmError(
                    400,
                    "NetcfgInvalidSubnet",
                    f"Subnet '{name}' is not valid in virtual network '{network}'.",
                    cause="service",
                )
            for other, range_ in taken:
                if other.lower() != name.lower() and prefix.overlaps(range_):
                    raise ArmError(
                        400,
                        "NetcfgInvalidSubnet",
                        f"Subnet '{name}' is not valid because its IP address range overlaps with that of an "
                        f"existing subnet '{other}' in virtual network '{network}'.",
                        cause="service",
                    )
            taken.append((name, prefix))


def _space(network: Resource | None) -> list[Network]:
    return _ranges(
        as_list(member(network.desired, "properties", "addressSpace", "addressPrefixes") if network else None)
    )


def _inline(context: ProviderContext) -> list[tuple[str, JsonObject]]:
    subnets = [as_object(item) for item in as_list(context.properties.get("subnets"))]
    return [(as_text(item.get("name")), item) for item in subnets]


def _check_network(context: ProviderContext) -> None:
    inline = _inline(context)
    existing = [] if "subnets" in context.properties else _siblings(context, context.id)
    _check_subnets(context.leaf, _space(context.resource), existing + inline)


def _siblings(context: ProviderContext, network_id: str) -> list[tuple[str, JsonObject]]:
    return [(name_of(item.id), item.desired) for item in context.resources.children(f"{network_id}/subnets", _SUBNET)]


def _check_subnet(context: ProviderContext) -> None:
    network_id = parent_id_of(context.id)
    others = [item for item in _siblings(context, network_id) if item[0].lower() != context.leaf.lower()]
    space = _space(context.resources.get(network_id))
    _check_subnets(name_of(network_id), space, [*others, (context.leaf, context.resource.desired)])


def _create_subnets(context: ProviderContext) -> None:
    """Creates a resource for each inline subnet; subnets missing from an inline list are removed."""
    if "subnets" not in context.properties:
        return
    inline = _inline(context)
    names = {name.lower() for name, _ in inline}
    for item in context.resources.children(f"{context.id}/subnets", _SUBNET):
        if name_of(item.id).lower() not in names:
            context.resources.remove(item.id)
    for name, subnet in inline:
        context.resources.save(
            Resource(
                id=f"{context.id}/subnets/{name}",
                type=_SUBNET,
                name=name,
                api_version=context.resource.api_version,
                state="Succeeded",
                created=context.resource.created,
                changed=context.resource.changed,
                desired={"properties": as_object(subnet.get("properties"))},
            )
        )


def _display(context: ProviderContext) -> JsonObject:
    """The current subnets, inline or not, those of the inline list first and in its order."""
    order = {name.lower(): place for place, (name, _) in enumerate(_inline(context))}
    found = context.resources.children(f"{context.id}/subnets", _SUBNET)
    found.sort(key=lambda item: order.get(name_of(item.id).lower(), len(order)))
    subnets: list[Json] = []
    for item in found:
        view = item.view()
        subnets.append({**view, "properties": {**as_object(view.get("properties")), **users(context.resources, item)}})
    peerings: list[Json] = []
    for item in context.resources.children(f"{context.id}/virtualNetworkPeerings", PEERING):
        view = item.view()
        peerings.append({**view, "properties": {**as_object(view.get("properties")), **_state(context, item)}})
    # A network of a survey has its peerings inline only.
    return {"properties": {"subnets": subnets, **({"virtualNetworkPeerings": peerings} if peerings else {})}}


def _subnet(context: ProviderContext) -> JsonObject:
    return {"properties": users(context.resources, context.resource)}


def _check_removal(context: ProviderContext) -> None:
    """Refuses to delete a subnet that is in use, or a network with such a subnet."""
    is_subnet = context.resource.type.lower() == _SUBNET.lower()
    subnets = [context.resource] if is_subnet else context.resources.children(f"{context.id}/subnets", _SUBNET)
    for subnet in subnets:
        using = occupants(context.resources, subnet.id)
        if using:
            raise ArmError(
                400,
                "InUseSubnetCannotBeDeleted",
                f"Subnet {name_of(subnet.id)} is in use by {using[0].id} and cannot be deleted. In order to "
                "delete the subnet, delete all the resources within the subnet.",
                cause="service",
            )


def _unlink(context: ProviderContext) -> None:
    """Clear the links of private DNS zones to a deleted network (azure-docs, articles/dns/dns-faq-private.yml)."""
    for one in context.resources.of_type(_LINK):
        if as_text(member(one.desired, "properties", "virtualNetwork", "id")).lower() == context.resource.key:
            context.resources.remove(one.id)


def _public_address(context: ProviderContext) -> JsonObject:
    # 198.51.100.0/24 is reserved for documentation (RFC 5737), so the address belongs to no subnet.
    properties: JsonObject = {"ipAddress": f"198.51.100.{octet(context.id, 'address')}"}
    if label := context.text("dnsSettings", "domainNameLabel"):
        properties["dnsSettings"] = {"fqdn": f"{label}.{context.location}.cloudapp.azure.com"}
    return {"properties": properties}


def _check_peering(context: ProviderContext) -> None:
    """Refuses a peering of networks with overlapping addresses, or of a network with two that overlap.

    Or a second peering with the same network. Source of both codes for other peerings: github.com/kyma-project/cloud-manager
    (pkg/kcp/provider/azure/meta) and threads that quote them; the texts are formed after theirs.
    """
    remote_id = context.text("remoteVirtualNetwork", "id")
    local_id = parent_id_of(context.id)
    _check_gateway(context, remote_id)
    check_connectable(context)
    remote = _space(context.resources.get(remote_id))
    others = [
        as_text(member(item.desired, "properties", "remoteVirtualNetwork", "id"))
        for item in context.resources.children(f"{local_id}/virtualNetworkPeerings", PEERING)
        if item.key != context.resource.key
    ]
    if remote_id and remote_id.lower() in {one.lower() for one in others}:
        raise ArmError(
            400,
            "AnotherPeeringAlreadyReferencesRemoteVnet",
            f"Peering already references remote virtual network {remote_id}. Cannot add another peering referencing the same "
            "remote virtual network.",
            cause="service",
        )
    for network_id in (local_id, *others):
        space = [] if network_id.lower() == remote_id.lower() else _space(context.resources.get(network_id))
        if any(local.overlaps(other) for local in space for other in remote if local.version == other.version):
            third = network_id.lower() != local_id.lower()
            reason = (
                f"address space of virtual network {remote_id} overlaps with address space of virtual network "
                f"{network_id} already peered with virtual network {local_id}"
                if third
                else "their address spaces overlap"
            )
            raise ArmError(
                400,
                "VnetAddressSpaceOverlapsWithAlreadyPeeredVnet" if third else "VnetAddressSpacesOverlap",
                f"Cannot create or update peering {context.id}. Virtual networks {local_id} and {remote_id} cannot be "
                f"peered because {reason}.",
                cause="service",
            )


def _check_gateway(context: ProviderContext, remote_id: str) -> None:
    """Refuses a peering through a gateway of a network that has none; a subnet for gateways is not enough.

    Source: azure-docs, virtual-network-peering-overview.md; code and text as quoted in public threads, not confirmed by documentation
    (hashicorp/terraform#30569: both networks have a GatewaySubnet). Transit that is allowed where there is no gateway is accepted
    (Azure/Enterprise-Scale#728).
    """
    before = context.before.desired if context.before is not None else {}
    kept = member(before, "properties", "useRemoteGateways") is True  # accepted when it was set
    if context.properties.get("useRemoteGateways") is not True or kept or context.resources.get(remote_id) is None:
        return
    if not _has_gateway(context.resources, remote_id):
        raise ArmError(
            400,
            "RemoteVnetHasNoGateways",
            f"Peering {context.id} cannot have UseRemoteGateways flag set to true because remote virtual network {remote_id} "
            "referenced by the peering does not have any gateways.",
            cause="service",
        )


def _has_gateway(resources: Resources, network_id: str) -> bool:
    """Whether a gateway has an address in the subnet for gateways: one of this state, or of a survey."""
    subnet = resources.get(f"{network_id}/subnets/GatewaySubnet")
    if subnet is None:
        return False
    used = as_list(member(subnet.desired, "properties", "ipConfigurations"))
    surveyed = any("/virtualnetworkgateways/" in as_text(member(one, "id")).lower() for one in used)
    return surveyed or any(item.type.lower() == _GATEWAY for item in occupants(resources, subnet.id))


def _state(context: ProviderContext, peering: Resource) -> JsonObject:
    """Whether both halves of a peering exist, and the addresses of the other network.

    The peering is Connected once the remote side has its half, Initiated until then; one of a survey keeps its state until then.
    """
    local_id = parent_id_of(peering.id).lower()
    remote_id = as_text(member(peering.desired, "properties", "remoteVirtualNetwork", "id"))
    back = context.resources.children(f"{remote_id}/virtualNetworkPeerings", PEERING)
    peered_ids = {as_text(member(item.desired, "properties", "remoteVirtualNetwork", "id")).lower() for item in back}
    remote = context.resources.get(remote_id)
    surveyed = as_text(member(peering.desired, "properties", "peeringState"))
    alone = surveyed or ("Connected" if remote is None else "Initiated")
    state = "Connected" if local_id in peered_ids else alone
    spaces = as_list(member(remote.desired, "properties", "addressSpace", "addressPrefixes")) if remote else []
    space: JsonObject = {"addressPrefixes": spaces}
    return {
        **({"remoteAddressSpace": space, "remoteVirtualNetworkAddressSpace": space} if spaces else {}),
        "peeringState": state,
        "peeringSyncLevel": "FullyInSync" if state == "Connected" else "RemoteNotInSync",
    }


def _peering(context: ProviderContext) -> JsonObject:
    return {"properties": _state(context, context.resource)}


def _resource_guid(context: ProviderContext) -> JsonObject:
    return {"properties": {"resourceGuid": derived_guid(context.id, "resourceGuid")}}


HOOKS = {
    "Microsoft.Network/virtualNetworks": ProviderHooks(
        check=_check_network,
        computed=_resource_guid,
        after_write=_create_subnets,
        display=_display,
        check_removal=_check_removal,
        after_removal=_unlink,
    ),
    _SUBNET: ProviderHooks(check=_check_subnet, check_removal=_check_removal, display=_subnet),
    PEERING: ProviderHooks(check=_check_peering, after_removal=disconnect, display=_peering),
    "Microsoft.Network/publicIPAddresses": ProviderHooks(computed=_public_address),
}
