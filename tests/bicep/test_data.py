"""The data stage: dedicated server, grown storage and locks."""

import pytest

from installer.answers.model import Answers
from installer.estate.parameters import PLACEHOLDER_OUTPUTS, stages
from installer.json_access import as_list, member
from installer.jsontypes import Json
from tests.bicep.answers_variants import REGION, SUBSCRIPTION, TENANT, answers
from tests.bicep.snapshots import NEEDS_COMPILER, snapshot

pytestmark = NEEDS_COMPILER

SERVERS = "Microsoft.DBforPostgreSQL/flexibleServers"


def data_of(given: Answers, more: dict[str, Json] | None = None) -> list[dict[str, Json]]:
    (spec,) = [spec for spec in stages(given) if spec.stage == "data"]
    sent = {**spec.parameters(PLACEHOLDER_OUTPUTS), **(more or {})}
    return snapshot(spec, sent, subscription_id=SUBSCRIPTION, tenant_id=TENANT, location=REGION)


def of_type(resources: list[dict[str, Json]], kind: str) -> list[dict[str, Json]]:
    return [resource for resource in resources if resource["type"] == kind]


@pytest.mark.parametrize(
    ("given", "servers"),
    [
        (answers("dev", "prod"), ["pg-ff-contoso", "pg-ff-contoso-prod"]),
        (answers("dev", "prod", data={"prod_server": False}), ["pg-ff-contoso"]),
        (answers("prod"), ["pg-ff-contoso"]),
        (answers("dev", "qa"), ["pg-ff-contoso"]),
    ],
)
def test_production_has_a_dedicated_server_beside_other_environments(given: Answers, servers: list[str]) -> None:
    """The database administrators of all environments on a server administer every database there."""
    assert [server["name"] for server in of_type(data_of(given), SERVERS)] == servers


def test_grown_storage_is_kept() -> None:
    (server,) = of_type(data_of(answers("dev"), {"currentSharedStorageGb": {"value": 256}}), SERVERS)
    properties = server["properties"]
    assert isinstance(properties, dict)
    storage = properties["storage"]
    assert isinstance(storage, dict)
    assert storage["storageSizeGB"] == 256


def test_data_resources_are_locked_when_requested() -> None:
    locks = of_type(data_of(answers("dev", "prod", governance={"locks": "data"})), "Microsoft.Authorization/locks")
    assert len(locks) == 6


def test_resource_groups_are_locked_when_requested() -> None:
    locks = "Microsoft.Authorization/locks"
    found = of_type(data_of(answers("dev", "prod", governance={"locks": "groups"})), locks)
    assert {member(lock, "properties", "level") for lock in found} == {"CanNotDelete"}
    groups = {str(lock["id"]).split("/providers/")[0].rpartition("/")[2] for lock in found}
    assert groups == {"rg-ff-contoso-platform", "rg-ff-contoso-dev", "rg-ff-contoso-prod"}
    assert len(found) == 3


def test_a_lifecycle_rule_that_is_not_used_is_disabled() -> None:
    """Left out, it would stay in effect in Azure; the days of a disabled rule are at least one."""
    lakes = of_type(
        data_of(answers("dev", data={"cool_after_days": 0, "landing_days": 0})),
        "Microsoft.Storage/storageAccounts/managementPolicies",
    )
    assert len(lakes) == 1
    rules = as_list(member(lakes[0], "properties", "policy", "rules"))
    assert [(member(rule, "name"), member(rule, "enabled")) for rule in rules] == [("cool", False), ("landing", False)]
    used = of_type(
        data_of(answers("dev", data={"cool_after_days": 30, "landing_days": 90})),
        "Microsoft.Storage/storageAccounts/managementPolicies",
    )
    rules = as_list(member(used[0], "properties", "policy", "rules"))
    assert [member(rule, "enabled") for rule in rules] == [True, True]
    actions = [member(rule, "definition", "actions", "baseBlob") for rule in rules]
    assert actions == [
        {"tierToCool": {"daysAfterModificationGreaterThan": 30}},
        {"delete": {"daysAfterModificationGreaterThan": 90}},
    ]
