"""Microsoft.ContainerService: AKS clusters and the role that their identity needs on its subnets."""

from __future__ import annotations

from installer.emulator.errors import ArmError
from installer.emulator.ids import derived_guid, derived_hex
from installer.emulator.providers.agent_pools import check_pool
from installer.emulator.providers.cluster_versions import (
    check_cluster_version,
    check_pool_version,
    cluster_version,
    copy_to_cluster,
    pool_members,
    remember_versions,
    shown_pools,
)
from installer.emulator.providers.kubernetes.address_ranges import check_address_ranges
from installer.emulator.providers.kubernetes.cluster_commands import forget, run_command
from installer.emulator.providers.kubernetes.custom_zone import zone_failure
from installer.emulator.providers.power_state import CLUSTER
from installer.emulator.providers.provider import ProviderContext, ProviderHooks
from installer.emulator.providers.roles import can, principal_of
from installer.json_access import JsonObject, as_list, as_object, as_text, member, merged, objects_of
from installer.resource_id import group_of, subscription_of

_JOIN = "Microsoft.Network/virtualNetworks/subnets/join/action"
_READ_SET = "Microsoft.Compute/diskEncryptionSets/read"
_KUBELET = "Microsoft.ManagedIdentity/userAssignedIdentities"


def _check_cluster(context: ProviderContext) -> None:
    """Refuses a private cluster whose API server has no name at all: learn.microsoft.com, aks/private-clusters."""
    check_address_ranges(context)
    access = as_object(context.properties.get("apiServerAccessProfile"))
    zone = as_text(access.get("privateDNSZone")).lower()
    if access.get("enablePrivateCluster") and zone == "none" and access.get("enablePrivateClusterPublicFQDN") is False:
        text = "Private DNS zone 'none' is not supported if the public FQDN of the private cluster is disabled."
        raise ArmError(400, "BadRequest", text, cause="service")
    _check_routes(context)
    for item in as_list(context.properties.get("agentPoolProfiles")):
        check_pool(as_text(member(item, "name")), as_object(item))
    check_cluster_version(context)


def _check_agent_pool(context: ProviderContext) -> None:
    check_pool(context.leaf, context.properties)
    check_pool_version(context)


def _add_ons(context: ProviderContext) -> JsonObject:
    """Add-ons that a request does not name remain as they are: github.com/Azure/AKS/issues/2904."""
    before = as_object(member(context.before.desired, "properties", "addonProfiles")) if context.before else {}
    return {"properties": {"addonProfiles": before}} if before else {}


def _cluster(context: ProviderContext) -> JsonObject:
    prefix = context.text("dnsPrefix") or context.leaf
    suffix = derived_hex(context.id, "fqdn", 8)
    private = bool(member(context.properties, "apiServerAccessProfile", "enablePrivateCluster"))
    issuer = (
        f"https://{context.location}.oic.prod-aks.azure.com/{context.tenant_id}/{derived_guid(context.id, 'issuer')}/"
    )
    node_group = context.text("nodeResourceGroup") or f"MC_{group_of(context.id)}_{context.leaf}_{context.location}"
    version = cluster_version(context)
    properties: JsonObject = {
        "kubernetesVersion": version,
        "currentKubernetesVersion": version,
        "nodeResourceGroup": node_group,
        "azurePortalFQDN": f"{prefix}-{suffix}.portal.hcp.{context.location}.azmk8s.io",
    }
    if private:
        zone = derived_guid(context.id, "zone")
        properties["privateFQDN"] = f"{prefix}-{suffix}.{zone}.privatelink.{context.location}.azmk8s.io"
    else:
        properties["fqdn"] = f"{prefix}-{suffix}.hcp.{context.location}.azmk8s.io"
    if member(context.properties, "oidcIssuerProfile", "enabled"):
        properties["oidcIssuerProfile"] = {"issuerURL": issuer}
    remember_versions(context, version)
    properties["identityProfile"] = {"kubeletidentity": _kubelet(context, node_group)}
    if identities := _add_on_identities(context, node_group):
        properties["addonProfiles"] = identities
    return merged({"properties": properties}, CLUSTER.members(context))


def _kubelet(context: ProviderContext, node_group: str) -> JsonObject:
    given = as_text(member(context.properties, "identityProfile", "kubeletidentity", "resourceId"))
    return _identity(given or _identity_id(context, node_group, f"{context.leaf}-agentpool"))


def _add_on_identities(context: ProviderContext, node_group: str) -> JsonObject:
    """The identities of the add-ons that are switched on.

    Names: azure-aks-docs, articles/aks/csi-secrets-store-driver.md (output of `az aks show`: add-on and cluster in lower case).
    """
    given = as_object(context.properties.get("addonProfiles"))
    return {
        name: {"identity": _identity(_identity_id(context, node_group, f"{name}-{context.leaf}".lower()))}
        for name, profile in given.items()
        if member(profile, "enabled") is True
    }


def _identity_id(context: ProviderContext, node_group: str, name: str) -> str:
    return f"/subscriptions/{subscription_of(context.id)}/resourceGroups/{node_group}/providers/{_KUBELET}/{name}"


