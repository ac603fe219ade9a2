"""Microsoft.ContainerService."""

from __future__ import annotations

from installer.rehearsal.ids import derived_guid, derived_hex, group_of, subscription_of
from installer.rehearsal.providers.behaviour import Behaviour, Case
from installer.rehearsal.shapes import JsonObject, as_text, member

_KUBELET = "Microsoft.ManagedIdentity/userAssignedIdentities"


def _cluster(case: Case) -> JsonObject:
    prefix = case.text("dnsPrefix") or case.leaf
    tail = derived_hex(case.id, "fqdn", 8)
    private = bool(member(case.properties, "apiServerAccessProfile", "enablePrivateCluster"))
    issuer = f"https://{case.location}.oic.prod-aks.azure.com/{case.tenant_id}/{derived_guid(case.id, 'issuer')}/"
    node_group = case.text("nodeResourceGroup") or f"MC_{group_of(case.id)}_{case.leaf}_{case.location}"
    properties: JsonObject = {
        "powerState": {"code": "Running"},
        "currentKubernetesVersion": case.text("kubernetesVersion") or "1.36.0",
        "nodeResourceGroup": node_group,
        "azurePortalFQDN": f"{prefix}-{tail}.portal.hcp.{case.location}.azmk8s.io",
    }
    if private:
        zone = derived_guid(case.id, "zone")
        properties["privateFQDN"] = f"{prefix}-{tail}.{zone}.privatelink.{case.location}.azmk8s.io"
    else:
        properties["fqdn"] = f"{prefix}-{tail}.hcp.{case.location}.azmk8s.io"
    if member(case.properties, "oidcIssuerProfile", "enabled"):
        properties["oidcIssuerProfile"] = {"issuerURL": issuer}
    properties["identityProfile"] = {"kubeletidentity": _kubelet(case, node_group)}
    return {"properties": properties}


def _kubelet(case: Case, node_group: str) -> JsonObject:
    own = (
        f"/subscriptions/{subscription_of(case.id)}/resourceGroups/{node_group}/providers/{_KUBELET}"
        f"/{case.leaf}-agentpool"
    )
    resource_id = as_text(member(case.properties, "identityProfile", "kubeletidentity", "resourceId")) or own
    return {
        "resourceId": resource_id,
        "clientId": derived_guid(resource_id, "clientId"),
        "objectId": derived_guid(resource_id, "principalId"),
    }


BEHAVIOURS = {"Microsoft.ContainerService/managedClusters": Behaviour(computed=_cluster)}
