"""Microsoft.Compute: disk encryption sets, whose identity must be able to use their key."""

from __future__ import annotations

from installer.emulator.errors import ArmError
from installer.emulator.providers.encryption_keys import KeyUse
from installer.emulator.providers.provider import ProviderContext, ProviderHooks
from installer.json_access import as_object, member


def _key_use(context: ProviderContext) -> KeyUse:
    assigned = as_object(member(context.resource.desired, "identity", "userAssignedIdentities"))
    return KeyUse(context.text("activeKey", "keyUrl"), next(iter(assigned), "system"))


def _check_set(context: ProviderContext) -> None:
    """Refuses a key that can be purged: learn.microsoft.com/azure/aks/azure-disk-customer-managed-keys; the code is assumed."""
    use = _key_use(context)
    if use.uri and not use.versioned:
        # learn.microsoft.com/rest/api/compute/disk-encryption-sets/create-or-update#keyfordiskencryptionset; the code is assumed
        raise ArmError(400, "InvalidParameter", f"The key URL '{use.uri}' has no version.", cause="service")
    if use.unprotected(context):
        text = "The key vault of a disk encryption set must have soft delete and purge protection enabled."
        raise ArmError(400, "KeyVaultNotProtected", text, cause="service")


def _failure(context: ProviderContext) -> ArmError | None:
    """The error of a set whose identity cannot use its key: github.com/ansible-collections/azure/pull/1676.

    One that the service assigns gets its access after the set is created: azure-docs, includes/
    virtual-machines-disks-encryption-create-key-vault-cli.md.
    """
    use = _key_use(context)
    if (
        not as_object(member(context.resource.desired, "identity", "userAssignedIdentities"))
        or use.problem(context) is None
    ):
        return None
    text = (
        f"Unable to access key vault resource '{use.uri}' to enable encryption at rest. Please grant get, wrap and unwrap key "
        f"permissions to user-assigned identity '{use.identity}'. Please visit https://aka.ms/keyvaultaccessssecmk for more "
        "information."
    )
    return ArmError(403, "KeyVaultAccessForbidden", text, cause="service")


HOOKS = {"Microsoft.Compute/diskEncryptionSets": ProviderHooks(check=_check_set, failure=_failure)}
