"""Property and element access on values, strict (``a.b``, ``a[0]``) and safe (tryGet)."""

from __future__ import annotations

from installer.rehearsal.evaluation.errors import TemplateError
from installer.rehearsal.evaluation.expressions import Access
from installer.rehearsal.evaluation.rendering import to_expression
from installer.rehearsal.evaluation.values import (
    ForetoldArray,
    ForetoldObject,
    Unresolved,
    Value,
    find_key,
    foretold,
)

HELP = "Please see https://aka.ms/arm-template-expressions for usage details."


def _foretold(target: ForetoldObject | ForetoldArray, key: Value) -> Value:
    """A member of what the template says of a resource; one that it does not name is left to the run."""
    late = Access(target.late, to_expression(key))
    if isinstance(target, ForetoldObject):
        found = find_key(target, key) if isinstance(key, str) else None
        return Unresolved(late) if found is None else foretold(target[found], late)
    within = isinstance(key, int) and not isinstance(key, bool) and 0 <= key < len(target)
    return foretold(target[key], late) if within and isinstance(key, int) else Unresolved(late)


def member(target: Value, key: Value) -> Value:
    """``target.key`` or ``target[key]``; TemplateError when there is no such member."""
    if isinstance(target, Unresolved):
        if isinstance(key, str) and (found := find_key(target.known, key)):
            return target.known[found]
        return Unresolved(Access(target.expression, to_expression(key)))
    if isinstance(target, ForetoldObject | ForetoldArray) and not isinstance(key, Unresolved):
        return _foretold(target, key)
    if isinstance(key, Unresolved):
        return Unresolved(Access(to_expression(target), key.expression))
    if isinstance(target, dict) and isinstance(key, str):
        found = find_key(target, key)
        if found is None:
            names = ", ".join(target)
            raise TemplateError(
                f"The language expression property '{key}' doesn't exist, available properties are '{names}'."
            )
        return target[found]
    if isinstance(target, list):
        if not isinstance(key, int) or isinstance(key, bool):
            raise TemplateError(f"Unable to evaluate named property or non-integer index '{key}' on an array value.")
        if not 0 <= key < len(target):
            raise TemplateError(f"The language expression property array index '{key}' is out of bounds.")
        return target[key]
    raise TemplateError(f"The language expression property '{key}' can't be evaluated.")
