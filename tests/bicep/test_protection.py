"""Stage 10: copies of the lakes, only where they are asked for."""

from installer.estate.parameters import stages
from tests.bicep.answers_variants import OTHER, SUBSCRIPTION, VARIANTS, answers
from tests.bicep.snapshots import NEEDS_COMPILER
from tests.bicep.stage_requests import at, of_type, properties, scopes, taken

pytestmark = NEEDS_COMPILER

WITH_ZONES = VARIANTS["watched behind a gateway, lakes backed up"]
WITHOUT_ZONES = VARIANTS["watched directly, on container apps, by Prefect Cloud"]
VAULTS = "Microsoft.DataProtection/backupVaults"


def test_nothing_is_backed_up_that_was_not_asked_for() -> None:
    assert "protection" not in [spec.key for spec in stages(answers("dev", "prod"))]


def test_every_environment_has_a_vault_beside_its_lake() -> None:
    vaults = of_type(taken(WITHOUT_ZONES, "protection"), VAULTS)
    assert [str(vault["id"]).split("/")[2] for vault in vaults] == [SUBSCRIPTION, OTHER]
    assert {at(vault, "identity", "type") for vault in vaults} == {"SystemAssigned"}


def test_copies_are_spread_over_zones_where_there_are_some() -> None:
    for given, kept in ((WITH_ZONES, "ZoneRedundant"), (WITHOUT_ZONES, "LocallyRedundant")):
        for vault in of_type(taken(given, "protection"), VAULTS):
            assert at(properties(vault), "storageSettings", 0, "type") == kept


def test_all_containers_of_a_lake_are_backed_up() -> None:
    lakes = of_type(taken(WITH_ZONES, "protection"), f"{VAULTS}/backupInstances")
    assert len(lakes) == 2
    for lake in lakes:
        parameters = at(properties(lake), "policyInfo", "policyParameters", "backupDatasourceParametersList", 0)
        assert at(parameters, "objectType") == "AdlsBlobBackupDatasourceParameters"
        assert at(parameters, "containersList") == ["landing", "bronze", "silver", "gold"]


def test_a_vault_has_a_right_at_its_own_lake_alone() -> None:
    given = [scope.rpartition("/")[2] for scope, _, _ in scopes(taken(WITH_ZONES, "protection"))]
    assert given == ["stffcontosodev", "stffcontosoprod"]


def test_an_environment_that_is_added_changes_nothing_of_the_others() -> None:
    asked = {"storage_backup": True}
    before, after = (
        {str(r["id"]): r for r in taken(answers(*names, region="eastasia", monitoring=asked), "protection")}
        for names in (("dev", "prod"), ("dev", "qa", "prod"))
    )
    assert before.items() <= after.items()
