"""Policies of a customer: denials with a way out that removes them, exemptions, changes, later deployments."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from installer.json_access import JsonObject
from installer.preflight.policies.check import POLICY
from installer.preflight.report import result_of
from tests.preflight.policies.assigned import (
    CLOSED,
    DENY,
    MANAGEMENT,
    POSTGRES,
    SCOPE,
    assigned,
    definition,
    exemption,
    initiative,
    only,
    result,
)
from tests.preflight.surveyed import checked, sample, subject_of, with_way


def test_a_denial_names_assignment_owner_definition_and_the_exemption_to_ask_for(tmp_path: Path) -> None:
    part = initiative("guardrails", CLOSED)
    finding = only(result(tmp_path, CLOSED, part, assigned(part)))
    assert finding.what.startswith(
        "the policy assignment rule (Title of rule), part part-closed of the initiative, denies"
    )
    assert "Microsoft.DBforPostgreSQL/flexibleServers pg-ff-contoso" in finding.what
    assert "Rule closed; confirmed by Azure" in finding.why
    asked = finding.ways[-1].text
    assert asked.startswith(f"ask Platform Team, at {MANAGEMENT} for an exemption at {SCOPE}/resourceGroups/")
    assert asked.endswith("policyDefinitionReferenceIds [part-closed]")
    assert finding.code == "RequestDisallowedByPolicy"


@pytest.mark.parametrize(
    "assignment",
    [
        assigned(CLOSED, enforcementMode="DoNotEnforce"),
        assigned(CLOSED, notScopes=[SCOPE]),
        assigned(CLOSED, resourceSelectors=[{"name": "x", "selectors": [{"kind": "resourceType", "in": ["A.B/c"]}]}]),
        assigned(CLOSED, overrides=[{"kind": "policyEffect", "value": "audit"}]),
        assigned(CLOSED, scope=f"{SCOPE}/resourceGroups/another"),
    ],
    ids=["not enforced", "excluded", "selected", "overridden", "elsewhere"],
)
def test_what_is_not_in_force_denies_nothing_and_nothing_is_asked(tmp_path: Path, assignment: JsonObject) -> None:
    with subject_of(tmp_path, sample(), resources=[CLOSED, assignment]) as subject:
        found = result_of(POLICY, subject)
        assert (found.state, found.findings) == ("passed", ())
        assert subject.arm.count("post", "checkPolicyRestrictions") == 0
        assert subject.arm.requests <= 5


def test_an_exemption_frees_until_it_expires(tmp_path: Path) -> None:
    free = exemption(DENY, expiresOn="2999-01-01T00:00:00Z")
    found = result(tmp_path / "free", CLOSED, DENY, free)
    assert found.findings == ()
    assert any(
        "the exemption free frees pg-ff-contoso from rule, until 2999-01-01T00:00:00Z; later" in proof.text
        for proof in found.proofs
    )
    expired = exemption(DENY, expiresOn="2001-01-01T00:00:00Z")
    finding = only(result(tmp_path / "expired", CLOSED, DENY, expired))
    assert finding.severity == "blocks"
    assert finding.ways[-1].text.endswith("to renew the exemption free, which ended 2001-01-01 00:00 UTC")


@pytest.mark.parametrize(("minutes", "severity"), [(10, "warns"), (60 * 24, "")])
def test_an_exemption_that_ends_during_the_run_is_named(tmp_path: Path, minutes: int, severity: str) -> None:
    with subject_of(tmp_path / "clock", sample()) as subject:
        now = subject.now()
    ends = datetime.fromtimestamp(now + 60 * minutes, UTC).isoformat()
    found = result(tmp_path / "run", CLOSED, DENY, exemption(DENY, expiresOn=ends))
    assert {one.severity for one in found.findings} == ({severity} if severity else set())
    if severity:
        assert found.findings[0].what.startswith("the exemption free from rule ends ")
        assert "az policy exemption update -n free --scope" in found.findings[0].ways[0].text
        longer = {**exemption(DENY), "id": f"{exemption(DENY)['id']}-longer"}
        both = result(tmp_path / "both", CLOSED, DENY, exemption(DENY, expiresOn=ends), longer)
        assert both.findings == (), "the one that ends last counts"


LOCATIONS: Final = definition(
    "locations",
    {
        "allOf": [
            {"field": "location", "notIn": "[parameters('allowed')]"},
            {"field": "location", "notEquals": "global"},
        ]
    },
    {"effect": "[parameters('effect')]"},
    "Indexed",
    allowed=["westeurope"],
    effect="deny",
)
TAG: Final = definition(
    "cost",
    {"field": "[concat('tags[', parameters('tag'), ']')]", "notEquals": "[parameters('value')]"},
    {"effect": "deny"},
    "Indexed",
    tag="costCentre",
    value="4711",
)
ROUTES: Final = definition(
    "versions",
    {
        "allOf": [
            {"field": "type", "equals": "Microsoft.Network/virtualNetworks/subnets"},
            {"field": "Microsoft.Network/virtualNetworks/subnets/routeTable.id", "exists": "false"},
        ]
    },
    {"effect": "deny"},
)
SETTING: Final = definition(
    "owner",
    {"field": "tags['owner']", "exists": "false"},
    {
        "effect": "modify",
        "details": {
            "roleDefinitionIds": [],
            "operations": [{"operation": "add", "field": "tags['owner']", "value": "platform"}],
        },
    },
    "Indexed",
)


@pytest.mark.parametrize(
    ("rule", "key"),
    [(LOCATIONS, "subscription.region"), (TAG, "governance.tags"), (ROUTES, "network.route_tables")],
    ids=["locations", "tags", "route tables"],
)
def test_an_answer_that_avoids_a_denial_is_offered_and_removes_it(tmp_path: Path, rule: JsonObject, key: str) -> None:
    given = sample()
    survey = [rule, assigned(rule)]
    finding = only(checked(tmp_path / "before", POLICY, given, resources=survey))
    assert [name for name, _ in finding.ways[0].answers] == [key]
    after = checked(tmp_path / "after", POLICY, with_way(given, finding), resources=survey)
    assert (after.state, after.findings) == ("passed", ())


def test_a_tag_without_a_prescribed_value_is_named_and_no_value_is_invented(tmp_path: Path) -> None:
    rule = definition("any", {"field": "tags['owner']", "exists": "false"}, {"effect": "deny"}, "Indexed")
    finding = only(result(tmp_path, rule, assigned(rule)))
    assert finding.ways[0].text == "give the tag owner its value in the answer governance.tags"
    assert all(not way.answers for way in finding.ways)


def test_a_change_is_reported_once_for_all_resources_and_the_answer_with_the_same_value_ends_it(tmp_path: Path) -> None:
    given, survey = sample(), [SETTING, assigned(SETTING)]
    finding = only(checked(tmp_path / "before", POLICY, given, resources=survey))
    assert finding.severity == "warns"
    assert "sets the tag owner to platform on" in finding.what
    after = checked(tmp_path / "after", POLICY, with_way(given, finding), resources=survey)
    assert after.findings == ()


def test_a_change_of_a_group_is_what_rules_read_of_it(tmp_path: Path) -> None:
    inherited = definition(
        "inherit",
        {
            "allOf": [
                {"field": "tags['owner']", "exists": "false"},
                {"value": "[resourceGroup().tags['owner']]", "equals": "platform"},
            ]
        },
        {"effect": "deny"},
        "Indexed",
    )
    of_groups = definition(
        "groups",
        {"field": "type", "equals": "Microsoft.Resources/subscriptions/resourceGroups"},
        {
            "effect": "modify",
            "details": {"operations": [{"operation": "addOrReplace", "field": "tags['owner']", "value": "platform"}]},
        },
    )
    found = result(tmp_path, inherited, of_groups, assigned(inherited, "i"), assigned(of_groups, "g"))
    assert {finding.severity for finding in found.findings} == {"blocks", "warns"}


def _settings(kind: str) -> JsonObject:
    return definition(
        "settings",
        POSTGRES,
        {"effect": "deployIfNotExists", "details": {"type": kind, "deployment": {"properties": {"template": {}}}}},
    )


@pytest.mark.parametrize(
    ("kind", "told"),
    [("Microsoft.Insights/dataCollectionRuleAssociations", True), ("Microsoft.Insights/diagnosticSettings", False)],
)
def test_what_a_policy_deploys_later_is_told_unless_the_installation_has_it(
    tmp_path: Path, kind: str, *, told: bool
) -> None:
    rule = _settings(kind)
    found = result(tmp_path, rule, assigned(rule))
    assert found.findings == ()
    assert any(f"deploys {kind} for pg-ff-contoso some time" in proof.text for proof in found.proofs) is told


def _failing(condition: JsonObject, effect: JsonObject) -> JsonObject:
    """A definition with a function that fails for every name."""
    function: JsonObject = {"value": "[substring(field('name'), 90, 3)]", "equals": "x"}
    return definition("broken", {"allOf": [condition, function]}, effect)


ADD: Final[JsonObject] = {
    "effect": "modify",
    "details": {
        "roleDefinitionIds": [],
        "operations": [{"operation": "add", "field": "tags['a']", "value": "b"}],
    },
}


@pytest.mark.parametrize("effect", [{"effect": "deny"}, ADD], ids=["deny", "modify"])
@pytest.mark.parametrize("condition", [POSTGRES, {"field": "type", "like": "Microsoft.*"}], ids=["one", "every type"])
def test_a_function_that_fails_denies_and_is_listed_once(
    tmp_path: Path, condition: JsonObject, effect: JsonObject
) -> None:
    broken = _failing(condition, effect)
    found = result(tmp_path, broken, assigned(broken))
    finding = only(found)
    assert "it fails: Unable to evaluate the template language function 'substring'" in finding.why
    assert not [one for one in found.not_checked if "substring" in one.why]
