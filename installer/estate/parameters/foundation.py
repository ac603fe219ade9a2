"""Parameters of stage 1, foundation."""

from installer.conventions.naming.environment import ENCRYPTION_KEY
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.monitor_access import public_ingestion
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
        "publicIngestion": public_ingestion(it),
        "registryName": names.registry,
        "privateRegistry": None if it.public else answers.network.private_registry,
        "sharedKey": _shared_key(it) if answers.governance.customer_keys else None,
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
                **(_new_key(it, site) if answers.governance.customer_keys else {}),
            }
            for site in it.sites
        ],
    }


def _shared_key(it: Installation) -> dict[str, Json]:
    """The customer-managed key of the registry and the shared server, in a separate key vault."""
    return {
        "vaultName": it.names.platform_key_vault,
        "vaultUri": it.names.platform_key_vault_uri,
        "keyName": ENCRYPTION_KEY,
        "identityName": it.names.identity("platform", "encryption"),
    }


def _new_key(it: Installation, site: Site) -> dict[str, Json]:
    """The customer-managed key of an environment, in its key vault."""
    return {"customerKey": {"keyName": ENCRYPTION_KEY, "identityName": it.names.identity(site.name, "encryption")}}
