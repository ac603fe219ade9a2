"""Parameters of stage 11, protection: backup of data lakes. PostgreSQL has its own backup."""

from typing import Final

from installer.conventions.naming import LAYERS
from installer.conventions.regions import WITHOUT_ZONES
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.resource_ids import action_group_id, place, resource_id, workspace_id
from installer.estate.parameters.stage_spec import Outputs
from installer.jsontypes import Json

_VAULTS: Final = "Microsoft.DataProtection/backupVaults"
_LAKES: Final = "Microsoft.Storage/storageAccounts"
KEPT_DAYS: Final = 30
"""Retention of data lake backups, in days."""


def protection(it: Installation, _outputs: Outputs) -> dict[str, Json]:
    """A backup vault for each data lake, in its region and resource group."""
    return {
        "storageBackup": it.answers.monitoring.storage_backup,
        "workspaceId": workspace_id(it),
        "workspaceLocation": it.location,
        "actionGroupId": action_group_id(it),
        "containerNames": list(LAYERS),
        "keptDays": KEPT_DAYS,
        "environments": [_protected(it, site) for site in it.sites],
    }


def backups(it: Installation) -> tuple[tuple[str, str], ...]:
    """Resource ids of the backup vault and of the data lake of each environment."""
    return tuple(
        (
            resource_id(site.subscription, it.names.group(site.name), _VAULTS, it.names.backup_vault(site.name)),
            resource_id(site.subscription, it.names.group(site.name), _LAKES, it.names.storage_account(site.name)),
        )
        for site in it.sites
    )


def _protected(it: Installation, site: Site) -> dict[str, Json]:
    return {
        "site": place(it, site),
        "storageAccountName": it.names.storage_account(site.name),
        "vaultName": it.names.backup_vault(site.name),
        "alertPrefix": it.names.alert_prefix(site.name),
        "redundancy": "LocallyRedundant" if site.location in WITHOUT_ZONES else "ZoneRedundant",
    }
