"""Stage 1: where things are built, who reaches them, what is locked."""

from tests.bicep.answers_variants import OTHER, SUBSCRIPTION, VARIANTS, answers
from tests.bicep.snapshots import NEEDS_COMPILER
from tests.bicep.stage_requests import at, of_type, properties, taken

pytestmark = NEEDS_COMPILER


def test_a_private_registry_is_premium_and_shut() -> None:
    (registry,) = of_type(taken(answers("dev"), "foundation"), "Microsoft.ContainerRegistry/registries")
    assert at(registry, "sku", "name") == "Premium"
    assert properties(registry)["publicNetworkAccess"] == "Disabled"
    assert properties(registry)["adminUserEnabled"] is False


def test_a_registry_that_is_not_private_needs_no_premium() -> None:
    given = answers("dev", network={"private_registry": False})
    (registry,) = of_type(taken(given, "foundation"), "Microsoft.ContainerRegistry/registries")
    assert at(registry, "sku", "name") == "Standard"
    assert properties(registry)["publicNetworkAccess"] == "Enabled"


def test_vaults_are_shut_unless_endpoints_are_public() -> None:
    for given, access, action in (
        (answers("dev"), "Disabled", "Deny"),
        (VARIANTS["public endpoints"], "Enabled", "Allow"),
    ):
        (vault,) = of_type(taken(given, "foundation"), "Microsoft.KeyVault/vaults")
        assert properties(vault)["publicNetworkAccess"] == access
        assert at(vault, "properties", "networkAcls", "defaultAction") == action
        assert properties(vault)["enableRbacAuthorization"] is True
        assert properties(vault)["enablePurgeProtection"] is True


def test_what_is_kept_is_kept_as_long_as_was_answered() -> None:
    given = answers("dev", monitoring={"retention_days": 400}, data={"soft_delete_days": 33})
    resources = taken(given, "foundation")
    (workspace,) = of_type(resources, "Microsoft.OperationalInsights/workspaces")
    (vault,) = of_type(resources, "Microsoft.KeyVault/vaults")
    assert properties(workspace)["retentionInDays"] == 400
    assert properties(vault)["softDeleteRetentionInDays"] == 33


def test_an_environment_can_be_in_another_subscription_and_region() -> None:
    given = answers("dev", "prod", own={"prod": {"subscription": OTHER, "region": "westeurope"}})
    resources = taken(given, "foundation")
    vaults = of_type(resources, "Microsoft.KeyVault/vaults")
    assert [(str(vault["id"]).split("/")[2], vault["location"]) for vault in vaults] == [
        (SUBSCRIPTION, "swedencentral"),
        (OTHER, "westeurope"),
    ]
    groups = of_type(resources, "Microsoft.Resources/resourceGroups")
    assert sum(f"/subscriptions/{OTHER}/" in str(group["id"]) for group in groups) == 1


def test_whole_groups_are_locked_when_asked_for() -> None:
    locks = "Microsoft.Authorization/locks"
    assert of_type(taken(answers("dev"), "foundation"), locks) == []
    found = of_type(taken(answers("dev", "prod", governance={"locks": "groups"}), "foundation"), locks)
    assert {properties(lock)["level"] for lock in found} == {"CanNotDelete"}
    assert len(found) == 3


def test_tags_of_the_organisation_are_on_everything() -> None:
    given = answers("dev", governance={"tags": ["costCentre=4711"]})
    tagged = [resource for resource in taken(given, "foundation") if "location" in resource]
    assert tagged
    assert all(at(resource, "tags", "costCentre") == "4711" for resource in tagged)