def _identity(resource_id: str) -> JsonObject:
    return {
        "resourceId": resource_id,
        "clientId": derived_guid(resource_id, "clientId"),
        "objectId": derived_guid(resource_id, "principalId"),
    }


def _check_routes(context: ProviderContext) -> None:
    """Refuses user-defined routing in a subnet without a route table that has a default route to an appliance or gateway (ArmError).

    Source: azure-aks-docs, aks/egress-udr.md; codes and texts are those which users quote: of Terraform
    (hashicorp/terraform-provider-azurerm#8609), and MicrosoftDocs/azure-docs#108240 (a route that a virtual WAN propagates does not count).
    """
    if as_text(member(context.properties, "networkProfile", "outboundType")) != "userDefinedRouting":
        return
    for pool in as_list(context.properties.get("agentPoolProfiles")):
        subnet = context.resources.get(as_text(member(pool, "vnetSubnetID")))
        if subnet is None:
            continue
        table = as_text(member(subnet.desired, "properties", "routeTable", "id"))
        _check_default_route(context, table)
        if not table:
            raise ArmError(
                400,
                "ExistingRouteTableNotAssociatedWithSubnet",
                f"An existing route table has not been associated with subnet {subnet.id}. Please update the route table "
                "association",
                cause="service",
            )


def _check_default_route(context: ProviderContext, table: str) -> None:
    found = context.resources.get(table) if table else None
    if found is None:
        return
    inline = objects_of(member(found.desired, "properties", "routes"))
    kept = [one.desired for one in context.resources.children(table, "Microsoft.Network/routeTables/routes")]
    hops = [
        as_text(member(one, "properties", "nextHopType"))
        for one in (*inline, *kept)
        if as_text(member(one, "properties", "addressPrefix")) == "0.0.0.0/0"
    ]
    if not hops:
        text = f"Default route 0.0.0.0/0 missing from route table {found.id}"
        raise ArmError(400, "RouteTableMissingDefaultRouteError", text, cause="service")
    if hops[0].lower() not in {"virtualappliance", "virtualnetworkgateway"}:
        text = (
            f"Default route 0.0.0.0/0 has a next hop of {hops[0]} but only next hops of VirtualAppliance or "
            "VirtualNetworkGateway are allowed."
        )
        raise ArmError(400, "RouteTableInvalidNextHop", text, cause="service")


def _failure(context: ProviderContext) -> ArmError | None:
    """The error of a cluster whose identity cannot join its nodes to their subnet: its role must be in effect."""
    assigned = next(iter(as_object(member(context.resource.desired, "identity", "userAssignedIdentities"))), "")
    for pool in as_list(context.properties.get("agentPoolProfiles")):
        subnet = as_text(member(pool, "vnetSubnetID"))
        system_assigned = not assigned  # AKS assigns the role to a system-assigned identity
        if (
            system_assigned
            or context.resources.get(subnet) is None
            or can(context, principal_of(context, assigned), _JOIN, subnet)
        ):
            continue
        principal = principal_of(context, assigned)
        return ArmError(
            403,
            "LinkedAuthorizationFailed",
            f"The client '{principal}' with object id '{principal}' has permission to perform action "
            f"'Microsoft.Compute/virtualMachineScaleSets/write' on scope '{context.id}'; however, it does not have "
            f"permission to perform action(s) '{_JOIN}' on the linked scope(s) '{subnet}' or the linked scope(s) are "
            "invalid.",
            cause="service",
        )
    return _encryption_failure(context, assigned) or zone_failure(context)


def _encryption_failure(context: ProviderContext, assigned: str) -> ArmError | None:
    """The error of a cluster whose identity cannot read the disk encryption set of its nodes.

    learn.microsoft.com/azure/aks/azure-disk-customer-managed-keys; the text is that of
    github.com/kubernetes-sigs/azuredisk-csi-driver/issues/2609.
    """
    encryption_set, principal = context.text("diskEncryptionSetID"), principal_of(context, assigned)
    known = context.resources.get(encryption_set) is not None
    if not encryption_set or (known and can(context, principal, _READ_SET, encryption_set)):
        return None
    return ArmError(
        403,
        "LinkedAuthorizationFailed",
        f"The client '{principal}' with object id '{principal}' has permission to perform action "
        f"'Microsoft.Compute/virtualMachineScaleSets/write' on scope '{context.id}'; however, it does not have "
        f"permission to perform action(s) '{_READ_SET}' on the linked scope(s) '{encryption_set}' (respectively) or the "
        "linked scope(s) are invalid.",
        cause="service",
    )


HOOKS = {
    "Microsoft.ContainerService/managedClusters": ProviderHooks(
        check=_check_cluster,
        retained=_add_ons,
        computed=_cluster,
        failure=_failure,
        after_removal=forget,
        display=shown_pools,
        actions={"runcommand": run_command, **CLUSTER.actions},
    ),
    "Microsoft.ContainerService/managedClusters/agentPools": ProviderHooks(
        check=_check_agent_pool, computed=pool_members, after_write=copy_to_cluster
    ),
}
