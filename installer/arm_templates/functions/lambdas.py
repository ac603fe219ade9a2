"""The functions that take lambdas: map, filter, reduce, sort, toObject, groupBy, mapValues."""

from __future__ import annotations

from functools import cmp_to_key

from installer.arm_templates.arguments import HELP, Arguments, function
from installer.arm_templates.errors import TemplateError
from installer.arm_templates.values import Lambda, PendingError, Unresolved, Value, find_key, type_name


def _lambda_argument(arguments: Arguments, index: int, minimum: int, maximum: int) -> Lambda:
    found = arguments.function(index)
    provided = len(found.source.arguments)
    if not minimum + 1 <= provided <= maximum + 1:
        wanted = str(minimum + 1) if minimum == maximum else f"between {minimum + 1} and {maximum + 1}"
        raise TemplateError(
            f"Unable to evaluate template language function 'lambda': function requires {wanted} argument(s) while "
            f"{provided} were provided. Please see https://aka.ms/arm-resource-functions/#lambda for "
            "usage details."
        )
    return found


def _unexpected(name: str, wanted: str, place: str, value: Value) -> TemplateError:
    return TemplateError(
        f"The lambda expression provided to language function '{name}' is expected to return a value of type "
        f"'{wanted}', but evaluation {place}returned a value of type '{type_name(value)}'. {HELP}"
    )


def _boolean_result(name: str, place: str, value: Value) -> bool:
    if isinstance(value, Unresolved):
        raise PendingError
    if not isinstance(value, bool):
        raise _unexpected(name, "Boolean", place, value)
    return value


def _key(name: str, index: int, value: Value) -> str:
    if isinstance(value, Unresolved):
        raise PendingError
    if not isinstance(value, str):
        raise _unexpected(name, "String", f"on the input element at position {index} ", value)
    return value


@function("map", 2, lambdas=True)
def _map(arguments: Arguments) -> Value:
    items, change = arguments.array(0), _lambda_argument(arguments, 1, 1, 2)
    return [change(item, index) for index, item in enumerate(items)]


@function("filter", 2, lambdas=True)
def _filter(arguments: Arguments) -> Value:
    items, wanted = arguments.array(0), _lambda_argument(arguments, 1, 1, 2)
    return [
        item
        for index, item in enumerate(items)
        if _boolean_result(arguments.name, f"on the input element at position {index} ", wanted(item, index))
    ]


@function("reduce", 3, lambdas=True)
def _reduce(arguments: Arguments) -> Value:
    items, total, step = arguments.array(0), arguments.value(1), _lambda_argument(arguments, 2, 2, 3)
    for index, item in enumerate(items):
        if isinstance(item, Unresolved):
            raise PendingError
        total = step(total, item, index)
    return total


@function("sort", 2, lambdas=True)
def _sort(arguments: Arguments) -> Value:
    items, before = arguments.array(0), _lambda_argument(arguments, 1, 2, 2)

    def holds(left: Value, right: Value) -> bool:
        return _boolean_result(arguments.name, "", before(left, right))

    def compare(left: Value, right: Value) -> int:
        return 0 if holds(left, right) == holds(right, left) else (-1 if holds(left, right) else 1)

    return sorted(items, key=cmp_to_key(compare))


@function("toObject", 2, 3, lambdas=True)
def _to_object(arguments: Arguments) -> Value:
    items, name = arguments.array(0), _lambda_argument(arguments, 1, 1, 1)
    change = _lambda_argument(arguments, 2, 1, 1) if len(arguments) > 2 else None
    result: dict[str, Value] = {}
    for index, item in enumerate(items):
        key = _key(arguments.name, index, name(item))
        if find_key(result, key) is not None:
            raise TemplateError(
                f"The lambda expression parameter at index '1' of function '{arguments.name}' returned a duplicate "
                f"key '{key}'. Object keys must be strings that are case-insensitively unique. {HELP}"
            )
        result[key] = change(item) if change else item
    return result


@function("groupBy", 2, 3, lambdas=True)
def _group_by(arguments: Arguments) -> Value:
    items, name = arguments.array(0), _lambda_argument(arguments, 1, 1, 1)
    change = _lambda_argument(arguments, 2, 1, 1) if len(arguments) > 2 else None
    groups: dict[str, list[Value]] = {}
    for index, item in enumerate(items):
        key = _key(arguments.name, index, name(item))
        groups.setdefault(find_key(groups, key) or key, []).append(change(item) if change else item)
    return dict(groups.items())


@function("mapValues", 2, lambdas=True)
def _map_values(arguments: Arguments) -> Value:
    mapping, change = arguments.object(0), _lambda_argument(arguments, 1, 1, 1)
    return {key: change(value) for key, value in mapping.items()}
