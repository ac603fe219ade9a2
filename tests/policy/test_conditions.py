"""The language of policy rules: operators, fields in all notations, counts and functions."""

from collections.abc import Mapping
from typing import Final

import pytest

from installer.jsontypes import Json
from installer.policy.conditions import compile_condition
from installer.policy.evaluation import NOTHING, Evaluation
from installer.policy.expressions import compiled
from installer.policy.fields import Subject
from installer.policy.outcomes import EvaluationError, NotJudgedError, UndecidedError

KIND: Final = "Microsoft.Test/things"
ID: Final = f"/subscriptions/s/resourceGroups/rg-one/providers/{KIND}/thing-1"
BODY: Final[dict[str, Json]] = {
    "location": "West Europe",
    "kind": "StorageV2",
    "sku": {"name": "Standard_LRS"},
    "identity": {"type": "SystemAssigned", "userAssignedIdentities": {"/ids/One": {}}},
    "tags": {"env": "Prod", "Acct.Center": "42", "'quoted'": "yes", "empty": ""},
    "properties": {
        "text": "Value",
        "number": 5,
        "digits": "10",
        "flag": True,
        "off": False,
        "nothing": None,
        "date": "2026-05-01T00:00:00Z",
        "sku": {"tier": "Hot"},
        "list": ["a", "b", "c"],
        "empty": [],
        "rules": [
            {"name": "r1", "port": 22, "properties": {"access": "Allow"}, "nested": [1, 2]},
            {"name": "r2", "port": 443, "properties": {"access": "Deny"}, "nested": [3, 4]},
            {"name": "r3"},
        ],
    },
}
SUBJECT: Final = Subject(
    ID,
    KIND,
    "thing-1",
    "thing-1",
    BODY,
    "2024-05-01",
    subscription={"subscriptionId": "s", "tags": {"owner": "me"}},
    group={"name": "rg-one", "location": "westeurope", "tags": {"cost": "7"}},
)
NOW: Final = 1_800_000_000.0  # 2027-01-15T08:00:00Z


def judged(condition: Json, subject: Subject = SUBJECT, parameters: Mapping[str, Json] | None = None) -> bool:
    """Whether a condition is true for the thing."""
    test, _ = compile_condition(condition, parameters or {})
    return test(Evaluation(subject, NOW, {"assignmentId": "/a"}))


def evaluated(text: str, **parameters: Json) -> Json:
    """The value of an expression."""
    return compiled(text, parameters)[0](Evaluation(SUBJECT, NOW, {"assignmentId": "/a"}))


def field(path: str, **condition: Json) -> Json:
    """A condition on an alias of the thing, or on a plain field."""
    plain = path in {"name", "type", "id", "location", "kind", "fullName"} or path.startswith(
        ("tags", "identity", "sku.")
    )
    return {"field": path if plain else f"{KIND}/{path}", **condition}


