"""Customer-managed keys: a service accepts one that it can use, in a vault with purge protection."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from installer.emulator.ids import derived_guid
from installer.emulator.providers.durations import length_of_action
from installer.jsontypes import Json
from tests.emulator.in_memory import GROUP, Bench, bench, run
from tests.emulator.providers.test_propagation import IDENTITY, PROVIDERS, grant
from tests.emulator.providers.test_services import registered
from tests.emulator.providers.test_subnet_rules import ended
from tests.emulator.sample_templates import resource

CRYPTO_USER: Final = "e147488a-f6f5-4113-8e2d-b22465e65bf6"
READER: Final = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
VAULT: Final = f"{PROVIDERS}/Microsoft.KeyVault/vaults/kv-keys01"
KEY: Final = f"{VAULT}/keys/encryption"
URI: Final = "https://kv-keys01.vault.azure.net/keys/encryption"
ASSIGNED: Final[Json] = {"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}}


def lake() -> dict[str, Json]:
    """A storage account that the key encrypts."""
    encryption: Json = {
        "keySource": "Microsoft.Keyvault",
        "identity": {"userAssignedIdentity": IDENTITY},
        "keyvaultproperties": {"keyvaulturi": "https://kv-keys01.vault.azure.net/", "keyname": "encryption"},
    }
    return resource(
        "Microsoft.Storage/storageAccounts",
        "stkeys0001",
        identity=ASSIGNED,
        properties={"encryption": encryption},
    )


def server(geo: str = "Disabled") -> dict[str, Json]:
    """A PostgreSQL server that the key encrypts."""
    encryption: Json = {"type": "AzureKeyVault", "primaryKeyURI": URI, "primaryUserAssignedIdentityId": IDENTITY}
    return resource(
        "Microsoft.DBforPostgreSQL/flexibleServers",
        "pg-keys01",
        identity=ASSIGNED,
        properties={"dataEncryption": encryption, "backup": {"geoRedundantBackup": geo}},
    )


def registry(tier: str = "Premium") -> dict[str, Json]:
    """A container registry that the key encrypts."""
    key: Json = {"identity": derived_guid(IDENTITY, "clientId"), "keyIdentifier": URI}
    return resource(
        "Microsoft.ContainerRegistry/registries",
        "crkeys0001",
        sku={"name": tier},
        identity=ASSIGNED,
        properties={"encryption": {"status": "enabled", "keyVaultProperties": key}},
    )


def disks(version: str = f"/{'0' * 32}") -> dict[str, Json]:
    """A disk encryption set with the key."""
    return resource(
        "Microsoft.Compute/diskEncryptionSets",
        "des-one",
        identity=ASSIGNED,
        properties={"activeKey": {"keyUrl": f"{URI}{version}"}},
    )


REFUSALS: Final[Mapping[str, tuple[dict[str, Json], str, str]]] = {
    "storage": (lake(), "InvalidRequestPropertyValue", "KeyVaultAuthenticationFailure"),
    "database": (server(), "AzureKeyVaultInvalidRecoveryLevel", "AzureKeyVaultMissingPermissions"),
    "registry": (registry(), "InvalidRequest", "BadRequest"),
    "disks": (disks(), "KeyVaultNotProtected", "KeyVaultAccessForbidden"),
}
"""A resource of each service, and its refusals of a vault without purge protection and of a key that it cannot use."""


async def _vault(it: Bench, *, protected: bool = True, bypass: str = "AzureServices") -> None:
    rules: Json = {"defaultAction": "Deny", "bypass": bypass}
    given: dict[str, Json] = {"publicNetworkAccess": "Disabled", "networkAcls": rules}
    if protected:
        given["enablePurgeProtection"] = True
    identity = resource("Microsoft.ManagedIdentity/userAssignedIdentities", "id-app")
    key = resource("Microsoft.KeyVault/vaults/keys", "kv-keys01/encryption", location=None, properties={"kty": "RSA"})
    key["dependsOn"] = ["[resourceId('Microsoft.KeyVault/vaults', 'kv-keys01')]"]
    assert (
        await ended(it, identity, resource("Microsoft.KeyVault/vaults", "kv-keys01", properties=given), key)
        == "Succeeded"
    )


async def _granted(it: Bench, *roles: dict[str, Json]) -> None:
    assert await ended(it, *roles) == "Succeeded"
    await it.clock.advance(length_of_action("roleTakesEffect") * 1.1)


@pytest.mark.parametrize("service", REFUSALS)
def test_a_key_is_used_once_the_role_is_in_effect(tmp_path: Path, service: str) -> None:
    it, (made, _, forbidden) = registered(bench(tmp_path)), REFUSALS[service]

    async def story() -> None:
        await _vault(it)
        assert await ended(it, made) == forbidden
        assert await ended(it, grant(CRYPTO_USER, KEY)) == "Succeeded"
        assert await ended(it, made) in {forbidden, "Succeeded"}  # a server takes longer than the role
        await it.clock.advance(length_of_action("roleTakesEffect") * 1.1)
        assert await ended(it, made) == "Succeeded"

    run(story())


@pytest.mark.parametrize("service", REFUSALS)
def test_a_vault_without_purge_protection_is_refused(tmp_path: Path, service: str) -> None:
    it, (made, unprotected, _) = registered(bench(tmp_path)), REFUSALS[service]

    async def story() -> None:
        await _vault(it, protected=False)
        await _granted(it, grant(CRYPTO_USER, KEY))
        assert await ended(it, made) == unprotected

    run(story())


@pytest.mark.parametrize("service", REFUSALS)
def test_a_private_vault_without_the_exception_for_trusted_services_is_refused(tmp_path: Path, service: str) -> None:
    it, (made, _, forbidden) = registered(bench(tmp_path)), REFUSALS[service]

    async def story() -> None:
        await _vault(it, bypass="None")
        await _granted(it, grant(CRYPTO_USER, KEY))
        assert await ended(it, made) == forbidden

    run(story())


def test_services_have_conditions_for_their_keys(tmp_path: Path) -> None:
    it = registered(bench(tmp_path))

    async def story() -> None:
        await _vault(it)
        await _granted(it, grant(CRYPTO_USER, KEY))
        assert await ended(it, registry("Standard")) == "InvalidRequest"
        assert await ended(it, server("Enabled")) == "CMKNotSupportedForGeoRedundantBackupEnabledServer"
        assert await ended(it, disks(version="")) == "InvalidParameter"

    run(story())


def test_a_cluster_reads_its_disk_encryption_set(tmp_path: Path) -> None:
    it = registered(bench(tmp_path))
    encryption_set = f"{GROUP}/providers/Microsoft.Compute/diskEncryptionSets/des-one"
    cluster = resource(
        "Microsoft.ContainerService/managedClusters",
        "aks",
        identity=ASSIGNED,
        properties={"agentPoolProfiles": [{"name": "system"}], "diskEncryptionSetID": encryption_set},
    )

    async def story() -> None:
        await _vault(it)
        await _granted(it, grant(CRYPTO_USER, KEY))
        assert await ended(it, disks()) == "Succeeded"
        assert await ended(it, cluster) == "LinkedAuthorizationFailed"
        await _granted(it, grant(READER, encryption_set))
        assert await ended(it, cluster) == "Succeeded"

    run(story())


def test_a_set_with_an_identity_of_its_own_gets_its_access_later(tmp_path: Path) -> None:
    it = registered(bench(tmp_path))

    async def story() -> None:
        await _vault(it)
        assert await ended(it, disks()) != "Succeeded"
        assert await ended(it, {**disks(), "identity": {"type": "SystemAssigned"}}) == "Succeeded"

    run(story())
