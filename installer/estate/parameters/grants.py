"""Parameters of stage 3, grants."""

from collections.abc import Mapping

from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.principals import Principal, principals_of
from installer.estate.parameters.resource_ids import network_id, place, zone_id
from installer.estate.parameters.stage_spec import Outputs
from installer.estate.parameters.vault_secrets import secret_readers
from installer.jsontypes import Json
from installer.resource_id import group_of, name_of, subscription_of


def grants(it: Installation, outputs: Outputs) -> dict[str, Json]:
    """Role assignments of the managed identities."""
    return {
        "platformGroupName": it.names.platform_group,
        "registryName": it.names.registry,
        "certificate": _certificate(it) if it.reads_certificate else None,
        "environments": [_rights(it, site, principals_of(outputs, site.name)) for site in it.sites],
    }


def _rights(it: Installation, site: Site, principals: Mapping[str, Principal]) -> dict[str, Json]:
    on_cloud = it.answers.platform.prefect == "cloud"
    # On Kubernetes the kubelet pulls all images.
    runtime = ["kubelet"] if site.on_kubernetes else (["worker"] if on_cloud else ["prefect", "worker"])
    rights: dict[str, Json] = {
        "site": place(it, site),
        "keyVaultName": it.names.key_vault(site.name),
        "secretReaders": [
            {"secretName": secret, "principalId": principals[workload].object_id}
            for secret, workloads in secret_readers(it, site).items()
            for workload in workloads
        ],
        "imagePullers": _ids(principals, ["web", *runtime]),
    }
    if "gateway" in it.workloads(site):
        rights["certificateReader"] = principals["gateway"].object_id
    if site.on_kubernetes:
        rights["cluster"] = {
            "principalId": principals["cluster"].object_id,
            "kubeletIdentityName": it.names.identity(site.name, "kubelet"),
            **({} if it.public else {"subnet": _nodes(it, site)}),
            "linksNetwork": _links_network(it, site),
            **({"zone": _cluster_zone(it, site)} if it.shares_cluster_zone(site) else {}),
        }
    return rights


def _ids(principals: Mapping[str, Principal], workloads: list[str]) -> list[Json]:
    return [principals[workload].object_id for workload in workloads]


def _nodes(it: Installation, site: Site) -> dict[str, Json]:
    network = network_id(it, site.name)
    return {
        "subscriptionId": subscription_of(network),
        "resourceGroupName": group_of(network),
        "networkName": name_of(network),
        "name": it.names.subnet("nodes"),
    }


def _links_network(it: Installation, site: Site) -> bool:
    """Whether AKS links the network with the identity of the cluster.

    It does for a zone beside the others, and for a zone of AKS if the network has custom DNS servers, which an existing one
    may have: azure-aks-docs, aks/private-clusters.md ("Hub and spoke with custom DNS").
    """
    platform, existing = it.answers.platform, it.answers.network.mode == "existing"
    return it.shares_cluster_zone(site) or (existing and platform.private_api and platform.cluster_zone == "system")


def _cluster_zone(it: Installation, site: Site) -> dict[str, Json]:
    zone = zone_id(it, it.names.answers_at.cluster_zone(site.location)) or ""
    return {"subscriptionId": subscription_of(zone), "resourceGroupName": group_of(zone), "name": name_of(zone)}


def _certificate(it: Installation) -> dict[str, Json]:
    vault, name = it.certificate
    return {"resourceGroupName": it.answers.ingress.certificate_group, "vaultName": vault, "name": name}
