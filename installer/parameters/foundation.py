"""Parameters of stage 1, foundation."""

from installer.jsontypes import Json
from installer.parameters.installation import Installation
from installer.parameters.spec import Outputs


def foundation(it: Installation, _outputs: Outputs) -> dict[str, Json]:
    """Resource groups, identities, workspace, registry and key vaults."""
    names = it.names
    return {
        "location": it.answers.subscription.region,
        "tags": it.tags(),
        "platformGroupName": names.platform_group,
        "workspaceName": names.workspace,
        "registryName": names.registry,
        "databaseAdministratorName": names.database_administrator,
        "environments": [
            {
                "name": environment,
                "resourceGroupName": names.group(environment),
                "tags": it.tags(environment),
                "keyVaultName": names.key_vault(environment),
                "identities": [
                    {"workload": workload, "name": names.identity(environment, workload)}
                    for workload in it.workloads(it.site(environment))
                ],
            }
            for environment in it.environments
        ],
    }
