"""Expressions of policy rules: the functions of the template language and those that only policies have.

An expression without functions of the request is evaluated once, when the rule is compiled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from installer.arm_templates import (
    Access,
    Call,
    Literal,
    TemplateError,
    call_function,
    is_expression,
    known_function,
    literal_text,
    parse_expression,
)
from installer.json_access import member
from installer.policy.evaluation import NOTHING, Evaluation
from installer.policy.functions import FUNCTIONS
from installer.policy.outcomes import EvaluationError, NotJudgedError

if TYPE_CHECKING:
    from installer.arm_templates import Expression
    from installer.jsontypes import Json


Compiled: TypeAlias = Callable[[Evaluation], "Json"]
_DYNAMIC: Final = {"field", "current", "requestcontext", "policy", "utcnow", "subscription", "resourcegroup"}
_LAZY: Final = {"if", "and", "or", "coalesce"}
_OWN: Final = {"adddays", "iprangecontains", "parameters"}
_FORBIDDEN: Final = {
    *("copyindex", "datetimeadd", "datetimefromepoch", "datetimetoepoch", "deployment", "environment", "lambda"),
    *("extensionresourceid", "managementgroup", "newguid", "pickzones", "providers", "reference", "resourceid"),
    *("subscriptionresourceid", "tenantresourceid", "tenant", "variables"),
}


def compiled(text: Json, parameters: Mapping[str, Json]) -> tuple[Compiled, bool]:
    """A value of a rule as a function of the evaluation, and whether it is the same for every request.

    Args:
        text: The value; strings may be expressions, also inside arrays and objects.
        parameters: Values by lower-case name.

    Raises:
        NotJudgedError: The expression cannot be parsed, or uses a function that policies do not have.

    """
    if isinstance(text, list | dict):
        return _container(text, parameters)
    if not isinstance(text, str):
        return (lambda _: text), True
    if not is_expression(text):
        plain = literal_text(text)
        return (lambda _: plain), True
    try:
        tree = parse_expression(text)
    except TemplateError as problem:
        raise NotJudgedError(f"the expression {text} is not valid: {problem.message}") from problem
    try:
        run, constant = _compile(tree, parameters)
        return (_folded(run), True) if constant else (run, False)
    except RecursionError as problem:
        raise NotJudgedError("an expression is nested too deeply") from problem


def _container(value: list[Json] | dict[str, Json], parameters: Mapping[str, Json]) -> tuple[Compiled, bool]:
    if isinstance(value, list):
        items = [compiled(item, parameters) for item in value]

        def array(evaluation: Evaluation) -> Json:
            return [run(evaluation) for run, _ in items]

        constant = all(fixed for _, fixed in items)
        return (_folded(array), True) if constant else (array, False)
    members = {name: compiled(item, parameters) for name, item in value.items()}

    def whole(evaluation: Evaluation) -> Json:
        return {name: run(evaluation) for name, (run, _) in members.items()}

    constant = all(fixed for _, fixed in members.values())
    return (_folded(whole), True) if constant else (whole, False)


def _folded(run: Compiled) -> Compiled:
    """The same with its value, or its failure, computed now."""
    try:
        value = run(NOTHING)
    except EvaluationError as problem:
        text = str(problem)

        def failing(_: Evaluation) -> Json:
            raise EvaluationError(text)

        return failing
    return lambda _: value


def _compile(tree: Expression, parameters: Mapping[str, Json]) -> tuple[Compiled, bool]:
    if isinstance(tree, Literal):
        value = tree.value
        return (lambda _: value), True
    if isinstance(tree, Access):
        target, fixed = _compile(tree.target, parameters)
        key, fixed_key = _compile(tree.key, parameters)
        return (lambda it: _accessed(target(it), key(it))), fixed and fixed_key
    name = tree.name.lower()
    if name in _FORBIDDEN or name.startswith("list") or not (known_function(name) or name in _DYNAMIC | _LAZY | _OWN):
        raise NotJudgedError(f"the function {tree.name}() is not one of policy rules")
    if name == "parameters":
        return _parameter(tree, parameters)
    inner = [_compile(item, parameters) for item in tree.arguments]
    runs, constant = [run for run, _ in inner], all(fixed for _, fixed in inner) and name not in _DYNAMIC
    if name in _LAZY:
        return _lazy(name, runs), constant
    own = FUNCTIONS.get(name)
    if own is not None:
        return (lambda it: own(it, [run(it) for run in runs])), constant
    spelled = tree.name

    def common(evaluation: Evaluation) -> Json:
        values = [run(evaluation) for run in runs]
        try:
            return cast("Json", call_function(spelled, cast("list[str]", values)))
        except TemplateError as problem:
            raise EvaluationError(problem.message) from problem

    return common, constant


def _parameter(tree: Call, parameters: Mapping[str, Json]) -> tuple[Compiled, bool]:
    if len(tree.arguments) != 1:
        raise NotJudgedError("parameters() needs one name")
    name, constant = _compile(tree.arguments[0], parameters)
    if constant:
        wanted = str(name(NOTHING)).lower()
        if wanted not in parameters:
            raise NotJudgedError(f"the parameter '{wanted}' has no value")
        value = parameters[wanted]
        return (lambda _: value), True

    def chosen(evaluation: Evaluation) -> Json:
        wanted = str(name(evaluation)).lower()
        if wanted not in parameters:
            raise EvaluationError(f"the parameter '{wanted}' has no value")
        return parameters[wanted]

    return chosen, False


def _accessed(target: Json, key: Json) -> Json:
    """A member or an element; a missing member is null, as conditions on tags of resourceGroup() rely on."""
    if isinstance(target, list):
        if isinstance(key, int) and not isinstance(key, bool) and 0 <= key < len(target):
            return target[key]
        raise EvaluationError(f"the index '{key}' is out of bounds")
    return member(target, key) if isinstance(key, str) else None


def _lazy(name: str, runs: list[Compiled]) -> Compiled:
    if name == "if":
        if len(runs) != 3:
            raise NotJudgedError("if() needs three arguments")
        condition, then, otherwise = runs
        return lambda it: then(it) if _truth(condition(it)) else otherwise(it)
    if name == "coalesce":
        return lambda it: next((value for run in runs if (value := run(it)) is not None), None)
    if name == "and":
        return lambda it: all(_truth(run(it)) for run in runs)
    return lambda it: any(_truth(run(it)) for run in runs)


def _truth(value: Json) -> bool:
    if not isinstance(value, bool):
        raise EvaluationError("a boolean is expected")
    return value
