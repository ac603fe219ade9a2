"""Parameters of stage 3, grants."""

from installer.jsontypes import Json
from installer.parameters.installation import Installation
from installer.parameters.principals import principals_of
from installer.parameters.spec import Outputs


def grants(it: Installation, outputs: Outputs) -> dict[str, Json]:
    """Who may do what, before anything needs it."""
    names = it.names
    environments: list[Json] = []
    for environment in it.environments:
        principals = principals_of(outputs, environment)
        rights: dict[str, Json] = {
            "name": environment,
            "resourceGroupName": names.group(environment),
            "keyVaultName": names.key_vault(environment),
            "vaultReaders": [principals["web"].object_id],
            # On Kubernetes it is the node that pulls, whoever runs on it.
            "imagePullers": [
                principals["web"].object_id,
                principals["kubelet" if it.site(environment).on_kubernetes else "worker"].object_id,
            ],
        }
        if it.site(environment).on_kubernetes:
            rights["cluster"] = {
                "principalId": principals["cluster"].object_id,
                "kubeletIdentityName": names.identity(environment, "kubelet"),
                "networkName": names.virtual_network(environment),
                "subnetName": names.subnet("nodes"),
            }
        environments.append(rights)
    return {
        "platformGroupName": names.platform_group,
        "registryName": names.registry,
        "environments": environments,
    }
