"""Evaluation of expressions and of whole JSON trees in a frame.

Partial evaluation follows the engine: a value known only during the run stays an ``Unresolved`` with its expression,
containers may hold such values, and a function that does not need them is evaluated all the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from installer.arm_templates import special_forms
from installer.arm_templates.arguments import FUNCTIONS, HELP, ORDINALS, Arguments, Function
from installer.arm_templates.errors import TemplateError
from installer.arm_templates.expressions import (
    UNKNOWN,
    Access,
    Call,
    Expression,
    Literal,
    is_expression,
    literal_text,
    parse,
    quoted_expression,
    render,
)
from installer.arm_templates.frames import TOP, Locals
from installer.arm_templates.limits import bounded, spend
from installer.arm_templates.partial_access import refers_to_state, remainder
from installer.arm_templates.property_access import MissingMemberError, member
from installer.arm_templates.template_language import SYMBOLIC_NAMES, require_version
from installer.arm_templates.to_text import to_expression
from installer.arm_templates.values import Lambda, PendingError, Unresolved, type_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.arm_templates.frames import Frame, UserFunction
    from installer.arm_templates.values import Value
    from installer.jsontypes import Json

LOOP_LIMIT = 800
USER_CALL_STEPS = 5
_LIVE = {"reference", "references", "list*"}
_LOCATED = {"lambdaVariables", "references", "copyIndex"}
_READERS = {"parameters", "variables", "lambdaVariables", "first", "last", "tryGet", "environment"}


def evaluate(tree: Expression, frame: Frame, scope: Locals) -> Value:
    """The value of an expression; TemplateError with the engine's text."""
    if isinstance(tree, Literal):
        return tree.value
    if isinstance(tree, Access):
        return _accessed(tree, frame, scope)
    spend()
    prepared = tree.prepared
    if not isinstance(prepared, _Prepared):
        prepared = _prepare(tree)
    if prepared.form is not None:
        return prepared.form(tree, frame, scope, evaluate)
    known = prepared.function
    if known is None:
        raise not_valid(tree.name)
    if prepared.located:
        _refuse_location(known, tree.name, frame, scope)
    if not prepared.count_fits:
        known.check(tree.name, len(tree.arguments))
    inner = scope.in_phase("static") if prepared.live else scope  # their arguments must not call them again
    if prepared.with_lambda:
        values = [_argument(argument, frame, inner) for argument in tree.arguments]
        if not known.lambdas:
            raise not_valid("lambda")
    else:
        values = [evaluate(argument, frame, inner) for argument in tree.arguments]
    try:
        result = known.implementation(Arguments(tree.name, values, frame, scope, known.maximum == 1))
        return result if prepared.reader else bounded(result)
    except PendingError:
        return Unresolved(Call(tree.name, tuple(to_expression(value) for value in values)))


@dataclass(frozen=True, slots=True)
class _Prepared:
    """Facts about a call that do not depend on its evaluation.

    Attributes:
        form: Evaluates it where its arguments are not all evaluated, or where the template defines it.
        function: The function, None where there is none of its name.
        located: Whether it is allowed at some places only.
        count_fits: Whether it has as many arguments as the function takes.
        live: Whether it queries resources.
        reader: Whether its result is a part of something that exists.
        with_lambda: Whether an argument is a lambda.

    """

    form: special_forms.Form | None = None
    function: Function | None = None
    located: bool = False
    count_fits: bool = True
    live: bool = False
    reader: bool = False
    with_lambda: bool = False


def _prepare(tree: Call) -> _Prepared:
    """Facts about a call, kept with it: the same expression is evaluated in every instance of a loop."""
    lower = tree.name.lower()
    if "." in lower:
        found = _Prepared(form=_user_call)
    elif (form := special_forms.FORMS.get(lower)) is not None:
        found = _Prepared(form=form)
    elif (function := FUNCTIONS.get(lower) or _list_function(tree.name)) is None:
        found = _Prepared()
    else:
        found = _Prepared(
            function=function,
            located=function.default_only or function.name in _LOCATED,
            count_fits=function.takes(len(tree.arguments)),
            live=function.name in _LIVE,
            reader=function.name in _READERS,
            with_lambda=any(isinstance(one, Call) and one.name.lower() == "lambda" for one in tree.arguments),
        )
    object.__setattr__(tree, "prepared", found)
    return found


def _accessed(tree: Access, frame: Frame, scope: Locals) -> Value:
    """A member. One that the definition of the referenced resource lacks is left to the run as a whole."""
    try:
        return member(evaluate(tree.target, frame, scope), evaluate(tree.key, frame, scope))
    except MissingMemberError as missing:
        deferred = _deferred_value(tree, frame, scope) if frame.predicts_references else None
        if not isinstance(deferred, Unresolved) or not refers_to_state(deferred.expression, frame):
            raise missing from None
    return Unresolved(remainder(deferred.expression, frame, scope, _argument))


def _deferred_value(tree: Expression, frame: Frame, scope: Locals) -> Value:
    """The value of an expression while no resource state is known; None if it cannot be evaluated."""
    try:
        return evaluate(tree, frame.deferred(), scope)
    except TemplateError:
        return None


def not_valid(name: str) -> TemplateError:
    """The error for a function that does not exist or is not allowed here."""
    return TemplateError(f"The template function '{name}' is not valid. {HELP}")


def _refuse_location(function: Function, name: str, frame: Frame, scope: Locals) -> None:
    if function.default_only and scope.phase != "default":
        raise TemplateError(
            f"The template function '{name}' is not expected at this location. The function can only be used with "
            f"parameter default value expresions. {HELP}"
        )
    if function.name == "lambdaVariables" and not scope.variables:
        raise not_valid(name)
    if function.name == "references":
        require_version(frame.template, SYMBOLIC_NAMES)
    if function.name == "copyIndex" and not scope.loops and scope.phase == "output":
        raise not_valid(name)


