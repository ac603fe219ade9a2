"""Policies about tags: the answer that is offered has the values that the policy compares the tag with, and no other text of it."""

from pathlib import Path
from typing import Final

import pytest

from installer.json_access import JsonObject
from installer.jsontypes import Json
from installer.preflight.model import Result
from installer.preflight.policies.check import POLICY
from installer.preflight.policies.tag_values import tags_with, wanted_tags
from tests.emulator.in_memory import SUBSCRIPTION
from tests.preflight.policies.assigned import SCOPE, assigned, definition, only, result
from tests.preflight.surveyed import checked, from_survey, sample, with_way

GROUPS: Final[JsonObject] = {"field": "type", "equals": "Microsoft.Resources/subscriptions/resourceGroups"}
MISSING: Final[JsonObject] = {"field": "[concat('tags[', parameters('tag'), ']')]", "exists": "false"}
DENIED: Final[JsonObject] = {"effect": "deny"}


def test_a_type_in_the_condition_is_no_value_of_the_tag(tmp_path: Path) -> None:
    """The built-in definition "Require a tag on resource groups"."""
    rule = definition("groups", {"allOf": [GROUPS, MISSING]}, DENIED, tag="CostCenter")
    finding = only(result(tmp_path, rule, assigned(rule)))
    assert finding.ways[0].text == "give the tag CostCenter its value in the answer governance.tags"
    assert all(not way.answers for way in finding.ways)


def test_the_form_of_a_value_is_named_and_no_answers_about_one_of_the_types(tmp_path: Path) -> None:
    rule = definition("form", {"field": "tags['CostCenter']", "notMatch": "CC-####"}, DENIED, "Indexed")
    finding = only(result(tmp_path, rule, assigned(rule)))
    first, exemption = finding.ways
    assert first.text == "give the tag CostCenter (CC-####) its value in the answer governance.tags"
    assert exemption.text.startswith("ask Platform Team, at ")


TWO: Final[JsonObject] = {
    "anyOf": [
        {"field": "tags['env']", "notIn": "[parameters('allowed')]"},
        {"field": "tags.owner", "notEquals": "data"},
    ]
}


def test_all_tags_of_a_policy_are_set_by_one_way_out(tmp_path: Path) -> None:
    rule = definition("two", TWO, DENIED, "Indexed", allowed=["test", "live"])
    finding = only(result(tmp_path / "before", rule, assigned(rule)))
    assert finding.ways[0].answers == (("governance.tags", ["env=test", "owner=data"]),)
    after = checked(tmp_path / "after", POLICY, with_way(sample(), finding), resources=[rule, assigned(rule)])
    assert after.findings == ()


@pytest.mark.parametrize(
    ("condition", "details", "values", "forms"),
    [
        ({"field": "tags['a']", "exists": "false"}, None, (), ()),
        ({"allOf": [{"field": "tags[a]", "in": ["x", "y"]}, GROUPS]}, None, ("x", "y"), ()),
        ({"not": {"field": "tags.a", "equals": "x"}}, None, ("x",), ()),
        ({"field": "tags['a']", "notLike": "x*"}, None, (), ("x*",)),
        ({"field": "tags['b']", "equals": "z"}, None, None, None),
        ({"field": "tags", "exists": "false"}, None, None, None),
        (GROUPS, {"operations": [{"operation": "add", "field": "tags['a']", "value": "x"}]}, ("x",), ()),
        (GROUPS, [{"field": "tags['a']", "value": "x"}], ("x",), ()),
    ],
)
def test_values_and_forms_of_one_tag(
    condition: JsonObject, details: Json, values: tuple[str, ...] | None, forms: tuple[str, ...] | None
) -> None:
    found = {one.name: one for one in wanted_tags(condition, details, lambda value: value)}
    if values is None:
        assert "a" not in found
    else:
        assert (found["a"].values, found["a"].forms) == (values, forms)


def test_other_tags_of_the_answers_are_kept() -> None:
    wanted = wanted_tags({"field": "tags['Env']", "notIn": ["test", "live"]}, None, lambda value: value)
    assert [*tags_with(["env=x", "owner=y"], wanted)] == [["owner=y", "Env=test"], ["owner=y", "Env=live"]]
    assert [*tags_with(["owner=y"], wanted_tags(GROUPS, None, lambda value: value))] == []


ENV: Final = "[subscription().tags['Env']]"
INHERITED: Final = definition(
    "inherited",
    {"allOf": [{"field": "tags['Env']", "notEquals": ENV}, {"value": ENV, "notEquals": ""}]},
    {
        "effect": "modify",
        "details": {"operations": [{"operation": "addOrReplace", "field": "tags['Env']", "value": ENV}]},
    },
    "Indexed",
)


def surveyed(folder: Path, *resources: JsonObject) -> Result:
    """The check of a survey without resource groups."""
    known = {"registrations": {}, "listed": ["Microsoft.Authorization/policyExemptions"]}
    (found,) = from_survey(folder, sample(), {**known, "resources": [*resources]}, (POLICY,)).results
    return found


def test_tags_of_a_subscription_are_read_without_its_groups(tmp_path: Path) -> None:
    body: JsonObject = {"id": SCOPE, "state": "Enabled", "tags": {"Env": "Sandbox"}}
    found = surveyed(tmp_path, INHERITED, assigned(INHERITED), body)
    assert "sets the tag Env to Sandbox on" in only(found).what
    assert found.not_checked == ()


@pytest.mark.parametrize(
    ("function", "gap"),
    [
        ("subscription", f"subscription {SUBSCRIPTION}"),
        ("resourceGroup", f"resource groups of subscription {SUBSCRIPTION}"),
    ],
)
def test_a_rule_that_reads_what_was_not_seen_is_not_called_right(tmp_path: Path, function: str, gap: str) -> None:
    rule = definition("reading", {"value": f"[{function}().tags['Env']]", "equals": "closed"}, DENIED)
    found = surveyed(tmp_path, rule, assigned(rule))
    assert found.findings == ()
    (unseen,) = found.not_checked
    assert unseen.what == f"what the policy assignment Title of rule (Rule reading) reads: {gap}"
    assert all(one.text.startswith("what could be judged of ") for one in found.proofs)
