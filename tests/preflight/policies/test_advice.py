"""Advice about denials: it names what the policy wants, offers answers that were tried, and is never empty."""

from pathlib import Path
from typing import Final

import pytest

from installer.conventions.naming import Names
from installer.estate.bodies import PlannedBody
from installer.json_access import JsonObject
from installer.jsontypes import Json
from installer.preflight.model import Finding
from installer.preflight.policies.check import POLICY
from installer.preflight.policies.name_patterns import names_that_match, patterns, prefixes, said
from tests.bicep.answers_matrix import MATRIX
from tests.preflight.policies.assigned import SCOPE, assigned, definition, only, result
from tests.preflight.surveyed import checked, sample, with_way

VAULT: Final[JsonObject] = {"field": "type", "equals": "Microsoft.KeyVault/vaults"}
GROUP: Final[JsonObject] = {"field": "type", "equals": "Microsoft.Resources/subscriptions/resourceGroups"}
IDENTITY: Final[JsonObject] = {"field": "type", "equals": "Microsoft.ManagedIdentity/userAssignedIdentities"}
DENIED: Final[JsonObject] = {"effect": "deny"}


def rule(*conditions: Json, **parameters: Json) -> JsonObject:
    return definition("names", {"allOf": [*conditions]}, DENIED, "All", **parameters)


def solved(tmp_path: Path, policy: JsonObject, finding: Finding) -> bool:
    """Whether the first way with answers removes the denial."""
    number = next(place for place, way in enumerate(finding.ways) if way.answers)
    given = with_way(sample(), finding, number)
    return checked(tmp_path, POLICY, given, resources=[policy, assigned(policy)]).findings == ()


@pytest.mark.parametrize(
    ("condition", "operator", "pattern", "key"),
    [
        (VAULT, "notLike", "kv-corp-*", "governance.names"),
        (GROUP, "notLike", "RG-FF-DATA*", "subscription.prefix"),
    ],
)
def test_a_name_pattern_leads_to_names_that_match(
    tmp_path: Path, condition: JsonObject, operator: str, pattern: str, key: str
) -> None:
    policy = rule(condition, {"field": "name", operator: "[parameters('pattern')]"}, pattern=pattern)
    finding = only(result(tmp_path / "before", policy, assigned(policy)))
    way = next(one for one in finding.ways if one.answers)
    assert [name for name, _ in way.answers] == [key]
    assert pattern in way.text
    assert solved(tmp_path / "after", policy, finding)


@pytest.mark.parametrize(
    ("operator", "pattern", "name"),
    [
        ("like", "kv-corp-*", "kv-corp-ff-contoso-dev"),
        ("like", "corp-*", "corp-kv-ff-contoso-dev"),
        ("like", "*-we", "kv-ff-contoso-dev-we"),
        ("like", "*-westeurope-prd", "kv-ff-dev-westeurope-prd"),
        ("like", "*-westeurope-production", ""),
        ("contains", "corp", "corp-kv-ff-contoso-dev"),
        ("match", "kv?????-##", "kvkvffc-01"),
        ("matchinsensitively", "KV-???-####", "kv-kvf-0001"),
        ("match", "kv_####", ""),
    ],
)
def test_names_of_a_pattern_satisfy_the_rule_of_their_kind(operator: str, pattern: str, name: str) -> None:
    vault = PlannedBody(f"{SCOPE}/resourceGroups/g/providers/a/kv-ff-contoso-dev", "a", "kv-ff-contoso-dev", "1", {})
    entries = names_that_match(Names("contoso"), [vault], [(operator, pattern)])
    assert entries == ([f"key_vault.dev={name}"] if name else [])


def test_a_name_that_no_answer_sets_leaves_the_pattern_and_the_exemption(tmp_path: Path) -> None:
    policy = rule(IDENTITY, {"field": "name", "notMatch": "id-####-??"})
    finding = only(result(tmp_path, policy, assigned(policy)))
    assert not any(way.answers for way in finding.ways)
    assert "names that match id-####-??" in finding.ways[0].text
    assert finding.ways[-1].text.startswith("ask Platform Team, at ")


def test_only_patterns_that_are_wanted_count() -> None:
    def constant(text: Json) -> Json:
        return text

    denied: Json = {"anyOf": [{"field": "name", "like": "test-*"}, {"not": {"field": "name", "like": "a-*"}}]}
    assert patterns(denied, constant) == [("like", "a-*")]
    inverted: Json = {"not": {"anyOf": [{"field": "fullName", "match": "b-##"}, {"field": "location", "like": "x*"}]}}
    assert patterns(inverted, constant) == [("match", "b-##")]
    assert said([("like", "a-*"), ("contains", "b")]) == "a-* or containing b"
    assert list(prefixes([("like", "rg-corp-x1-*-9")])) == ["corp", "rg"]


