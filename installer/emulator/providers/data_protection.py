"""Microsoft.DataProtection: backup instances, for which the vault's identity needs a role on the data source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.ids import derived_guid
from installer.emulator.providers.provider import ProviderContext, ProviderHooks
from installer.emulator.providers.roles import can
from installer.resource_id import top_level_id_of

if TYPE_CHECKING:
    from installer.json_access import JsonObject

_INSTANCES = "Microsoft.DataProtection/backupVaults/backupInstances"
_REQUIRED_ACTION = "Microsoft.Storage/storageAccounts/objectReplicationPolicies/write"


def _failure(context: ProviderContext) -> ArmError | None:
    source = context.text("dataSourceInfo", "resourceID")
    vault = derived_guid(top_level_id_of(context.id), "principalId")
    exists = context.resources.get(source) is not None
    if not exists or "/storageaccounts/" not in source.lower() or can(context, vault, _REQUIRED_ACTION, source):
        return None
    return ArmError(
        400,
        "UserErrorMissingRequiredPermissions",
        f"Appropriate permissions to perform the operation are missing: the identity of the backup vault has no role "
        f"on '{source}' that works yet.",
        cause="service",
    )


def _instance(_context: ProviderContext) -> JsonObject:
    return {
        "properties": {
            "protectionStatus": {"status": "ProtectionConfigured"},
            "currentProtectionState": "ProtectionConfigured",
        }
    }


HOOKS = {_INSTANCES: ProviderHooks(failure=_failure, computed=_instance)}
