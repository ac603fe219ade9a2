"""Functions that do not evaluate all their arguments: if, and, or, coalesce."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from installer.arm_templates.arguments import Function
from installer.arm_templates.errors import TemplateError
from installer.arm_templates.expressions import Call, Expression
from installer.arm_templates.partial_access import unevaluated
from installer.arm_templates.to_text import to_expression
from installer.arm_templates.values import (
    PredictedArray,
    PredictedObject,
    Unresolved,
    Value,
    type_name,
    without_deferred,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from installer.arm_templates.arguments import Arguments
    from installer.arm_templates.frames import Frame, Locals

Evaluate: TypeAlias = "Callable[[Expression, Frame, Locals], Value]"
Form: TypeAlias = "Callable[[Call, Frame, Locals, Evaluate], Value]"


def _never(arguments: Arguments) -> Value:
    raise TemplateError(f"The template function '{arguments.name}' is not expected at this location.")


_IF = Function("if", _never, 3, 3)
_AND = Function("and", _never, 2, None)
_OR = Function("or", _never, 2, None)
_COALESCE = Function("coalesce", _never, 0, None)


def _if(call: Call, frame: Frame, scope: Locals, evaluate: Evaluate) -> Value:
    _IF.check(call.name, len(call.arguments))
    condition = evaluate(call.arguments[0], frame, scope)
    if isinstance(condition, Unresolved):
        return Unresolved(Call(call.name, (condition.expression, *unevaluated(call.arguments[1:], frame, scope))))
    if not isinstance(condition, bool):
        raise TemplateError(
            f"The template language function '{call.name}' expects its first parameter to be of type 'boolean'. "
            f"The provided value is of type '{type_name(condition)}'. Please see "
            "https://aka.ms/arm-function-if for usage details."
        )
    value = evaluate(call.arguments[1 if condition else 2], frame, scope)
    if isinstance(value, PredictedObject | PredictedArray):
        early = evaluate(call.arguments[0], frame.deferred(), scope)
        return without_deferred(value) if isinstance(early, Unresolved) else value
    return value


def _junction(function: Function, *, decisive: bool) -> Form:
    def form(call: Call, frame: Frame, scope: Locals, evaluate: Evaluate) -> Value:
        function.check(call.name, len(call.arguments))
        seen: list[Expression] = []
        for index, argument in enumerate(call.arguments):
            value = evaluate(argument, frame, scope)
            seen.append(to_expression(value))
            if isinstance(value, Unresolved):
                rest = unevaluated(call.arguments[index + 1 :], frame, scope)
                return Unresolved(Call(call.name, (*seen, *rest)))
            if not isinstance(value, bool):
                raise TemplateError(
                    f"The provided arguments for template language function '{call.name}' is not valid: all "
                    f"arguments should be of type 'boolean'. Please see "
                    f"https://aka.ms/arm-functions#{call.name} for usage details."
                )
            if value is decisive:
                return decisive
        return not decisive

    return form


def _coalesce(call: Call, frame: Frame, scope: Locals, evaluate: Evaluate) -> Value:
    _COALESCE.check(call.name, len(call.arguments))
    for index, argument in enumerate(call.arguments):
        value = evaluate(argument, frame, scope)
        if isinstance(value, Unresolved):
            seen = [to_expression(None)] * index  # the arguments before it were null
            rest = unevaluated(call.arguments[index + 1 :], frame, scope)
            return Unresolved(Call(call.name, (*seen, value.expression, *rest)))
        if value is not None:
            return without_deferred(value)
    return None


FORMS: dict[str, Form] = {
    "if": _if,
    "and": _junction(_AND, decisive=False),
    "or": _junction(_OR, decisive=True),
    "coalesce": _coalesce,
}
