"""Input made to exhaust time or memory ends in a TemplateError that names the limit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from installer.arm_templates import TemplateError, expand, limits, parse_document
from installer.arm_templates.limits import TOO_DEEP
from tests.arm_templates.cases import context
from tests.arm_templates.test_vectors import output

if TYPE_CHECKING:
    from installer.jsontypes import Json

TOO_LARGE = "The result of an expression has more than '1000000' values."
TOO_LONG = "The template takes more than '60' seconds to evaluate."


@pytest.fixture(autouse=True)
def short_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second instead of a minute."""
    monkeypatch.setattr(limits, "TIME_LIMIT", 0.5)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'{"a": "x\ud800y"}', {"a": "x\ufffdy"}),
        (r'{"\udfff": "\uDBFF"}', {"\ufffd": "\ufffd"}),
        (r'["\ud83d\ude00", "\ude00\ud83d"]', ["\U0001f600", "\ufffd\ufffd"]),
    ],
)
def test_half_a_pair_of_surrogates_is_replaced(text: str, value: Json) -> None:
    assert parse_document(text).value == value
    assert output(f"[json('{text}')]") == value


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
    ("text", "message"),
    [
        ("[" * 100_000, TOO_DEEP),
        ('{"a":' * 100_000, TOO_DEEP),
        ("{a:" * 100_000, "'The reader's MaxDepth of 200 has been exceeded. Line 1, position 601.'"),
        ("[" * 100_000 + "]" * 100_000, TOO_DEEP),
    ],
    ids=["arrays", "objects", "bare keys", "closed arrays"],
)
def test_deep_json(text: str, message: str) -> None:
    with pytest.raises(TemplateError, match=re.escape(message)):
        parse_document(text)


def test_realistically_nested_json() -> None:
    text = "[" * 100 + "1" + "]" * 100
    assert parse_document(text).value == parse_document(text + "// end").value


@pytest.mark.parametrize(
    ("depth", "message"),
    [
        (201, "the expression is nested more than '200' levels deep"),
        (5_000, "The language expression length limit exceeded. Limit: '24576' and actual: '40005'."),
    ],
)
def test_deep_expression(depth: int, message: str) -> None:
    assert message in refused(show("[" + "concat(" * depth + "'a'" + ")" * depth + "]"))


def test_realistically_nested_expression() -> None:
    assert output("[" + "concat(" * 150 + "'a'" + ")" * 150 + "]") == "a"


def test_deep_chain_of_members() -> None:
    assert refused(show("[createObject('a', 1)" + ".a" * 5_000 + "]")) == TOO_DEEP


def test_deep_value() -> None:
    variables: dict[str, Json] = {"v0": "a"}
    variables |= {f"v{i}": [f"[variables('v{i - 1}')]"] for i in range(1, 3_000)}
    message = refused({"variables": variables, **show("[string(variables('v2999'))]")})
    assert TOO_LONG in message or TOO_DEEP in message  # whichever a machine comes to first


def test_circular_variables() -> None:
    variables: dict[str, Json] = {"a": "[variables('b')]", "b": "[variables('a')]"}
    assert "cycles back to itself (a -> b -> a)" in refused({"variables": variables, **show("x")})


def test_function_that_calls_itself() -> None:
    member: Json = {"parameters": [], "output": {"type": "string", "value": "[n.f()]"}}
    assert refused({"functions": [{"namespace": "n", "members": {"f": member}}], **show("[n.f()]")}) == TOO_DEEP


def test_functions_that_double_their_work() -> None:
    members: dict[str, Json] = {
        f"f{i}": {"parameters": [], "output": {"type": "int", "value": f"[add(n.f{i + 1}(), n.f{i + 1}())]"}}
        for i in range(40)
    }
    members["f40"] = {"parameters": [], "output": {"type": "int", "value": 1}}
    message = refused({"functions": [{"namespace": "n", "members": members}], **show("[string(n.f0())]")})
    assert message == TOO_LONG


@pytest.mark.parametrize(
    ("doubled", "message"),
    [
        ("[concat({0}, {0})]", "The result of an expression is longer than '4194304' characters."),
        ("[createArray({0}, {0})]", TOO_LARGE),
        ("[createObject('a', {0}, 'b', {0})]", TOO_LARGE),
        (["{0}", "{0}"], TOO_LARGE),
    ],
    ids=["text", "array", "object", "literal array"],
)
def test_values_that_double(doubled: Json, message: str) -> None:
    def step(index: int) -> Json:
        inner = f"variables('v{index - 1}')"
        if isinstance(doubled, list):
            return [f"[{inner}]", f"[{inner}]"]
        return str(doubled).replace("{0}", inner)

    variables: dict[str, Json] = {"v0": "abc", **{f"v{i}": step(i) for i in range(1, 60)}}
    assert message in refused({"variables": variables, **show("[string(variables('v59'))]")})


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("[range(0, 1000000000)]", "The template language function 'range' parameters are out of range"),
        ("[length(map(range(0, 10000), lambda('x', map(range(0, 10000), lambda('y', 1)))))]", TOO_LONG),
        ("[format('{0,999999999}', 'a')]", "Input string was not in a correct format."),
        ("[format('{0:N999999999}', 1)]", "Format specifier was invalid."),
        ("[int(string(createArray(1)))]", "cannot convert provided value '[1]' to integer value"),
    ],
)
def test_huge_counts(expression: str, message: str) -> None:
    assert message in refused(show(expression))


