"""Stage 11: backups of the data lakes, if requested."""

from installer.estate.parameters import stages
from tests.bicep.answers_variants import OTHER, SUBSCRIPTION, VARIANTS, answers
from tests.bicep.snapshots import NEEDS_COMPILER
from tests.bicep.stage_requests import at, of_type, properties, scopes, stage_resources

pytestmark = NEEDS_COMPILER

WITH_ZONES = VARIANTS["monitored behind a gateway, lakes backed up"]
WITHOUT_ZONES = VARIANTS["monitored with direct ingress, container apps, Prefect Cloud"]
VAULTS = "Microsoft.DataProtection/backupVaults"


def test_nothing_is_backed_up_by_default() -> None:
    assert "protection" not in [spec.key for spec in stages(answers("dev", "prod"))]


def test_every_environment_has_a_vault_in_the_subscription_of_its_lake() -> None:
    vaults = of_type(stage_resources(WITHOUT_ZONES, "protection"), VAULTS)
    assert [str(vault["id"]).split("/")[2] for vault in vaults] == [SUBSCRIPTION, OTHER]
    assert {at(vault, "identity", "type") for vault in vaults} == {"SystemAssigned"}


def test_backups_are_zone_redundant_where_the_region_has_zones() -> None:
    for given, kept in ((WITH_ZONES, "ZoneRedundant"), (WITHOUT_ZONES, "LocallyRedundant")):
        vaults = of_type(stage_resources(given, "protection"), VAULTS)
        assert vaults
        for vault in vaults:
            assert at(properties(vault), "storageSettings", 0, "type") == kept


def test_all_containers_of_a_lake_are_backed_up() -> None:
    lakes = of_type(stage_resources(WITH_ZONES, "protection"), f"{VAULTS}/backupInstances")
    assert len(lakes) == 2
    for lake in lakes:
        parameters = at(properties(lake), "policyInfo", "policyParameters", "backupDatasourceParametersList", 0)
        assert at(parameters, "objectType") == "AdlsBlobBackupDatasourceParameters"
        assert at(parameters, "containersList") == ["landing", "bronze", "silver", "gold"]


def test_a_vault_has_a_role_on_its_lake_only() -> None:
    given = [scope.rpartition("/")[2] for scope, _, _ in scopes(stage_resources(WITH_ZONES, "protection"))]
    assert given == ["stffcontosodev", "stffcontosoprod"]


def test_an_added_environment_does_not_change_the_others() -> None:
    asked = {"storage_backup": True}
    before, after = (
        {str(r["id"]): r for r in stage_resources(answers(*names, region="eastasia", monitoring=asked), "protection")}
        for names in (("dev", "prod"), ("dev", "qa", "prod"))
    )
    assert before.items() <= after.items()


def test_a_failed_backup_is_announced_to_the_alert_recipients() -> None:
    resources = stage_resources(VARIANTS["monitored behind a gateway, lakes backed up"], "protection")
    rules = of_type(resources, "Microsoft.Insights/scheduledQueryRules")
    assert [str(rule["name"]) for rule in rules] == [
        f"alert-ff-contoso-{name}-backup-failed" for name in ("dev", "prod")
    ]
    for rule, vault in zip(rules, of_type(resources, "Microsoft.DataProtection/backupVaults"), strict=True):
        query = str(at(properties(rule), "criteria", "allOf", 0, "query"))
        assert f"/backupvaults/{str(vault['name']).lower()}'" in query
    notices = of_type(resources, "Microsoft.AlertsManagement/actionRules")
    assert [at(properties(one), "actions", 0, "actionType") for one in notices] == ["AddActionGroups"] * 2
