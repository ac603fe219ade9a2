"""Stage 1: location, network access, retention, locks and tags."""

from tests.bicep.answers_variants import OTHER, SUBSCRIPTION, VARIANTS, answers
from tests.bicep.snapshots import NEEDS_COMPILER
from tests.bicep.stage_requests import at, of_type, properties, stage_resources

pytestmark = NEEDS_COMPILER


def test_a_private_registry_is_premium_without_public_access() -> None:
    (registry,) = of_type(stage_resources(answers("dev"), "foundation"), "Microsoft.ContainerRegistry/registries")
    assert at(registry, "sku", "name") == "Premium"
    assert properties(registry)["publicNetworkAccess"] == "Disabled"
    assert properties(registry)["adminUserEnabled"] is False


def test_a_public_registry_does_not_need_premium() -> None:
    given = answers("dev", network={"private_registry": False})
    (registry,) = of_type(stage_resources(given, "foundation"), "Microsoft.ContainerRegistry/registries")
    assert at(registry, "sku", "name") == "Standard"
    assert properties(registry)["publicNetworkAccess"] == "Enabled"


def test_vaults_have_no_public_access_unless_endpoints_are_public() -> None:
    for given, access, action in (
        (answers("dev"), "Disabled", "Deny"),
        (VARIANTS["public endpoints"], "Enabled", "Allow"),
    ):
        (vault,) = of_type(stage_resources(given, "foundation"), "Microsoft.KeyVault/vaults")
        assert properties(vault)["publicNetworkAccess"] == access
        assert at(vault, "properties", "networkAcls", "defaultAction") == action
        assert properties(vault)["enableRbacAuthorization"] is True
        assert properties(vault)["enablePurgeProtection"] is True


def test_retention_follows_the_answers() -> None:
    given = answers("dev", monitoring={"retention_days": 400}, data={"soft_delete_days": 33})
    resources = stage_resources(given, "foundation")
    (workspace,) = of_type(resources, "Microsoft.OperationalInsights/workspaces")
    (vault,) = of_type(resources, "Microsoft.KeyVault/vaults")
    assert properties(workspace)["retentionInDays"] == 400
    assert properties(vault)["softDeleteRetentionInDays"] == 33


def test_an_environment_can_be_in_another_subscription_and_region() -> None:
    given = answers("dev", "prod", own={"prod": {"subscription": OTHER, "region": "westeurope"}})
    resources = stage_resources(given, "foundation")
    vaults = of_type(resources, "Microsoft.KeyVault/vaults")
    assert [(str(vault["id"]).split("/")[2], vault["location"]) for vault in vaults] == [
        (SUBSCRIPTION, "swedencentral"),
        (OTHER, "westeurope"),
    ]
    groups = of_type(resources, "Microsoft.Resources/resourceGroups")
    assert sum(f"/subscriptions/{OTHER}/" in str(group["id"]) for group in groups) == 1


def test_tags_of_the_organization_are_on_every_resource() -> None:
    given = answers("dev", governance={"tags": ["costCentre=4711"]})
    tagged = [resource for resource in stage_resources(given, "foundation") if "location" in resource]
    assert tagged
    assert all(at(resource, "tags", "costCentre") == "4711" for resource in tagged)
