"""Customer-managed keys: keys, the services that use them, and what else Azure fixes at creation."""

from typing import Final

import pytest

from installer.answers.model import Answers
from installer.estate.changes import blocked_changes
from installer.estate.parameters import stages
from installer.jsontypes import Json
from tests.bicep.answers_variants import VARIANTS, answers
from tests.bicep.snapshots import NEEDS_COMPILER
from tests.bicep.stage_requests import Resource, at, of_type, properties, stage_resources

pytestmark = NEEDS_COMPILER

GIVEN: Final = VARIANTS["customer-managed keys"]
"""Two environments: dev on Kubernetes, prod on Container Apps with a dedicated server."""
IDENTITIES: Final = "Microsoft.ManagedIdentity/userAssignedIdentities"
STORAGE: Final = "Microsoft.Storage/storageAccounts"
SERVERS: Final = "Microsoft.DBforPostgreSQL/flexibleServers"
REGISTRIES: Final = "Microsoft.ContainerRegistry/registries"
CLUSTERS: Final = "Microsoft.ContainerService/managedClusters"
SETS: Final = "Microsoft.Compute/diskEncryptionSets"


def identity_of(resource: Resource) -> str:
    """Name of the only identity that is assigned to a resource."""
    (assigned,) = dict_of(at(resource, "identity", "userAssignedIdentities"))
    return assigned.rpartition("/")[2]


def dict_of(value: Json) -> dict[str, Json]:
    """A value that is an object."""
    assert isinstance(value, dict)
    return value


def by_name(given: Answers, stage: str, kind: str) -> dict[str, Resource]:
    """Resources of a type by their names."""
    return {str(one["name"]): one for one in of_type(stage_resources(given, stage), kind)}


def test_every_vault_has_a_key_that_rotates_and_never_expires() -> None:
    keys = by_name(GIVEN, "foundation", "Microsoft.KeyVault/vaults/keys")
    vaults = by_name(GIVEN, "foundation", "Microsoft.KeyVault/vaults")
    assert {name.partition("/")[0] for name in keys} == set(vaults)
    assert set(vaults) == {"kv-ff-contoso-dev", "kv-ff-contoso-prod", "kv-ff-contoso-keys"}
    for key in keys.values():
        (action,) = [
            at(one, "action", "type") for one in _list(at(key, "properties", "rotationPolicy", "lifetimeActions"))
        ]
        assert action == "rotate"
        assert "exp" not in dict_of(at(key, "properties", "attributes"))
    for vault in vaults.values():
        assert properties(vault)["enablePurgeProtection"] is True
        assert at(vault, "properties", "networkAcls", "bypass") == "AzureServices"


def _list(value: Json) -> list[Json]:
    assert isinstance(value, list)
    return value


def test_data_lakes_use_the_key_of_their_environment_for_all_services() -> None:
    for name, environment in (("stffcontosodev", "dev"), ("stffcontosoprod", "prod")):
        account = by_name(GIVEN, "data", STORAGE)[name]
        encryption = dict_of(properties(account)["encryption"])
        assert identity_of(account) == f"id-ff-contoso-{environment}-encryption"
        assert encryption["requireInfrastructureEncryption"] is True
        assert (
            at(encryption, "keyvaultproperties", "keyvaulturi")
            == f"https://kv-ff-contoso-{environment}.vault.azure.net/"
        )
        assert {str(at(one, "keyType")) for one in dict_of(encryption["services"]).values()} == {"Account"}


def test_servers_use_the_key_beside_them() -> None:
    found = {
        name: (identity_of(one), at(one, "properties", "dataEncryption", "primaryKeyURI"))
        for name, one in by_name(GIVEN, "data", SERVERS).items()
    }
    assert found == {
        "pg-ff-contoso": (
            "id-ff-contoso-platform-encryption",
            "https://kv-ff-contoso-keys.vault.azure.net/keys/encryption",
        ),
        "pg-ff-contoso-prod": (
            "id-ff-contoso-prod-encryption",
            "https://kv-ff-contoso-prod.vault.azure.net/keys/encryption",
        ),
    }


def test_the_registry_is_premium_and_encrypted_even_if_it_is_public() -> None:
    given = answers("dev", governance={"customer_keys": True}, network={"private_registry": False})
    (registry,) = of_type(stage_resources(given, "foundation"), REGISTRIES)
    assert at(registry, "sku", "name") == "Premium"
    assert at(registry, "properties", "encryption", "status") == "enabled"


def test_clusters_have_a_disk_encryption_set() -> None:
    (encryption_set,) = of_type(stage_resources(GIVEN, "data"), SETS)
    (cluster,) = of_type(stage_resources(GIVEN, "runtime"), CLUSTERS)
    assert properties(cluster)["diskEncryptionSetID"] == encryption_set["id"]
    assert properties(encryption_set)["rotationToLatestKeyVersionEnabled"] is True
    needs = {spec.key: spec.needs for spec in stages(GIVEN)}
    assert "data" in needs["runtime-dev"]
    assert "data" not in needs["runtime-prod"]
    assert "grants" in needs["data"]


def test_nodes_with_a_rotating_key_have_managed_os_disks() -> None:
    """A pool with ephemeral ones has to be empty when its key rotates: learn.microsoft.com, aks/azure-disk-customer-managed-keys."""
    (cluster,) = by_name(GIVEN, "runtime", CLUSTERS).values()
    (pool,) = by_name(GIVEN, "runtime", f"{CLUSTERS}/agentPools").values()
    assert at(cluster, "properties", "agentPoolProfiles", 0, "osDiskType") == "Managed"
    assert at(pool, "properties", "osDiskType") == "Managed"
    (other,) = by_name(answers("dev"), "runtime", f"{CLUSTERS}/agentPools").values()
    assert "osDiskType" not in properties(other), "Azure chooses, and never changes it"


@pytest.mark.parametrize("keys", [True, False])
def test_keys_are_fixed_at_creation(*, keys: bool) -> None:
    former, new = (answers("dev", governance={"customer_keys": one}) for one in (keys, not keys))
    found = {
        (one.rule.label, one.id.rpartition("/providers/")[2].rpartition("/")[0]) for one in blocked_changes(former, new)
    }
    assert found == {
        ("encryption.status", REGISTRIES),
        ("dataEncryption.type", SERVERS),
        ("diskEncryptionSetID", CLUSTERS),
        ("encryption.requireInfrastructureEncryption", STORAGE),
        ("encryption.services.queue.keyType", STORAGE),
        ("encryption.services.table.keyType", STORAGE),
    }
