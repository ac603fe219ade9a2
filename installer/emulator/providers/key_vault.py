"""Microsoft.KeyVault: vaults with soft delete, and the control-plane view of secrets without their values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from installer.emulator.clock import instant
from installer.emulator.errors import ArmError
from installer.emulator.ids import derived_hex
from installer.emulator.providers.provider import ProviderContext, ProviderHooks, name_taken
from installer.emulator.state.resources import Resource
from installer.emulator.state.secret_values import SecretVersion
from installer.json_access import as_object, as_text, member
from installer.resource_id import name_of, parent_id_of, subscription_of

if TYPE_CHECKING:
    from installer.emulator.state.secret_values import SecretValues
    from installer.json_access import JsonObject

DELETED_TYPE = "Microsoft.KeyVault/locations/deletedVaults"
VAULT_TYPE = "Microsoft.KeyVault/vaults"
SECRET_TYPE = f"{VAULT_TYPE}/secrets"
_RECOVER = "recover"
_RETENTION_DAYS = 90
_NAME = re.compile(r"[A-Za-z](?!.*--)[A-Za-z0-9-]{1,22}[A-Za-z0-9]")


def _check_vault(context: ProviderContext) -> None:
    if not _NAME.fullmatch(context.leaf):
        raise ArmError(
            400,
            "VaultNameNotValid",
            f"The vault name '{context.leaf}' is invalid. A vault's name must be between 3-24 alphanumeric characters. "
            "The name must begin with a letter, end with a letter or digit, and not contain consecutive hyphens.",
            cause="service",
        )
    restoring = context.text("createMode").lower() == _RECOVER
    if context.before is None and not restoring and _deleted(context) is not None:
        raise ArmError(
            409,
            "ConflictError",
            "A vault with the same name already exists in deleted state. You need to either recover or purge existing "
            "key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft "
            "delete.",
            cause="service",
        )
    if name_taken(context):
        raise ArmError(
            409, "VaultAlreadyExists", f"The vault name '{context.leaf}' is already in use.", cause="service"
        )


def _deleted(context: ProviderContext) -> Resource | None:
    """The soft-deleted vault of the same name in any subscription (names are globally unique), or None."""
    found = context.resources.of_type(DELETED_TYPE)
    return next((item for item in found if item.name.lower() == context.leaf.lower()), None)


def soft_deleted(vault: Resource, moment: float) -> Resource:
    """The record of a deleted vault until it is purged.

    Args:
        vault: The vault as it was.
        moment: The time of its deletion, in seconds since the epoch.

    """
    own = vault.desired.get("properties")
    kept = member(own, "softDeleteRetentionInDays")
    retention = kept if isinstance(kept, int) else _RETENTION_DAYS
    properties: JsonObject = {
        "vaultId": vault.id,
        "location": vault.location,
        "deletionDate": instant(moment),
        "scheduledPurgeDate": instant(moment + retention * 86400),
        "purgeProtectionEnabled": member(own, "enablePurgeProtection") is True,
        "tags": as_object(vault.desired.get("tags")),
    }
    place = f"/subscriptions/{subscription_of(vault.id)}/providers/Microsoft.KeyVault/locations/{vault.location}"
    return Resource(
        id=f"{place}/deletedVaults/{vault.name}",
        type=DELETED_TYPE,
        name=vault.name,
        api_version=vault.api_version,
        state="Succeeded",
        created=vault.created,
        changed=moment,
        desired={"properties": properties},
    )


def _purge(context: ProviderContext, _body: JsonObject) -> None:
    if context.properties.get("purgeProtectionEnabled") is True:
        raise ArmError(
            405,
            "MethodNotAllowed",
            f"Operation 'DeletedVaultPurge' is not allowed on vault '{context.leaf}': purge protection is enabled.",
            cause="service",
        )
    context.resources.remove(context.id)


def _after_write(context: ProviderContext) -> None:
    """Drops the soft-deleted record of a recovered vault."""
    deleted = _deleted(context)
    if deleted is not None:
        context.resources.remove(deleted.id)


def _uri(vault: str) -> str:
    return f"https://{vault.lower()}.vault.azure.net/"


def _vault(context: ProviderContext) -> JsonObject:
    return {"properties": {"vaultUri": _uri(context.leaf)}}


def _secret(context: ProviderContext) -> JsonObject:
    vault = name_of(parent_id_of(context.id))
    uri = f"{_uri(vault)}secrets/{context.leaf}"
    version = version_of(context.resource)
    return {"properties": {"secretUri": uri, "secretUriWithVersion": f"{uri}/{version}"}}


def version_of(secret: Resource) -> str:
    """ID of the version that the last write of a secret has made."""
    return derived_hex(f"{secret.id}@{secret.changed}", "version", 32)


def keep_value(values: SecretValues, resource: Resource, body: JsonObject) -> None:
    """Keep the value of a secret that Azure Resource Manager writes, for the endpoint of its vault."""
    properties = as_object(body.get("properties"))
    value = properties.get("value")
    if resource.type.lower() == SECRET_TYPE.lower() and isinstance(value, str):
        made = SecretVersion(
            version_of(resource),
            value,
            resource.changed,
            as_text(member(properties, "contentType")),
            as_object(member(properties, "attributes")),
            as_object(body.get("tags")),
        )
        values.save(vault_key(resource), name_of(resource.id), made)


def vault_key(resource: Resource) -> str:
    """Key of a vault, or of the vault of a secret, in the table of values."""
    return resource.key.partition("/secrets/")[0]


def _check_secret_removal(_context: ProviderContext) -> None:
    """Refuses the deletion of a secret, which only the vault itself offers.

    The control plane has operations to write, read and list secrets, and none to delete one
    (learn.microsoft.com/javascript/api/@azure/arm-keyvault, Secrets). The text is that of other services of Azure without
    such an operation (Azure/azure-powershell, Remove-AzRoleManagementPolicyAssignment); the code is assumed.
    """
    text = "The requested resource does not support http method 'DELETE'."
    raise ArmError(405, "MethodNotAllowed", text, cause="service")


HOOKS = {
    VAULT_TYPE: ProviderHooks(check=_check_vault, computed=_vault, after_write=_after_write),
    DELETED_TYPE: ProviderHooks(actions={"purge": _purge}, immediate=True),
    SECRET_TYPE: ProviderHooks(computed=_secret, check_removal=_check_secret_removal),
}