TRUE: Final[tuple[Json, ...]] = (
    field("text", equals="vALUE"),
    field("number", equals=5),
    field("number", equals="5"),
    field("flag", equals="true"),
    field("off", equals=False),
    field("off", notEquals=True),
    field("missing", equals=""),
    field("nothing", equals=""),
    field("missing", notEquals="x"),
    field("missing", notIn=["x", "y"]),
    field("missing", notLike="x*"),
    field("missing", notContains="x"),
    field("missing", notMatch="#"),
    field("missing", notContainsKey="x"),
    field("missing", exists=False),
    field("missing", exists="False"),
    field("nothing", exists="false"),
    field("tags.empty", exists="true"),
    field("empty", exists=True),
    field("text", like="V*e"),
    field("text", like="value"),
    field("text", notLike="x*"),
    field("text", contains="ALU"),
    field("list", contains="B"),
    field("text", notContains="z"),
    field("digits", match="##"),
    field("number", match="#"),
    field("text", match="V????"),
    field("text", match="V..ue"),
    field("text", notMatch="v????"),
    field("text", matchInsensitively="v????"),
    field("text", notMatchInsensitively="x????"),
    {"field": f"{KIND}/text", "in": ["x", "VALUE"]},
    {"field": f"{KIND}/missing", "in": ["", "x"]},
    field("tags", containsKey="ENV"),
    field("tags", notContainsKey="nope"),
    field("identity.userAssignedIdentities", containsKey="/IDS/one"),
    field("number", less=6),
    field("number", lessOrEquals=5),
    field("number", greater="4"),
    field("number", greaterOrEquals=5),
    field("digits", greater=9),
    field("date", less="2026-05-02T00:00:00Z"),
    field("date", less="[addDays(utcNow(), 1)]"),
    field("text", greater="apple"),
    {"value": "[requestContext().apiVersion]", "less": "2024-11-01"},
    field("location", equals="westeurope"),
    {"field": "location", "in": ["WestEurope"]},
    field("location", notEquals="northeurope"),
    field("kind", equals="storagev2"),
    field("type", equals="microsoft.test/THINGS"),
    field("type", like="Microsoft.Test/*"),
    field("name", like="thing*"),
    field("fullName", equals="thing-1"),
    field("id", contains="/resourceGroups/rg-one/"),
    field("identity.type", contains="System"),
    field("sku.name", equals="standard_lrs"),
    {"field": f"{KIND}/sku.name", "equals": "Standard_LRS"},
    {"field": f"{KIND}/sku.tier", "equals": "hot"},
    field("tags.env", equals="prod"),
    field("tags['env']", equals="prod"),
    field("tags[env]", equals="prod"),
    field("tags['Acct.Center']", equals="42"),
    field("tags[Acct.Center]", equals="42"),
    field("tags['''quoted''']", equals="yes"),
    field("tags['nope']", exists=False),
    {"field": "[concat('tags[', parameters('which'), ']')]", "equals": "PROD"},
    # every element has to satisfy; an empty or missing array satisfies all
    {"field": f"{KIND}/list[*]", "in": ["a", "b", "c"]},
    field("list[*]", notEquals="d"),
    field("empty[*]", equals="anything"),
    field("missing[*].x", equals="anything"),
    field("rules[*].name", like="r*"),
    {"field": "Microsoft.Other/kinds/list[*]", "equals": "x"},
    # properties of array members that are resources
    {"count": {"field": f"{KIND}/rules[*]", "where": field("rules[*].access", equals="allow")}, "equals": 1},
    {"count": {"field": f"{KIND}/rules[*]"}, "equals": 3},
    {"count": {"field": f"{KIND}/empty[*]"}, "equals": 0},
    {"count": {"field": f"{KIND}/missing[*]"}, "equals": 0},
    {"count": {"field": f"{KIND}/rules[*].nested[*]"}, "equals": 4},
    {"count": {"field": f"{KIND}/list[*]", "where": field("tags.env", equals="prod")}, "equals": 3},
    {
        "count": {
            "field": f"{KIND}/rules[*]",
            "where": {"allOf": [field("rules[*].name", equals="r2"), field("rules[*].nested[*]", greater=2)]},
        },
        "equals": 1,
    },
    {
        "count": {
            "field": f"{KIND}/rules[*]",
            "where": {
                "count": {"field": f"{KIND}/rules[*].nested[*]", "where": field("rules[*].nested[*]", equals=3)},
                "greater": 0,
            },
        },
        "equals": 1,
    },
    # field() inside where is an array with the one element
    {
        "count": {"field": f"{KIND}/list[*]", "where": field("list[*]", equals=f"[field('{KIND}/list[*]')]")},
        "equals": 0,
    },
    {
        "count": {"field": f"{KIND}/list[*]", "where": field("list[*]", equals=f"[first(field('{KIND}/list[*]'))]")},
        "equals": 3,
    },
    {"count": {"value": ["th*", "x*"], "name": "p", "where": {"field": "name", "like": "[current('p')]"}}, "equals": 1},
    {"count": {"value": ["th*", "x*"], "where": {"field": "name", "like": "[current()]"}}, "equals": 1},
    {"count": {"value": "[parameters('many')]"}, "equals": 2},
    {
        "count": {
            "value": [{"port": 22}, {"port": 80}],
            "name": "wanted",
            "where": {
                "count": {
                    "field": f"{KIND}/rules[*]",
                    "where": field("rules[*].port", equals="[current('wanted').port]"),
                },
                "equals": 1,
            },
        },
        "equals": 1,
    },
    {
        "count": {
            "field": f"{KIND}/rules[*]",
            "where": {"value": f"[current('{KIND}/rules[*].port')]", "greater": 100},
        },
        "equals": 1,
    },
    {"not": {"anyOf": [field("text", equals="x"), {"allOf": [field("flag", equals=False)]}]}},
    {"value": "[resourceGroup().name]", "like": "rg-*"},
    {"value": "[resourceGroup().tags['cost']]", "equals": "7"},
    {"value": "[resourceGroup().tags[parameters('which')]]", "equals": ""},
    {"value": "[subscription().tags.owner]", "equals": "me"},
    {"value": "[less(length(field('tags')), 5)]", "equals": "true"},
    # a decided part outweighs one that fails
    {"anyOf": [{"value": "[substring(field('name'), 0, 99)]", "equals": "x"}, field("text", equals="Value")]},
)