DAYS: Final = "Microsoft.KeyVault/vaults/softDeleteRetentionInDays"


@pytest.mark.parametrize(
    ("comparison", "wanted"),
    [({"less": 90}, 90), ({"lessOrEquals": 29}, 30)],
)
def test_a_figure_that_a_policy_wants_is_offered(tmp_path: Path, comparison: JsonObject, wanted: int) -> None:
    policy = rule(VAULT, {"field": DAYS, **comparison})
    finding = only(result(tmp_path / "before", policy, assigned(policy)))
    assert finding.ways[0].answers == (("data.soft_delete_days", wanted),)
    assert solved(tmp_path / "after", policy, finding)


def test_purge_protection_and_soft_delete_are_always_on(tmp_path: Path) -> None:
    protection: JsonObject = {"field": "Microsoft.KeyVault/vaults/enablePurgeProtection", "notEquals": True}
    deletion: JsonObject = {"field": "Microsoft.KeyVault/vaults/enableSoftDelete", "equals": False}
    policy = rule(VAULT, {"anyOf": [protection, deletion]})
    assert result(tmp_path, policy, assigned(policy)).state == "passed"


TYPES: Final = (
    "Microsoft.Network/natGateways",
    "Microsoft.Network/loadBalancers",
    "Microsoft.ManagedIdentity/userAssignedIdentities",
)


@pytest.mark.parametrize("kind", TYPES)
def test_a_type_that_is_denied_as_a_whole_has_advice(tmp_path: Path, kind: str) -> None:
    policy = definition("closed", {"field": "type", "equals": kind}, DENIED)
    finding = only(result(tmp_path, policy, assigned(policy)))
    exemption = finding.ways[-1].text
    assert exemption.startswith("ask Platform Team, at ")
    assert f"policyAssignmentId {assigned(policy)['id']}" in exemption
    assert "definition closed: Rule closed" in finding.why


def test_a_way_out_that_renames_everything_finds_what_was_denied_before_again(tmp_path: Path) -> None:
    """Another prefix changes the names in every finding, which makes none of them new."""
    naming = rule(GROUP, {"field": "name", "notLike": "rg-*-data-*"})
    vaults = definition("vaults", VAULT, DENIED)
    both = [naming, assigned(naming, "naming"), vaults, assigned(vaults, "vaults")]
    finding = next(one for one in result(tmp_path, *both).findings if "naming" in one.what)
    assert finding.ways[0].answers == (("subscription.prefix", "data"),)
    assert finding.ways[0].left == ()


UNSOLVABLE: Final[tuple[JsonObject, ...]] = (
    {"field": "Microsoft.Storage/storageAccounts/sku.name", "notEquals": "Standard_RAGRS"},
    {"field": "Microsoft.DBforPostgreSQL/flexibleServers/version", "notEquals": "9"},
    {"field": "Microsoft.ContainerRegistry/registries/sku.name", "notEquals": "Classic"},
)


def test_rules_that_no_answer_satisfies_leave_trials_for_the_next(tmp_path: Path) -> None:
    parts: list[JsonObject] = []
    for number, condition in enumerate(UNSOLVABLE):
        on_type: JsonObject = {"field": "type", "equals": str(condition["field"]).rpartition("/")[0]}
        closed = definition(f"closed{number}", {"allOf": [on_type, condition]}, DENIED)
        parts += [closed, assigned(closed, f"a{number}")]
    cluster: JsonObject = {"field": "type", "equals": "Microsoft.ContainerService/managedClusters"}
    field = "Microsoft.ContainerService/managedClusters/apiServerAccessProfile.enablePrivateCluster"
    private = definition("private", {"allOf": [cluster, {"field": field, "notEquals": True}]}, DENIED)
    known = [*parts, private, assigned(private, "b")]
    given = MATRIX["01-trial-public"]
    given = given.model_copy(update={"subscription": sample().subscription})
    findings = checked(tmp_path, POLICY, given, resources=known).findings
    found = {one.what.split(" (", 1)[0]: one for one in findings}
    for number in range(len(UNSOLVABLE)):
        assert not any(way.answers for way in found[f"the policy assignment a{number}"].ways)
    answers = [way.answers for way in found["the policy assignment b"].ways if way.answers]
    assert (("platform.private_api", True),) in answers
