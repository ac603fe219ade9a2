"""Property and element access on values, strict (``a.b``, ``a[0]``) and safe (tryGet)."""

from __future__ import annotations

from installer.arm_templates.errors import TemplateError
from installer.arm_templates.expressions import UNKNOWN, Access, Call, Expression
from installer.arm_templates.to_text import to_expression
from installer.arm_templates.values import (
    PredictedArray,
    PredictedObject,
    Unresolved,
    Value,
    find_key,
    predicted_value,
)

HELP = "Please see https://aka.ms/arm-template-expressions for usage details."


class MissingMemberError(TemplateError):
    """An object does not have the requested member."""


def _predicted_member(target: PredictedObject | PredictedArray, key: Value) -> Value:
    """A member of a predicted value; one that the definition lacks or sets to null is left to the run."""
    deferred = Access(target.deferred, to_expression(key))
    if isinstance(key, Unresolved):
        return Unresolved(deferred)
    if isinstance(target, PredictedObject) and isinstance(key, str):
        found = find_key(target, key)
        known = None if found is None else target[found]
        return Unresolved(deferred) if known is None else predicted_value(known, deferred)
    return predicted_value(strict_member(target, key), deferred)


def is_unknown(tree: Expression) -> bool:
    """Whether a value is not even known as an expression: so are its members."""
    return isinstance(tree, Call) and tree.name == UNKNOWN


def member(target: Value, key: Value) -> Value:
    """``target.key`` or ``target[key]``; TemplateError when there is no such member."""
    if isinstance(target, Unresolved):
        if isinstance(key, str) and (found := find_key(target.known, key)):
            return target.known[found]
        if is_unknown(target.expression):
            return target
        return Unresolved(Access(target.expression, to_expression(key)))
    if isinstance(target, PredictedObject | PredictedArray):
        return _predicted_member(target, key)
    if isinstance(key, Unresolved):
        return Unresolved(Access(to_expression(target), key.expression))
    return strict_member(target, key)


def strict_member(target: Value, key: Value) -> Value:
    """``target[key]`` where both are known."""
    if isinstance(target, dict) and isinstance(key, str):
        found = find_key(target, key)
        if found is None:
            names = ", ".join(target)
            raise MissingMemberError(
                f"The language expression property '{key}' doesn't exist, available properties are '{names}'."
            )
        return target[found]
    if isinstance(target, list):
        if not isinstance(key, int) or isinstance(key, bool):
            raise TemplateError(f"Unable to evaluate named property or non-integer index '{key}' on an array value.")
        if not 0 <= key < len(target):
            raise TemplateError(f"The language expression property array index '{key}' is out of bounds.")
        return target[key]
    unnamed = ", property name must be a string" if isinstance(target, dict) else ""
    raise TemplateError(f"The language expression property '{key}' can't be evaluated{unnamed}.")
