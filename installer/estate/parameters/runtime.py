"""Parameters of stage 5, runtime, of one environment."""

from typing import Final

from installer.conventions import sizing
from installer.conventions.naming.environment import SERVICE_ACCOUNTS
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.jobs import Work, works
from installer.estate.parameters.monitor_access import shared_collection_endpoint
from installer.estate.parameters.prefect_api import PREFECT_REDIS
from installer.estate.parameters.prefect_server import has_separate_services
from installer.estate.parameters.principals import principals_of
from installer.estate.parameters.resource_ids import (
    endpoints,
    place,
    resource_id,
    subnet_id,
    workspace_id,
    zone_id,
)
from installer.estate.parameters.secret_marks import mark_settings
from installer.estate.parameters.stage_spec import Outputs, Reading
from installer.jsontypes import Json
from installer.resource_id import name_of

_CLUSTERS: Final = "Microsoft.ContainerService/managedClusters"
_CLUSTERS_VERSION: Final = "2026-03-01"
_POOLS: Final = {"Worker": "flows", "System": "system"}
"""Node pools, by the word for them in parameters."""
_ADDRESSES: Final = "Microsoft.Network/publicIPAddresses"
_ADDRESSES_VERSION: Final = "2025-05-01"
_IDENTITIES: Final = "Microsoft.ManagedIdentity/userAssignedIdentities"
_REDIS: Final = "Microsoft.Cache/redisEnterprise"
_REDIS_VERSION: Final = "2025-07-01"


def runtime(it: Installation, outputs: Outputs, environment: str) -> dict[str, Json]:
    """Kubernetes cluster or Container Apps environment, with its jobs and Redis."""
    site = it.site(environment)
    on_server = it.answers.platform.prefect == "server"
    redis = has_separate_services(it)
    return {
        "site": place(it, site),
        "runtime": site.runtime,
        "workerNodeCount": site.worker_nodes,
        "zoneRedundant": it.zone_redundant,
        "workspaceId": workspace_id(it),
        "workspaceLocation": it.location,
        "collectionEndpointId": shared_collection_endpoint(it),
        "egress": None if it.public else it.answers.network.egress,
        "maintenanceDay": it.answers.platform.maintenance_day,
        "serviceAccounts": _service_accounts(it, site) if site.on_kubernetes else [],
        "jobs": [] if site.on_kubernetes else _jobs(it, site, outputs),
        "prefectServerCount": it.answers.platform.prefect_servers if on_server else None,
        "redis": _redis(it, site, outputs) if redis else None,
        "endpoints": endpoints(
            it, environment, _redis_id(it, site), "redisEnterprise", it.names.answers_at.zone("redis")
        )
        if redis
        else [],
        **(_kubernetes(it, site, outputs) if site.on_kubernetes else {}),
        **(_container_apps(it, site) if site.has_container_apps else {}),
    }


def scaled_nodes(it: Installation, environment: str) -> dict[str, Reading]:
    """Current node counts: the autoscaler changes them, and a run must not reset them."""
    site = it.site(environment)
    if not site.on_kubernetes:
        return {}
    return {f"current{pool}Nodes": _of_pool(it, site, pool, "count") for pool in _POOLS}


def fixed_disks(it: Installation, site: Site) -> dict[str, Reading]:
    """Type of the OS disks of existing node pools with a customer-managed key.

    Earlier versions left it to Azure, which chooses ephemeral ones and never changes them: immutable_properties.json.
    """
    if not it.encrypts_disks(site):
        return {}
    return {f"current{pool}Disks": _of_pool(it, site, pool, "osDiskType") for pool in _POOLS}


def _of_pool(it: Installation, site: Site, pool: str, name: str) -> Reading:
    cluster = resource_id(site.subscription, it.names.group(site.name), _CLUSTERS, it.names.kubernetes(site.name))
    return Reading(f"{cluster}/agentPools/{_POOLS[pool]}", _CLUSTERS_VERSION, ("properties", name))


def resized_cache(it: Installation, site: Site) -> dict[str, Reading]:
    """Current size of Redis: FlowForge starts with the smallest, and a run must not scale it down.

    Redis with more data than the new size would be refused: learn.microsoft.com, redis/how-to-scale.
    """
    reading = Reading(_redis_id(it, site), _REDIS_VERSION, ("sku", "name"))
    return {"currentCacheSize": reading} if has_separate_services(it) else {}


def nat_address(it: Installation, environment: str) -> dict[str, Reading]:
    """Public IP address of the nodes, which have to reach a public API server with authorized ranges.

    AKS adds the address of its load balancer only: learn.microsoft.com, aks/api-server-authorized-ip-ranges.
    """
    site, network, platform = it.site(environment), it.answers.network, it.answers.platform
    by_nat = network.mode in {"new", "existing_hub"} and network.egress == "nat"
    if not (site.on_kubernetes and by_nat and platform.api_ranges and not platform.private_api):
        return {}
    address = resource_id(site.subscription, it.names.group(environment), _ADDRESSES, it.names.nat_address(environment))
    return {"natAddress": Reading(address, _ADDRESSES_VERSION, ("properties", "ipAddress"))}