def _list_function(name: str) -> Function | None:
    return FUNCTIONS["list*"] if name.lower().startswith("list") else None


def _argument(tree: Expression, frame: Frame, scope: Locals) -> Value | Lambda:
    if not (isinstance(tree, Call) and tree.name.lower() == "lambda"):
        return evaluate(tree, frame, scope)
    names: list[str] = []
    for name in tree.arguments[:-1]:
        if not (isinstance(name, Literal) and isinstance(name.value, str)):
            kind = type_name(name.value) if isinstance(name, Literal) else "Expression"
            raise TemplateError(
                f"The template language function 'lambda' expects its {ORDINALS[min(len(names), 4)]} parameter to be of "
                f"type 'String'. The provided value is of type '{kind}'. {HELP}"
            )
        names.append(name.value.lower())
    body = tree.arguments[-1] if tree.arguments else tree

    def run(variables: Mapping[str, Value]) -> Value:
        return evaluate(body, frame, scope.with_variables(variables))

    return Lambda(tuple(names), tree, run)


def _user_call(tree: Call, frame: Frame, scope: Locals, _evaluate: special_forms.Evaluate) -> Value:
    spend(USER_CALL_STEPS)
    found: UserFunction | None = frame.functions.get(tree.name.lower())
    if found is None:
        raise not_valid(tree.name)
    if len(tree.arguments) > len(found.parameters):
        raise TemplateError(
            f"The template function '{tree.name}' expects '{len(found.parameters)}' argument(s), but "
            f"'{len(tree.arguments)}' were provided."
        )
    values = [evaluate(argument, frame, scope) for argument in tree.arguments]
    values += [None] * (len(found.parameters) - len(values))
    inner = Locals(arguments=dict(zip(found.parameters, values, strict=True)), phase=scope.phase)
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


def as_expressions(value: Json) -> Value:
    """A JSON tree of a template with its expressions unevaluated."""
    if isinstance(value, str):
        return Unresolved(parse(value)) if is_expression(value) else value
    if isinstance(value, dict):
        return {key: as_expressions(item) for key, item in value.items()}
    return [as_expressions(item) for item in value] if isinstance(value, list) else value


def as_literal(value: Json) -> Value:
    """A JSON tree whose texts are no expressions of the template: one that is escaped loses its first bracket."""
    if isinstance(value, str):
        return quoted_expression(value) if is_expression(value) else literal_text(value)
    if isinstance(value, dict):
        return {key: as_literal(item) for key, item in value.items()}
    return [as_literal(item) for item in value] if isinstance(value, list) else value


def _resolve_object(value: dict[str, Json], frame: Frame, scope: Locals) -> dict[str, Value]:
    result: dict[str, Value] = {}
    loops = _loops(value) if scope.phase != "output" else None
    for key, item in value.items():
        if loops is not None and key == "copy":
            for loop in loops:
                result[loop_name(loop, frame, scope)] = unroll(loop, frame, scope)
        else:
            result[_key(key, frame, scope)] = resolve(item, frame, scope)
    return result


def _key(key: str, frame: Frame, scope: Locals) -> str:
    if not key.startswith("["):
        return key
    value = resolve(key, frame, scope)
    if isinstance(value, Unresolved):
        return f"[{render(value.expression)}]"
    if not isinstance(value, str):
        raise TemplateError(f"The property name '{key}' does not evaluate to a string.")
    return value


def loop_name(loop: dict[str, Json], frame: Frame, scope: Locals) -> str:
    """The name of a ``copy`` element."""
    name = resolve(loop.get("name"), frame, scope)
    if not isinstance(name, str):
        raise TemplateError("The copy element must have a name.")
    return name


def loop_count(loop: dict[str, Json], frame: Frame, scope: Locals) -> int | None:
    """The number of repetitions of a ``copy`` element, None while unresolved."""
    count = resolve(loop.get("count"), frame, replace(scope, phase="static"))
    if isinstance(count, Unresolved):
        return None
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= LOOP_LIMIT:
        raise TemplateError(
            f"The template 'copy' definition has an invalid copy count of: '{count}'. The copy count must be a "
            f"non-negative integer value and cannot exceed '{LOOP_LIMIT}'. Please see "
            "https://aka.ms/arm-resource-loops for usage details."
        )
    return count


def unroll(loop: dict[str, Json], frame: Frame, scope: Locals, *, unnamed: bool = False) -> Value:
    """The array that a ``copy`` element of a property or variable (``unnamed``: of an output) produces."""
    name = loop_name(loop, frame, scope)
    count = loop_count(loop, frame, scope)
    if count is None:
        return Unresolved(Call(UNKNOWN))
    if _has_loop(loop.get("input")):
        raise TemplateError(
            "The template 'copy' definition has nested copy arrays. The use of nested copy arrays is not supported. "
            "Please see https://aka.ms/arm-resource-loops for usage details."
        )
    return [resolve(loop.get("input"), frame, scope.in_loop(name, index, unnamed=unnamed)) for index in range(count)]


def _has_loop(value: Json) -> bool:
    if isinstance(value, dict):
        return _loops(value) is not None or any(_has_loop(item) for item in value.values())
    return isinstance(value, list) and any(_has_loop(item) for item in value)


def _loops(value: dict[str, Json]) -> list[dict[str, Json]] | None:
    copy = value.get("copy")
    loops = [item for item in copy if isinstance(item, dict) and "input" in item] if isinstance(copy, list) else []
    return loops if loops and isinstance(copy, list) and len(loops) == len(copy) else None
