"""Parameters of stage 1, foundation."""

from installer.estate.parameters.context import Installation
from installer.estate.parameters.resource_ids import place
from installer.estate.parameters.stage_spec import Outputs
from installer.jsontypes import Json


def foundation(it: Installation, _outputs: Outputs) -> dict[str, Json]:
    """Resource groups, managed identities, Log Analytics workspace, container registry and key vaults."""
    names, answers = it.names, it.answers
    return {
        "location": it.location,
        "tags": it.tags(),
        "platformGroupName": names.platform_group,
        "workspaceName": names.workspace,
        "retentionDays": answers.monitoring.retention_days,
        "dailyCapGb": answers.monitoring.daily_cap_gb,
        "registryName": names.registry,
        "privateRegistry": None if it.public else answers.network.private_registry,
        "softDeleteDays": answers.data.soft_delete_days,
        "publicAccess": it.public,
        "locks": answers.governance.locks,
        "lockName": names.lock,
        "environments": [
            {
                "site": place(it, site),
                "keyVaultName": names.key_vault(site.name),
                "identities": [
                    {"workload": workload, "name": names.identity(site.name, workload)}
                    for workload in it.workloads(site)
                ],
            }
            for site in it.sites
        ],
    }
