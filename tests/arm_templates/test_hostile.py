"""Input made to exhaust: it ends in a TemplateError, quickly, and is never run to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from installer.arm_templates import TemplateError, expand, parse_document
from tests.arm_templates.cases import context
from tests.arm_templates.test_vectors import output

if TYPE_CHECKING:
    from installer.jsontypes import Json


def run(template: dict[str, Json]) -> None:
    plan = expand({"resources": [], **template}, {}, context())
    plan.outputs()
    plan.predict()


def refused(template: dict[str, Json]) -> str:
    with pytest.raises(TemplateError) as caught:
        run(template)
    return caught.value.message


def show(value: Json) -> dict[str, Json]:
    return {"outputs": {"o": {"type": "string", "value": value}}}


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 100_000, "{a:" * 100_000, "[" * 100_000 + "]" * 100_000], ids=len
)
def test_deep_json(text: str) -> None:
    with pytest.raises(TemplateError):
        parse_document(text)


def test_json_nested_as_deep_as_templates_are() -> None:
    text = "[" * 100 + "1" + "]" * 100
    assert parse_document(text).value == parse_document(text + "// end").value


@pytest.mark.parametrize("depth", [201, 5_000])
def test_deep_expression(depth: int) -> None:
    refused(show("[" + "concat(" * depth + "'a'" + ")" * depth + "]"))


def test_expression_nested_as_deep_as_people_write() -> None:
    assert output("[" + "concat(" * 150 + "'a'" + ")" * 150 + "]") == "a"


def test_deep_chain_of_members() -> None:
    refused(show("[createObject('a', 1)" + ".a" * 5_000 + "]"))


def test_deep_value() -> None:
    variables: dict[str, Json] = {"v0": "a"}
    variables |= {f"v{i}": [f"[variables('v{i - 1}')]"] for i in range(1, 3_000)}
    refused({"variables": variables, **show("[string(variables('v2999'))]")})


def test_names_in_a_circle() -> None:
    variables: dict[str, Json] = {"a": "[variables('b')]", "b": "[variables('a')]"}
    assert "cycles back to itself (a -> b -> a)" in refused({"variables": variables, **show("x")})


def test_function_that_calls_itself() -> None:
    member: Json = {"parameters": [], "output": {"type": "string", "value": "[n.f()]"}}
    refused({"functions": [{"namespace": "n", "members": {"f": member}}], **show("[n.f()]")})


def test_functions_that_double_their_work() -> None:
    members: dict[str, Json] = {
        f"f{i}": {"parameters": [], "output": {"type": "int", "value": f"[add(n.f{i + 1}(), n.f{i + 1}())]"}}
        for i in range(40)
    }
    members["f40"] = {"parameters": [], "output": {"type": "int", "value": 1}}
    said = refused({"functions": [{"namespace": "n", "members": members}], **show("[string(n.f0())]")})
    assert "steps to evaluate" in said


@pytest.mark.parametrize(
    "doubled",
    ["[concat({0}, {0})]", "[createArray({0}, {0})]", "[createObject('a', {0}, 'b', {0})]", ["{0}", "{0}"]],
    ids=str,
)
def test_values_that_double(doubled: Json) -> None:
    def step(index: int) -> Json:
        inner = f"variables('v{index - 1}')"
        if isinstance(doubled, list):
            return [f"[{inner}]", f"[{inner}]"]
        return str(doubled).replace("{0}", inner)

    variables: dict[str, Json] = {"v0": "abc", **{f"v{i}": step(i) for i in range(1, 60)}}
    refused({"variables": variables, **show("[string(variables('v59'))]")})


@pytest.mark.parametrize(
    "expression",
    [
        "[range(0, 1000000000)]",
        "[length(map(range(0, 10000), lambda('x', map(range(0, 10000), lambda('y', 1)))))]",
        "[cidrSubnet('::/0', 128, 9223372036854775807)]",
        "[format('{0,999999999}', 'a')]",
        "[format('{0:N999999999}', 1)]",
        "[int(string(createArray(1)))]",
    ],
)
def test_counting_without_end(expression: str) -> None:
    if expression.startswith("[cidrSubnet"):
        assert output(expression) == "::7fff:ffff:ffff:ffff/128"
    else:
        refused(show(expression))


@pytest.mark.parametrize("count", [1_000_000_000, -1, "[mul(1000000, 1000000)]"])
def test_copies_without_end(count: Json) -> None:
    resource: Json = {
        "type": "A.B/c",
        "apiVersion": "2020-01-01",
        "name": "n",
        "copy": {"name": "l", "count": count},
    }
    assert "cannot exceed '800'" in refused({"resources": [resource]})


def test_patterns_that_would_backtrack() -> None:
    assert output("[like('" + "a" * 5_000 + "', '" + "*a" * 500 + "*b')]") is False
    refused(show("[string(float('" + "1" * 5_000 + "x'))]"))
    refused(show("['" + "''" * 10_000 + "]"))


def test_ints_too_long_for_anything() -> None:
    refused(show(f"[{'9' * 20_000}]"))
    refused(show(f"[int('{'9' * 20_000}')]"))
    assert output(f"[string(greater(json('{'9' * 10_000}'), 1))]") == "True"


@pytest.mark.parametrize(
    "template",
    [
        None,
        [],
        "x",
        {"resources": 1},
        {"resources": [1]},
        {"resources": [{"type": 1, "name": "n", "apiVersion": "x"}]},
        {"resources": [{"type": "A.B/c", "name": "n", "apiVersion": "x", "copy": {"name": [], "count": 1}}]},
        {"parameters": [], "resources": []},
        {"parameters": {"p": 1}, "resources": []},
        {"parameters": {"p": {"type": "string", "defaultValue": {}}}, "resources": []},
        {"variables": [], "resources": []},
        {"resources": [], "outputs": {"o": 1}},
        {"resources": [], "outputs": {"o": {"type": "nothing", "value": 1}}},
        {"definitions": {"t": {"$ref": "#/definitions/t"}}, "parameters": {"p": {"$ref": "#/definitions/t"}}},
    ],
    ids=str,
)
def test_templates_of_the_wrong_shape(template: Json) -> None:
    with pytest.raises(TemplateError):
        expand(template, {}, context()).outputs()
