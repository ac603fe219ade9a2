"""Conditions compiled to functions: logical operators, fields, values, counts.

A part that fails or is undecided does not matter where another part already decides the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias

from installer.policy.evaluation import NOTHING, Evaluation
from installer.policy.expressions import Compiled, compiled
from installer.policy.fields import select
from installer.policy.operators import OPERATORS, holds
from installer.policy.outcomes import EvaluationError, NotJudgedError, UndecidedError

if TYPE_CHECKING:
    from installer.json_access import JsonObject
    from installer.jsontypes import Json

Test: TypeAlias = Callable[[Evaluation], bool]
Guess: TypeAlias = Callable[[str], "bool | None"]
"""The answer for a resource type (lower-case) where the type alone decides, else None."""

_MAX_COUNT: Final = 100


def compile_condition(condition: Json, parameters: Mapping[str, Json]) -> tuple[Test, Guess]:
    """A condition as a test, and its answer where the resource type alone decides.

    Args:
        condition: The condition of a rule.
        parameters: Values of the definition's parameters by lower-case name.

    Raises:
        NotJudgedError: The condition has a part that is unknown here.

    """
    if not isinstance(condition, dict):
        raise NotJudgedError("a condition is not an object")
    given = {name.lower(): item for name, item in condition.items()}
    if "allof" in given:
        return _junction(given["allof"], parameters, decisive=False)
    if "anyof" in given:
        return _junction(given["anyof"], parameters, decisive=True)
    if "not" in given:
        inner, guess = compile_condition(given["not"], parameters)
        return (lambda it: not inner(it)), _negated(guess)
    for kind, build in _SUBJECTS.items():
        if kind in given:
            return build(given, parameters)
    raise NotJudgedError(f"a condition has none of field, value and count: {', '.join(condition) or 'it is empty'}")


def _negated(guess: Guess) -> Guess:
    def negated(kind: str) -> bool | None:
        found = guess(kind)
        return None if found is None else not found

    return negated


def _junction(parts: Json, parameters: Mapping[str, Json], *, decisive: bool) -> tuple[Test, Guess]:
    if not isinstance(parts, list):
        raise NotJudgedError("allOf and anyOf need an array")
    built = [compile_condition(part, parameters) for part in parts]
    tests, guesses = [test for test, _ in built], [guess for _, guess in built]

    def test(evaluation: Evaluation) -> bool:
        problem: EvaluationError | UndecidedError | None = None
        for part in tests:
            try:
                if part(evaluation) is decisive:
                    return decisive
            except (EvaluationError, UndecidedError) as found:
                problem = problem or found
        if problem is not None:
            raise problem
        return not decisive

    def guess(kind: str) -> bool | None:
        found = {part(kind) for part in guesses}
        return decisive if decisive in found else None if None in found else not decisive

    return test, guess


def _unknown(_: str) -> bool | None:
    return None


def _operator(given: JsonObject, used: set[str]) -> tuple[str, Json]:
    found = [name for name in given if name not in used]
    if len(found) != 1 or found[0] not in OPERATORS:
        raise NotJudgedError(f"the operator {', '.join(found) or '(none)'} is unknown")
    return found[0], given[found[0]]


def _on_field(given: JsonObject, parameters: Mapping[str, Json]) -> tuple[Test, Guess]:
    operator, operand = _operator(given, {"field"})
    name, fixed_name = compiled(given["field"], parameters)
    wanted, fixed = compiled(operand, parameters)

    def test(evaluation: Evaluation) -> bool:
        field = str(name(evaluation))
        expected = wanted(evaluation)
        location = field.lower() == "location"
        values = select(evaluation.subject, field, evaluation.elements).values
        return all(holds(operator, value, expected, location=location) for value in values)

    if fixed and fixed_name and str(given["field"]).lower() == "type":
        return test, _type_guess(operator, wanted)
    return test, _unknown


def _type_guess(operator: str, wanted: Compiled) -> Guess:
    def guess(kind: str) -> bool | None:
        try:
            return holds(operator, kind, wanted(NOTHING))
        except EvaluationError:
            return None

    return guess


def _on_value(given: JsonObject, parameters: Mapping[str, Json]) -> tuple[Test, Guess]:
    operator, operand = _operator(given, {"value"})
    value, fixed = compiled(given["value"], parameters)
    wanted, fixed_wanted = compiled(operand, parameters)

    def test(evaluation: Evaluation) -> bool:
        return holds(operator, value(evaluation), wanted(evaluation))

    return test, _constant(test) if fixed and fixed_wanted else _unknown


def _constant(test: Test) -> Guess:
    """A condition on parameters alone."""
    try:
        known: bool | None = test(NOTHING)
    except EvaluationError:
        known = None
    return lambda _: known


def _on_count(given: JsonObject, parameters: Mapping[str, Json]) -> tuple[Test, Guess]:
    operator, operand = _operator(given, {"count"})
    wanted, _ = compiled(operand, parameters)
    count = given["count"]
    if not isinstance(count, dict):
        raise NotJudgedError("count is not an object")
    inner = {name.lower(): item for name, item in count.items()}
    where = compile_condition(inner["where"], parameters)[0] if "where" in inner else None
    if "field" in inner:
        number = _field_count(compiled(inner["field"], parameters)[0], where)
    elif "value" in inner:
        number = _value_count(compiled(inner["value"], parameters)[0], str(inner.get("name", "default")), where)
    else:
        raise NotJudgedError("count has neither field nor value")
    return (lambda it: holds(operator, number(it), wanted(it))), _unknown


def _field_count(name: Compiled, where: Test | None) -> Callable[[Evaluation], int]:
    def number(evaluation: Evaluation) -> int:
        alias = str(name(evaluation))
        found = 0
        for inner in _each(evaluation, alias):
            found += where is None or where(inner)
        return found

    return number


def _each(evaluation: Evaluation, alias: str) -> list[Evaluation]:
    """An evaluation for each element of an alias; an alias with several [*] binds the array of every level."""
    lowered = alias.lower()
    ends = [at + 3 for at in range(len(lowered)) if lowered.startswith("[*]", at)]
    states = [evaluation]
    for end in ends:
        prefix = lowered[:end]
        states = [
            replace(state, elements={**state.elements, prefix: element}, innermost=element)
            for state in states
            for element in select(state.subject, alias[:end], state.elements).values
        ]
    return states


def _value_count(value: Compiled, name: str, where: Test | None) -> Callable[[Evaluation], int]:
    key = name.lower()

    def number(evaluation: Evaluation) -> int:
        items = value(evaluation)
        if not isinstance(items, list):
            raise EvaluationError("count.value is not an array")
        if len(items) > _MAX_COUNT:
            raise EvaluationError(f"count.value has more than {_MAX_COUNT} elements")
        found = 0
        for item in items:
            inner = replace(evaluation, counted={**evaluation.counted, key: item}, innermost=item)
            found += where is None or where(inner)
        return found

    return number


_SUBJECTS: Final[dict[str, Callable[[JsonObject, Mapping[str, Json]], tuple[Test, Guess]]]] = {
    "field": _on_field,
    "value": _on_value,
    "count": _on_count,
}
