"""Parameters of the stages that each environment has for itself: runtime and control plane."""

from typing import Final

from installer import sizing
from installer.jsontypes import Json
from installer.naming import LAYERS
from installer.parameters.installation import Installation
from installer.parameters.principals import principals_of
from installer.parameters.spec import Outputs

HEALTH_PATH: Final = "/api/health"
"""Where the web app answers when it is well; open to all, so that probes reach it."""
WEB_PORT: Final = 3000
"""Where the web app listens in its container."""


def runtime(it: Installation, outputs: Outputs, environment: str) -> dict[str, Json]:
    """Kubernetes or Container Apps; what only Kubernetes needs is given only to it."""
    names, size = it.names, it.answers.sizing
    shared: dict[str, Json] = {
        "location": it.answers.subscription.region,
        "tags": it.tags(environment),
        "resourceGroupName": names.group(environment),
        "runtime": it.answers.platform.runtime,
        "runtimeName": (names.kubernetes if it.on_kubernetes else names.container_apps)(environment),
        "managedGroupName": names.managed_group(environment),
        "networkName": names.virtual_network(environment),
        "subnetName": names.subnet("nodes" if it.on_kubernetes else "apps"),
        "workerNodeCount": size.worker_nodes,
        "zoneRedundant": it.zone_redundant,
        "platformGroupName": names.platform_group,
        "workspaceName": names.workspace,
        "egress": it.answers.network.egress,
    }
    if not it.on_kubernetes:
        return shared
    kubelet = principals_of(outputs, environment)["kubelet"]
    return {
        **shared,
        "workerNodeSize": size.node_size,
        "systemNodeSize": sizing.SYSTEM_NODE_SIZE,
        "systemNodeCount": sizing.system_nodes(size.worker_nodes),
        "privateApiServer": it.answers.platform.private_api,
        "podCidr": it.addresses.pod_cidr,
        "serviceCidr": it.addresses.service_cidr,
        "dnsServiceIp": it.addresses.dns_service_ip,
        "clusterIdentityName": names.identity(environment, "cluster"),
        "kubeletIdentityName": names.identity(environment, "kubelet"),
        "kubeletClientId": kubelet.client_id,
        "kubeletPrincipalId": kubelet.object_id,
    }


def control_plane(it: Installation, outputs: Outputs, environment: str) -> dict[str, Json]:
    """The web app, its plan, its settings and how people sign in."""
    names, sign_on = it.names, it.answers.sign_on
    principals = principals_of(outputs, environment)
    secretless = sign_on.method == "secretless"
    return {
        "location": it.answers.subscription.region,
        "tags": it.tags(environment),
        "resourceGroupName": names.group(environment),
        "planName": names.plan(environment),
        "webPlanSize": it.answers.sizing.web_size,
        "zoneRedundant": it.zone_redundant,
        "siteName": names.site(environment),
        "webImage": it.answers.platform.web_image,
        "registryHost": names.registry_host,
        "networkName": names.virtual_network(environment),
        "subnetName": names.subnet("web"),
        "identityName": names.identity(environment, "web"),
        "identityClientId": principals["web"].client_id,
        "healthPath": HEALTH_PATH,
        "settings": {
            "WEBSITES_PORT": str(WEB_PORT),
            "AZURE_CLIENT_ID": principals["web"].client_id,
            "FLOWFORGE_ENVIRONMENT": environment,
            "FLOWFORGE_BLOB_ENDPOINT": names.blob_endpoint(environment),
            "FLOWFORGE_CONTAINERS": ",".join(LAYERS),
            "FLOWFORGE_DATABASE_HOST": names.postgres_host,
            "FLOWFORGE_DATABASE_NAME": names.database(environment, "flowforge"),
            "FLOWFORGE_DATABASE_USER": names.identity(environment, "web"),
        },
        "keyVaultName": names.key_vault(environment),
        "keyVaultUri": names.key_vault_uri(environment),
        "signOnMethod": sign_on.method,
        "signOnIssuer": f"https://{names.answers_at.login}/{it.answers.subscription.tenant}/v2.0",
        "signOnClientId": None if sign_on.method == "later" else sign_on.client_id,
        "authIdentityName": names.identity(environment, "auth") if secretless else None,
        "authIdentityClientId": principals["auth"].client_id if secretless else None,
    }
