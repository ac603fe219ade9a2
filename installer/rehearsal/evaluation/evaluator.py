"""Evaluation of expressions and of whole JSON trees in a frame, as far as the session allows.

Partial evaluation follows the engine: what only the run can tell stays an ``Unresolved`` with its expression,
containers may hold such values, and a function that can do without them is evaluated all the same.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from installer.rehearsal.evaluation import lazy
from installer.rehearsal.evaluation.access import member
from installer.rehearsal.evaluation.arguments import FUNCTIONS, Arguments, Function
from installer.rehearsal.evaluation.errors import TemplateError
from installer.rehearsal.evaluation.expressions import (
    Access,
    Call,
    Expression,
    Literal,
    is_expression,
    literal_text,
    parse,
)
from installer.rehearsal.evaluation.frames import TOP, Locals
from installer.rehearsal.evaluation.rendering import to_expression
from installer.rehearsal.evaluation.values import Lambda, PendingError, Unresolved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.rehearsal.evaluation.frames import Frame, UserFunction
    from installer.rehearsal.evaluation.values import Json, Value

LOOP_LIMIT = 800


def evaluate(tree: Expression, frame: Frame, scope: Locals) -> Value:
    """The value of an expression; TemplateError in the engine's words."""
    if isinstance(tree, Literal):
        return tree.value
    if isinstance(tree, Access):
        target = evaluate(tree.target, frame, scope)
        return member(target, evaluate(tree.key, frame, scope))
    if "." in tree.name:
        return _user_call(tree, frame, scope)
    special = lazy.FORMS.get(tree.name.lower())
    if special:
        return special(tree, frame, scope, evaluate)
    known = FUNCTIONS.get(tree.name.lower()) or _list_function(tree.name)
    if known is None:
        raise TemplateError(
            f"The template function '{tree.name}' is not valid. Please see "
            "https://aka.ms/arm-functions for usage details."
        )
    known.check(tree.name, len(tree.arguments))
    values = [_argument(argument, frame, scope) for argument in tree.arguments]
    try:
        return known.implementation(Arguments(tree.name, values, frame, scope, single=known.maximum == 1))
    except PendingError:
        return Unresolved(Call(tree.name, tuple(to_expression(value) for value in values)))


def _list_function(name: str) -> Function | None:
    return FUNCTIONS["list*"] if name.lower().startswith("list") and len(name) > len("list") else None


def _argument(tree: Expression, frame: Frame, scope: Locals) -> Value | Lambda:
    if not (isinstance(tree, Call) and tree.name.lower() == "lambda"):
        return evaluate(tree, frame, scope)
    names: list[str] = []
    for name in tree.arguments[:-1]:
        if not (isinstance(name, Literal) and isinstance(name.value, str)):
            raise TemplateError("The parameters of a lambda must be string literals.")
        names.append(name.value.lower())
    if not tree.arguments:
        raise TemplateError("A lambda must have a body.")
    body = tree.arguments[-1]

    def run(variables: Mapping[str, Value]) -> Value:
        return evaluate(body, frame, scope.binding(variables))

    return Lambda(tuple(names), tree, run)


def _user_call(tree: Call, frame: Frame, scope: Locals) -> Value:
    found: UserFunction | None = frame.functions.get(tree.name.lower())
    if found is None:
        raise TemplateError(
            f"The template function '{tree.name}' is not valid. Please see "
            "https://aka.ms/arm-functions for usage details."
        )
    if len(tree.arguments) > len(found.names):
        raise TemplateError(
            f"The template function '{tree.name}' expects '{len(found.names)}' argument(s), but "
            f"'{len(tree.arguments)}' were provided."
        )
    values = [evaluate(argument, frame, scope) for argument in tree.arguments]
    values += [None] * (len(found.names) - len(values))
    inner = Locals(arguments=dict(zip(found.names, values, strict=True)), phase=scope.phase)
    return resolve(found.output, frame, inner)


def resolve(value: Json, frame: Frame, scope: Locals = TOP) -> Value:
    """A JSON tree of a template with every expression in it (keys too) evaluated."""
    if isinstance(value, str):
        if is_expression(value):
            return evaluate(parse(value), frame, scope)
        return literal_text(value)
    if isinstance(value, dict):
        return _resolve_object(value, frame, scope)
    if isinstance(value, list):
        return [resolve(item, frame, scope) for item in value]
    return value


def _resolve_object(value: dict[str, Json], frame: Frame, scope: Locals) -> dict[str, Value]:
    result: dict[str, Value] = {}
    loops = value.get("copy")
    unrolled = isinstance(loops, list) and all(isinstance(item, dict) and "input" in item for item in loops)
    for key, item in value.items():
        if key == "copy" and unrolled and isinstance(loops, list):
            for loop in loops:
                if isinstance(loop, dict):
                    result[loop_name(loop, frame, scope)] = unroll(loop, frame, scope)
        else:
            result[_key(key, frame, scope)] = resolve(item, frame, scope)
    return result


def _key(key: str, frame: Frame, scope: Locals) -> str:
    if not key.startswith("["):
        return key
    value = resolve(key, frame, scope)
    if isinstance(value, Unresolved):
        return key
    if not isinstance(value, str):
        raise TemplateError(f"The property name '{key}' does not evaluate to a string.")
    return value


def loop_name(loop: dict[str, Json], frame: Frame, scope: Locals) -> str:
    """The name of a ``copy`` element."""
    name = resolve(loop.get("name"), frame, scope)
    if not isinstance(name, str):
        raise TemplateError("The copy element must have a name.")
    return name


def loop_count(loop: dict[str, Json], frame: Frame, scope: Locals, place: str = "") -> int | None:
    """How often a ``copy`` element repeats, None while unresolved; ``place`` is its position, for a refusal."""
    count = resolve(loop.get("count"), frame, replace(scope, phase="static"))
    if isinstance(count, Unresolved):
        return None
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= LOOP_LIMIT:
        raise TemplateError(
            f"The template 'copy' definition{place} has an invalid copy count of: '{count}'. The copy count must be a "
            f"non-negative integer value and cannot exceed '{LOOP_LIMIT}'. Please see "
            "https://aka.ms/arm-resource-loops for usage details."
        )
    return count


def unroll(loop: dict[str, Json], frame: Frame, scope: Locals) -> Value:
    """The array that a ``copy`` element of a property, variable or output makes."""
    name = loop_name(loop, frame, scope)
    count = loop_count(loop, frame, scope)
    if count is None:
        return Unresolved(Call("unknown"))
    return [resolve(loop.get("input"), frame, scope.inside(name, index)) for index in range(count)]
