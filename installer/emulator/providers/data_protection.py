"""Microsoft.DataProtection: backup instances, which need a role of the vault's identity and are soft-deleted.

A deleted instance remains in its vault for the retention of soft delete; until then its data source is not protected again,
and the vault not deleted. Undeleted, it is in the state ProtectionStopped until its protection is resumed
(learn.microsoft.com: backup/backup-azure-enhanced-soft-delete-about; role-based-access-control/permissions/security).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.clock import instant
from installer.emulator.errors import ArmError
from installer.emulator.ids import derived_guid
from installer.emulator.providers.provider import ProviderContext, ProviderHooks
from installer.emulator.providers.roles import can
from installer.emulator.state.resources import Resource
from installer.json_access import as_object, as_text, member, objects_of
from installer.resource_id import name_of, parent_id_of, top_level_id_of

if TYPE_CHECKING:
    from installer.json_access import JsonObject
    from installer.jsontypes import Json

_VAULTS = "Microsoft.DataProtection/backupVaults"
_DELETED = "Microsoft.DataProtection/backupVaults/deletedBackupInstances"
_DEFAULT_DAYS = 14
_STOPPED = "ProtectionStopped"
_PROTECTED = "ProtectionConfigured"
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


def _check_instance(context: ProviderContext) -> None:
    """Refuses to protect a data source whose backup is soft-deleted; that the code is the same is assumed."""
    source = context.text("dataSourceInfo", "resourceID").lower()
    for deleted in context.resources.of_type(_DELETED):
        same_vault = parent_id_of(deleted.id).lower() == parent_id_of(context.id).lower()
        if (
            same_vault
            and as_text(member(deleted.desired, "properties", "dataSourceInfo", "resourceID")).lower() == source
        ):
            raise ArmError(
                400,
                "UserErrorDppDatasourceAlreadyProtected",
                f"Datasource is already protected by the soft deleted backup instance {deleted.name}. Undelete it to "
                "protect the datasource again.",
                cause="service",
            )


def _instance(context: ProviderContext) -> JsonObject:
    stopped = member(context.resource.computed, "properties", "currentProtectionState") == _STOPPED
    return _state(_STOPPED if stopped else _PROTECTED)


def _state(name: str) -> JsonObject:
    return {"properties": {"protectionStatus": {"status": name}, "currentProtectionState": name}}


def _keep(context: ProviderContext) -> None:
    """Keep a deleted instance in its vault, if that exists and has soft delete."""
    vault = context.resources.get(parent_id_of(context.id))
    settings = member(vault.desired, "properties", "securitySettings", "softDeleteSettings") if vault else None
    if vault is None or as_text(member(settings, "state")).lower() == "off":
        return
    days = member(settings, "retentionDurationInDays")
    retention = days if isinstance(days, int) else _DEFAULT_DAYS
    info: JsonObject = {
        "deletionTime": instant(context.now),
        "scheduledPurgeTime": instant(context.now + retention * 86_400),
    }
    kept = _moved(context.resource, f"{vault.id}/deletedBackupInstances/{context.leaf}", _DELETED)
    kept.computed = {"properties": {"deletionInfo": info, "currentProtectionState": "SoftDeleted"}}
    context.resources.save(kept)


def _undelete(context: ProviderContext, _body: JsonObject) -> Json:
    """Move a deleted instance back; its protection is stopped."""
    back = _moved(context.resource, f"{parent_id_of(context.id)}/backupInstances/{context.leaf}", _INSTANCES)
    back.computed = _state(_STOPPED)
    context.resources.save(back)
    context.resources.remove(context.id)
    return {}


def _moved(resource: Resource, resource_id: str, resource_type: str) -> Resource:
    version, created = resource.api_version, resource.created
    desired = as_object(resource.desired)
    return Resource(
        resource_id, resource_type, name_of(resource_id), version, "Succeeded", created, created, desired=desired
    )


def _resume(context: ProviderContext, _body: JsonObject) -> Json:
    """Resume protection, for which the vault's identity needs its role."""
    if (problem := _failure(context)) is not None:
        raise problem
    context.resource.computed = _state(_PROTECTED)
    context.resources.save(context.resource)
    return {}


def _backup(context: ProviderContext, body: JsonObject) -> Json:
    """Take a backup on demand by a rule of the policy: Azure/azure-sdk-for-java, dataprotection, SAMPLE.md (Trigger Adhoc Backup).

    Codes are assumed, and that the recovery point exists at once is a simplification: Azure takes hours for a large account.
    """
    if member(context.resource.computed, "properties", "currentProtectionState") != _PROTECTED:
        text = f"The protection of backup instance '{context.leaf}' is stopped."
        raise ArmError(400, "UserErrorProtectionStopped", text, cause="service")
    if (problem := _failure(context)) is not None:
        raise problem
    wanted = as_text(member(body, "backupRuleOptions", "ruleName"))
    policy = context.resources.get(context.text("policyInfo", "policyId"))
    rules = objects_of(member(policy.desired, "properties", "policyRules")) if policy else []
    if not any(as_text(one.get("name")) == wanted and "trigger" in one for one in rules):
        raise ArmError(400, "BMSUserErrorInvalidInput", f"The policy has no backup rule '{wanted}'.", cause="service")
    name = derived_guid(context.id, f"recovery point {context.now}")
    properties: JsonObject = {
        "objectType": "AzureBackupDiscreteRecoveryPoint",
        "recoveryPointTime": instant(context.now),
        "recoveryPointType": "Full",
    }
    point = Resource(
        f"{context.id}/recoveryPoints/{name}",
        f"{_INSTANCES}/recoveryPoints",
        name,
        context.resource.api_version,
        "Succeeded",
        context.now,
        context.now,
        desired={"properties": properties},
    )
    context.resources.save(point)
    return {}


def _check_vault_removal(context: ProviderContext) -> None:
    """Refuses to delete a vault with backups, soft-deleted ones included; the code is assumed."""
    if any(context.resources.children(f"{context.id}/{kind}", f"{_VAULTS}/{kind}") for kind in _CONTENTS):
        raise ArmError(
            400,
            "UserErrorVaultContainsBackupInstances",
            "Cannot delete the Backup vault as there are existing backup instances in the vault.",
            cause="service",
        )


_CONTENTS = ("backupInstances", "deletedBackupInstances")
HOOKS = {
    _VAULTS: ProviderHooks(check_removal=_check_vault_removal),
    _INSTANCES: ProviderHooks(
        check=_check_instance,
        failure=_failure,
        computed=_instance,
        after_removal=_keep,
        actions={"resumeprotection": _resume, "backup": _backup},
    ),
    _DELETED: ProviderHooks(actions={"undelete": _undelete}),
}
