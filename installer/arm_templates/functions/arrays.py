"""Functions on arrays, and those that take arrays, objects and strings alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.arm_templates.arguments import HELP, Arguments, function
from installer.arm_templates.errors import TemplateError
from installer.arm_templates.functions.formatting import plain_text
from installer.arm_templates.functions.objects import intersect_objects, unite_objects
from installer.arm_templates.utf16 import length, substring
from installer.arm_templates.values import PendingError, Unresolved, Value, equal, find_key, freeze, type_name

if TYPE_CHECKING:
    from collections.abc import Callable


@function("createArray", 0, None)
def _create_array(arguments: Arguments) -> Value:
    return [arguments.value(index) for index in range(len(arguments))]


@function("array", 1)
def _array(arguments: Arguments) -> Value:
    value = arguments.resolved(0)
    return value if isinstance(value, list) else [value]


@function("concat", 0, None)
def _concat(arguments: Arguments) -> Value:
    values = arguments.all_resolved()
    if values and all(isinstance(value, list) for value in values):
        return [item for value in values if isinstance(value, list) for item in value]
    if any(value is None or isinstance(value, list | dict | float) for value in values):
        raise TemplateError(
            f"The provided parameters for language function '{arguments.name}' are invalid. Either all or none of "
            "the parameters must be an array. Please see https://aka.ms/arm-function-concat for usage details."
        )
    return "".join(plain_text(value) for value in values)


@function("length", 1)
def _length(arguments: Arguments) -> Value:
    value = arguments.resolved(0)
    if isinstance(value, str):
        return length(value)
    if isinstance(value, list | dict):
        return len(value)
    raise TemplateError(
        f"The template language function '{arguments.name}' expects its parameter to be an array, object, or a "
        f"string. The provided value is of type '{type_name(value)}'. Please see "
        "https://aka.ms/arm-function-length for usage details."
    )


@function("empty", 1)
def _empty(arguments: Arguments) -> Value:
    value = arguments.resolved(0)
    if value is None:
        return True
    if isinstance(value, str | list | dict):
        return not value
    raise TemplateError(
        f"The template function '{arguments.name}' expects its parameter to be an object, an array, or a string. "
        f"The provided value is of type '{type_name(value)}'. Please see https://aka.ms/arm-function-empty for "
        "usage details."
    )


def _end(name: str, index: int, text: Callable[[str], str]) -> None:
    def implementation(arguments: Arguments) -> Value:
        value = arguments.resolved(0)
        if isinstance(value, str):
            return text(value)
        if isinstance(value, list):
            return value[index] if value else None
        raise TemplateError(
            f"The template language function '{arguments.name}' expects its parameter be an array or a string. "
            f"The provided value is of type '{type_name(value)}'. Please see "
            f"https://aka.ms/arm-function-{arguments.name} for usage details."
        )

    function(name, 1)(implementation)


_end("first", 0, lambda text: substring(text, 0, 1))
_end("last", -1, lambda text: substring(text, max(length(text) - 1, 0), length(text)))


def _part(name: str, cut: Callable[[int, int], tuple[int, int]]) -> None:
    def implementation(arguments: Arguments) -> Value:
        count = arguments.integer(1)
        value = arguments.resolved(0)
        if isinstance(value, str):
            return substring(value, *cut(max(count, 0), length(value)))
        if isinstance(value, list):
            start, end = cut(max(count, 0), len(value))
            return value[start:end]
        raise TemplateError(
            f"The template language function '{arguments.name}' expects its first parameter 'collection' to be an "
            f"array or a string. The provided value is of type '{type_name(value)}'. Please see "
            f"https://aka.ms/arm-function-{arguments.name} for usage details."
        )

    function(name, 2)(implementation)


_part("take", lambda count, size: (0, min(count, size)))
_part("skip", lambda count, size: (min(count, size), size))


@function("contains", 2)
def _contains(arguments: Arguments) -> Value:
    where, wanted = arguments.all_resolved()
    if isinstance(where, list):
        return _holds(where, wanted)
    if isinstance(where, dict) and isinstance(wanted, str):
        return find_key(where, wanted) is not None
    if isinstance(where, str) and isinstance(wanted, str):
        return wanted in where
    raise TemplateError(
        f"The template function '{arguments.name}' expects parameters of matching types: a dictionary and a key "
        "(string), an array and a value (object), or a string and a substring. The provided types "
        f"'{type_name(where)}' and '{type_name(wanted)}' are incompatible. Please see "
        "https://aka.ms/arm-function-contains for usage details."
    )


def _holds(items: list[Value], wanted: Value) -> bool:
    waiting = False
    for item in items:
        try:
            if equal(item, wanted):
                return True
        except PendingError:
            waiting = True
    if waiting:
        raise PendingError
    return False


@function("distinct", 1)
def _distinct(arguments: Arguments) -> Value:
    return _unique(arguments.array(0))


def _unique(items: list[Value]) -> list[Value]:
    seen: dict[object, Value] = {}
    for item in items:
        seen.setdefault(freeze(item), item)
    return list(seen.values())


@function("flatten", 1)
def _flatten(arguments: Arguments) -> Value:
    items = arguments.array(0)
    wrong = [(index, type_name(item)) for index, item in enumerate(items) if not isinstance(item, list | Unresolved)]
    if wrong:
        kinds = "', '".join(dict.fromkeys(kind for _, kind in wrong))
        places = ", ".join(str(index) for index, _ in wrong)
        raise TemplateError(
            f"The template language function '{arguments.name}' expects its first parameter to be an array only "
            "containing elements of type(s) 'Array'. The provided value contains elements with disallowed "
            f"type(s) '{kinds}' in index(es) {places}. {HELP}"
        )
    result: list[Value] = []
    for item in items:
        if isinstance(item, Unresolved):
            raise PendingError
        if isinstance(item, list):
            result += item
    return result


def _collections(arguments: Arguments) -> list[list[Value]] | list[dict[str, Value]]:
    values = arguments.all_resolved()
    for index, value in enumerate(values):
        if not isinstance(value, list | dict):
            raise arguments.refusal(index, "Array, Object", type_name(value))
    arrays = [value for value in values if isinstance(value, list)]
    objects = [value for value in values if isinstance(value, dict)]
    if arrays and objects:
        raise TemplateError(
            f"Template language function '{arguments.name}' expects parameters of the same type, but found "
            "multiple types."
        )
    return arrays or objects


@function("union", 2, None)
def _union(arguments: Arguments) -> Value:
    values = _collections(arguments)
    first = values[0]
    if isinstance(first, dict):
        result = first
        for other in values[1:]:
            if isinstance(other, dict):
                result = unite_objects(result, other)
        return result
    return _unique([item for value in values if isinstance(value, list) for item in value])


@function("intersection", 2, None)
def _intersection(arguments: Arguments) -> Value:
    values = _collections(arguments)
    first = values[0]
    if isinstance(first, dict):
        result = first
        for other in values[1:]:
            if isinstance(other, dict):
                result = intersect_objects(result, other)
        return result
    kept = _unique(first)
    for other in values[1:]:
        present = {freeze(item) for item in other}
        kept = [item for item in kept if freeze(item) in present]
    return kept


@function("indexFromEnd", 2)
def _index_from_end(arguments: Arguments) -> Value:
    items, index = arguments.array(0), arguments.integer(1)
    opening = f"Unable to evaluate the template language function '{arguments.name}'."
    if index <= 0:
        raise TemplateError(
            f"{opening} The index parameter must be greater than zero, but an index of '{index}' was received."
        )
    if index > len(items):
        raise TemplateError(
            f"{opening} The index parameter cannot be larger than the length of the array. The index parameter was "
            f"'{index}', and the length of the array parameter was '{len(items)}'."
        )
    return items[-index]


@function("tryIndexFromEnd", 2, None)
def _try_index_from_end(arguments: Arguments) -> Value:
    items, index = arguments.resolved(0), arguments.resolved(1)
    if not isinstance(items, list) or not isinstance(index, int) or isinstance(index, bool):
        return None
    return items[-index] if 0 < index <= len(items) else None
