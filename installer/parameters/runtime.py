"""Parameters of stage 5, runtime, of one environment."""

from installer import sizing
from installer.jsontypes import Json
from installer.parameters.installation import Installation
from installer.parameters.principals import principals_of
from installer.parameters.spec import Outputs


def runtime(it: Installation, outputs: Outputs, environment: str) -> dict[str, Json]:
    """Kubernetes or Container Apps; what only Kubernetes needs is given only to it."""
    names, site = it.names, it.site(environment)
    shared: dict[str, Json] = {
        "location": it.answers.subscription.region,
        "tags": it.tags(environment),
        "resourceGroupName": names.group(environment),
        "runtime": site.runtime,
        "runtimeName": (names.kubernetes if site.on_kubernetes else names.container_apps)(environment),
        "managedGroupName": names.managed_group(environment),
        "networkName": names.virtual_network(environment),
        "subnetName": names.subnet("nodes" if site.on_kubernetes else "apps"),
        "workerNodeCount": site.worker_nodes,
        "zoneRedundant": it.zone_redundant,
        "platformGroupName": names.platform_group,
        "workspaceName": names.workspace,
        "egress": it.answers.network.egress,
    }
    if not site.on_kubernetes:
        return shared
    kubelet = principals_of(outputs, environment)["kubelet"]
    return {
        **shared,
        "workerNodeSize": site.node_size,
        "systemNodeSize": sizing.SYSTEM_NODE_SIZE,
        "systemNodeCount": sizing.system_nodes(site.worker_nodes),
        "privateApiServer": it.answers.platform.private_api,
        "podCidr": it.addresses.pod_cidr,
        "serviceCidr": it.addresses.service_cidr,
        "dnsServiceIp": it.addresses.dns_service_ip,
        "clusterIdentityName": names.identity(environment, "cluster"),
        "kubeletIdentityName": names.identity(environment, "kubelet"),
        "kubeletClientId": kubelet.client_id,
        "kubeletPrincipalId": kubelet.object_id,
    }