def _kubernetes(it: Installation, site: Site, outputs: Outputs) -> dict[str, Json]:
    names, platform, ranges = it.names, it.answers.platform, it.cluster_ranges
    kubelet = principals_of(outputs, site.name)["kubelet"]
    admins = it.answers.sign_on.admin_group
    cluster: dict[str, Json] = {
        "name": names.kubernetes(site.name),
        "nodeResourceGroupName": names.managed_group(site.name),
        "systemNodeSize": it.answers.sizing.system_node_size,
        "systemNodeCount": sizing.system_nodes(zone_redundant=it.zone_redundant),
        "podCidr": str(ranges.pods),
        "serviceCidr": str(ranges.services),
        "dnsServiceIp": ranges.dns_service,
        "identityName": names.identity(site.name, "cluster"),
        "kubeletIdentityName": names.identity(site.name, "kubelet"),
        "kubeletClientId": kubelet.client_id,
        "kubeletPrincipalId": kubelet.object_id,
        "adminGroupIds": [admins] if admins else [],
        "collectionRuleName": names.container_logs(site.name),
        **({} if it.public else {"subnetId": subnet_id(it, site.name, "nodes")}),
        **(_disk_encryption(it, site) if it.encrypts_disks(site) else {}),
    }
    return {
        "cluster": cluster,
        "workerNodeSize": site.node_size,
        "workerNodeLeast": site.worker_nodes_least,
        "workerNodeMost": site.worker_nodes_most,
        "clusterTier": platform.cluster_tier,
        "privateApiServer": platform.private_api,
        "clusterZone": _cluster_zone(it, site) if platform.private_api else None,
        "authorizedRanges": None if platform.private_api else list(platform.api_ranges),
        "containerInsights": it.answers.monitoring.container_insights,
    }


def _disk_encryption(it: Installation, site: Site) -> dict[str, Json]:
    kind, name = "Microsoft.Compute/diskEncryptionSets", it.names.disk_encryption_set(site.name)
    return {"diskEncryptionSetId": resource_id(site.subscription, it.names.group(site.name), kind, name)}


def _cluster_zone(it: Installation, site: Site) -> str | None:
    if not it.shares_cluster_zone(site):
        return "system" if it.answers.platform.cluster_zone == "shared" else it.answers.platform.cluster_zone
    return zone_id(it, it.names.answers_at.cluster_zone(site.location))


def _container_apps(it: Installation, site: Site) -> dict[str, Json]:
    found: dict[str, Json] = {
        "name": it.names.container_apps(site.name),
        "infrastructureGroupName": it.names.apps_group(site.name),
        "runsFlows": not site.on_kubernetes,
        **({} if it.public else {"subnetId": subnet_id(it, site.name, "apps")}),
    }
    return {"appsEnvironment": found}


def _service_accounts(it: Installation, site: Site) -> list[Json]:
    """Permanent service accounts in the namespaces of the environment, each with its managed identity."""
    return [
        {
            "name": account,
            "subscriptionId": site.subscription,
            "resourceGroupName": it.names.group(site.name),
            "identityName": it.names.identity(site.name, workload),
            "subject": f"system:serviceaccount:{it.names.namespace(site.name, part)}:{account}",
        }
        for part, accounts in SERVICE_ACCOUNTS.items()
        for account, workload in accounts.items()
        if workload in it.workloads(site)
    ]


def _jobs(it: Installation, site: Site, outputs: Outputs) -> list[Json]:
    """Container Apps jobs that create database roles, migrate the database and register flows."""
    return [_job(it, site, work, outputs) for work in works(it, site, outputs)]


def _job(it: Installation, site: Site, work: Work, outputs: Outputs) -> dict[str, Json]:
    secrets = [name_of(uri) for uri in work.kept.values()]
    return {
        "name": it.names.job(site.name, work.name),
        "image": work.image,
        "command": work.command,
        "registryHost": it.names.registry_host,
        "pullIdentityId": _identity_id(it, site, work.pulls),
        "identityId": _identity_id(it, site, work.acts),
        "settings": {**work.settings, **mark_settings(outputs, site.name, secrets)},
        "keptValues": dict(work.kept),
    }


def _redis(it: Installation, site: Site, outputs: Outputs) -> dict[str, Json]:
    return {
        "name": it.names.redis(site.name),
        "keyVaultName": it.names.key_vault(site.name),
        "secretName": PREFECT_REDIS,
        "readerPrincipalId": principals_of(outputs, site.name)["prefect"].object_id,
    }


def _redis_id(it: Installation, site: Site) -> str:
    return resource_id(site.subscription, it.names.group(site.name), _REDIS, it.names.redis(site.name))


def _identity_id(it: Installation, site: Site, workload: str) -> str:
    name = it.names.identity(site.name, workload)
    return resource_id(site.subscription, it.names.group(site.name), _IDENTITIES, name)