def test_many_values_that_are_small_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "GROWTH_LIMIT", 50_000)
    rows = "[length(map(range(0, 100), lambda('x', map(range(0, 1000), lambda('y', 1)))))]"
    assert "makes more than" in refused(show(rows))


def test_a_million_calls_are_no_offence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real templates make them: zones that are compared with one another for each of their networks."""
    monkeypatch.setattr(limits, "TIME_LIMIT", 60.0)
    same = "equals(lambdaVariables('y'), lambdaVariables('x'))"
    rows = f"[length(filter(range(0, 1000), lambda('x', empty(filter(range(0, 400), lambda('y', {same}))))))]"
    assert output(rows) == 600


def test_subnets_are_computed_without_enumeration() -> None:
    assert output("[cidrSubnet('::/0', 128, 9223372036854775807)]") == "::7fff:ffff:ffff:ffff/128"


@pytest.mark.parametrize("count", [1_000_000_000, -1, "[mul(1000000, 1000000)]"])
def test_huge_copy_counts(count: Json) -> None:
    resource: Json = {
        "type": "A.B/c",
        "apiVersion": "2020-01-01",
        "name": "n",
        "copy": {"name": "l", "count": count},
    }
    assert "cannot exceed '800'" in refused({"resources": [resource]})


def test_patterns_that_would_backtrack() -> None:
    assert output("[like('" + "a" * 5_000 + "', '" + "*a" * 500 + "*b')]") is False
    unreadable = "The template language function 'float' was invoked with a parameter that is not valid."
    assert refused(show("[string(float('" + "1" * 5_000 + "x'))]")).startswith(unreadable)
    assert "is not terminated" in refused(show("['" + "''" * 10_000 + "]"))


def test_integers_with_too_many_digits() -> None:
    assert refused(show(f"[{'9' * 20_000}]")).endswith("at position '0' cannot be converted to number.")
    assert "'int' cannot convert provided value '999" in refused(show(f"[int('{'9' * 20_000}')]"))
    assert output(f"[string(greater(json('{'9' * 10_000}'), 1))]") == "True"


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (None, "The template is not valid: it is not an object."),
        ([], "The template is not valid: it is not an object."),
        ("x", "The template is not valid: it is not an object."),
        ({"resources": 1}, "section 'resources' is not valid: it is neither an object nor an array."),
        ({"resources": [1]}, "The template resource '0' is not valid: it is not an object."),
        (
            {"resources": [{"type": 1, "name": "n", "apiVersion": "x"}]},
            "Evaluation result of language expression '1' is type 'Integer', expected type is 'String'.",
        ),
        (
            {"resources": [{"type": "A.B/c", "name": "n", "apiVersion": "x", "copy": {"name": [], "count": 1}}]},
            "The template resource 'n' at line '0' and column '0' is not valid: The copy element must have a name.",
        ),
        ({"parameters": [], "resources": []}, "The template section 'parameters' is not valid: it is not an object."),
        ({"parameters": {"p": 1}, "resources": []}, "The template parameter 'p' is not valid."),
        (
            {"parameters": {"p": {"type": "string", "defaultValue": {}}}, "resources": []},
            "Expected a value of type 'String, Uri', but received a value of type 'Object'.",
        ),
        ({"variables": [], "resources": []}, "The template section 'variables' is not valid: it is not an object."),
        ({"resources": [], "outputs": {"o": 1}}, "The template output 'o' is not valid."),
        (
            {"resources": [], "outputs": {"o": {"type": "nothing", "value": 1}}},
            "The template type 'nothing' is not valid.",
        ),
        (
            {"definitions": {"t": {"$ref": "#/definitions/t"}}, "parameters": {"p": {"$ref": "#/definitions/t"}}},
            "The '#/definitions/t' symbol references itself in its own definition, which is not allowed.",
        ),
    ],
    ids=str,
)
def test_templates_of_the_wrong_shape(template: Json, message: str) -> None:
    with pytest.raises(TemplateError, match=re.escape(message)):
        expand(template, {}, context()).outputs()
