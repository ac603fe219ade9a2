"""Rules of any depth and patterns of any form: judged or named as not judged, in time that grows with their length."""

import pytest

from installer.jsontypes import Json
from installer.policy.conditions import compile_condition
from installer.policy.definitions import compile_definition
from installer.policy.evaluation import NOTHING
from installer.policy.expressions import compiled
from installer.policy.operators import holds
from installer.policy.outcomes import NotJudgedError


def nested(kind: str, levels: int) -> Json:
    """A condition inside so many others."""
    found: Json = {"field": "type", "equals": "x"}
    for _ in range(levels):
        found = {"not": found} if kind == "not" else {kind: [found]}
    return found


@pytest.mark.parametrize("kind", ["not", "allOf", "anyOf"])
@pytest.mark.parametrize("levels", [500, 100_000])
def test_a_rule_that_is_nested_too_deeply_is_not_judged(kind: str, levels: int) -> None:
    rule: Json = {"if": nested(kind, levels), "then": {"effect": "deny"}}
    with pytest.raises(NotJudgedError, match="levels deep"):
        compile_definition("d", {"properties": {"mode": "All", "policyRule": rule}}, {})


def test_parameters_and_expressions_that_are_nested_too_deeply_are_not_judged() -> None:
    deep: Json = []
    for _ in range(5_000):
        deep = [deep]
    rule: Json = {"if": {"field": "type", "in": "[parameters('p')]"}, "then": {"effect": "deny"}}
    body: dict[str, Json] = {"properties": {"mode": "All", "policyRule": rule, "parameters": {"p": {"type": "Array"}}}}
    with pytest.raises(NotJudgedError, match="levels deep"):
        compile_definition("d", body, {"p": deep})
    for levels in (300, 900, 20_000):
        text = f"[{'not(' * levels}true(){')' * levels}]"
        try:
            run, _ = compiled(text, {})
            assert run(NOTHING) is True
        except NotJudgedError:
            pass  # more than the reader of expressions accepts


def test_usual_depths_are_judged() -> None:
    test, _ = compile_condition(nested("not", 40), {})
    assert test(NOTHING) is False


@pytest.mark.parametrize("stars", [4, 12, 60])
def test_patterns_with_many_wildcards_take_no_longer(stars: int) -> None:
    """Backtracking over four of them in this text would take minutes."""
    text = "a" * 20_000
    pattern = "a*" * stars
    assert holds("like", text, pattern)
    assert not holds("like", text, f"{pattern}b")
    assert holds("notlike", text, f"*{pattern}b")


@pytest.mark.parametrize(
    ("value", "pattern", "matches"),
    [
        ("abc", "abc", True),
        ("abc", "ab", False),
        ("abc", "*", True),
        ("", "*", True),
        ("abcabc", "a*bc", True),
        ("abcab", "a*bc", False),
        ("abc", "abc*", True),
        ("ab", "ab*b", False),
        ("a.c", "a.c", True),
        ("axc", "a.c", False),
        ("one\ntwo", "ONE*TWO", True),
        ("aXbXc", "a*X*c", True),
        ("abab", "*ab*ab", True),
        ("ab", "*ab*ab", False),
    ],
)
def test_a_wildcard_stands_for_any_text(value: str, pattern: str, matches: bool) -> None:
    assert holds("like", value, pattern) is matches