@pytest.mark.parametrize("condition", TRUE, ids=str)
def test_true_conditions_and_their_negations(condition: Json) -> None:
    given: dict[str, Json] = {"which": "env", "many": ["x", "y"]}
    assert judged(condition, parameters=given)
    assert not judged({"not": condition}, parameters=given)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (f"[field('{KIND}/missing')]", ""),
        (f"[field('{KIND}/missing[*]')]", []),
        (f"[field('{KIND}/list')]", ["a", "b", "c"]),
        (f"[field('{KIND}/rules[*].name')]", ["r1", "r2", "r3"]),
        (f"[field('{KIND}/rules[*].nested')]", [[1, 2], [3, 4], None]),
        ("[addDays('2026-12-31T00:00:00Z', 1)]", "2027-01-01T00:00:00.0000000Z"),
        ("[utcNow()]", "2027-01-15T08:00:00.0000000Z"),
        ("[policy().assignmentId]", "/a"),
        ("[requestContext().apiVersion]", "2024-05-01"),
        ("[subscription().subscriptionId]", "s"),
        ("[resourceGroup().location]", "westeurope"),
        ("[if(equals(parameters('p'), 'x'), 'yes', substring('a', 5))]", "yes"),
        ("[padLeft('7', 3, '0')]", "007"),
        ("[last(split(field('id'), '/'))]", "thing-1"),
        ("[coalesce(null(), 'b')]", "b"),
        ("[ipRangeContains('10.0.0.0/8', '10.2.0.0/16')]", True),
        ("[ipRangeContains('10.0.0.0/16', '10.0.0.0/8')]", False),
        ("[ipRangeContains('192.168.0.1-192.168.0.9', '192.168.0.9')]", True),
        ("[ipRangeContains('2001:0DB8::/110', '2001:0DB8::3:FFFE')]", True),
        ("[[literal]", "[literal]"),
    ],
)
def test_values_of_expressions(text: str, value: Json) -> None:
    assert evaluated(text, p="x") == value


@pytest.mark.parametrize(
    "condition",
    [
        {"value": "[substring(field('name'), 0, 99)]", "equals": "x"},
        {"value": "[ipRangeContains('10.0.0.0/8', '::1')]", "equals": True},
        {"value": "[ipRangeContains('here', '10.0.0.0')]", "equals": True},
        {"value": "[addDays('soon', 1)]", "equals": "x"},
        {"value": "[split('a', ',')[1]]", "equals": "x"},
        {"field": f"{KIND}/text", "less": 5},
        {"field": f"{KIND}/text", "in": "text"},
        {"value": "[current('elsewhere')]", "equals": 1},
    ],
    ids=str,
)
def test_failed_evaluations_have_no_answer(condition: Json) -> None:
    with pytest.raises(EvaluationError):
        judged(condition)


@pytest.mark.parametrize(
    "condition",
    [
        {"field": "name", "resembles": "x"},
        {"source": "action", "like": "x"},
        {},
        {"value": "[reference('x')]", "equals": 1},
        {"value": "[listKeys('x', 'y')]", "equals": 1},
        {"value": "[newGuid()]", "equals": 1},
        {"value": "[surprise()]", "equals": 1},
        {"value": "[parameters('nowhere')]", "equals": 1},
        {"value": "[concat('a']", "equals": 1},
        {"count": {"where": {}}, "equals": 1},
        "no object",
    ],
    ids=str,
)
def test_what_policies_do_not_have_is_named(condition: Json) -> None:
    with pytest.raises(NotJudgedError, match=r"\w"):
        judged(condition)


def test_values_of_the_run_are_left_to_the_write() -> None:
    body: dict[str, Json] = {**BODY, "properties": {"ref": "[reference('x').id]", "list": ["[parameters('x')]"]}}
    before = Subject(ID, KIND, "thing-1", "thing-1", body, predicted=True)
    for condition in (field("ref", equals="x"), field("list[*]", equals="x"), field("ref.inner", exists=True)):
        with pytest.raises(UndecidedError):
            judged(condition, before)
    assert not judged({"allOf": [field("ref", equals="x"), field("name", equals="other")]}, before)
    assert judged({"anyOf": [field("ref", equals="x"), field("name", equals="thing-1")]}, before)


def test_a_child_is_read_by_its_own_aliases() -> None:
    kind = "Microsoft.Web/sites/config"
    body: dict[str, Json] = {"properties": {"http20Enabled": False}}
    child = Subject(f"{ID}/config/web", kind, "web", "site/web", body)
    assert judged({"field": f"{kind}/http20Enabled", "equals": False}, child)
    assert judged({"field": f"{kind}/web.http20Enabled", "equals": False}, child)
    assert judged({"field": "Microsoft.Web/sites/http20Enabled", "exists": False}, child)
    assert judged({"field": "fullName", "equals": "site/web"}, child)
    assert judged({"field": "Microsoft.Web/config.http20Enabled", "equals": "false"}, child)


def test_the_type_decides_before_the_evaluation() -> None:
    of_type: Json = {"field": "type", "equals": KIND}
    other: Json = {"field": f"{KIND}/text", "equals": "x"}
    cases: list[tuple[Json, bool | None, bool | None]] = [
        ({"allOf": [of_type, other]}, None, False),
        ({"anyOf": [of_type, other]}, True, None),
        ({"not": of_type}, False, True),
        ({"field": "type", "like": "Microsoft.Test/*"}, True, False),
        ({"allOf": [{"value": "[parameters('on')]", "equals": True}, of_type]}, False, False),
    ]
    for condition, here, elsewhere in cases:
        _, guess = compile_condition(condition, {"on": False})
        assert (guess(KIND.lower()), guess("microsoft.other/kinds")) == (here, elsewhere)


def test_an_expression_of_parameters_is_evaluated_once() -> None:
    assert compiled("[concat(parameters('a'), 'b')]", {"a": "a"})[0](NOTHING) == "ab"
    assert compiled("[concat(parameters('a'), 'b')]", {"a": "a"})[1]
    assert not compiled("[concat(field('name'), 'b')]", {})[1]
