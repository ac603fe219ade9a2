"""Functions on text. Lengths and positions count UTF-16 units, as .NET does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from installer.arm_templates.arguments import HELP, Arguments, function
from installer.arm_templates.errors import TemplateError
from installer.arm_templates.functions.formatting import composite, plain_text
from installer.arm_templates.utf16 import length, substring
from installer.arm_templates.values import (
    PendingError,
    Unresolved,
    Value,
    equal,
    fold,
    lower_character,
    type_name,
    upper_character,
)

if TYPE_CHECKING:
    from collections.abc import Callable

PAD_LIMIT = 16
_WHITE = "".join(map(chr, [*range(9, 14), 32, 133, 160, 5760, *range(8192, 8203), 8232, 8233, 8239, 8287, 12288]))


@function("toLower", 1)
def _to_lower(arguments: Arguments) -> Value:
    return "".join(map(lower_character, arguments.text(0)))


@function("toUpper", 1)
def _to_upper(arguments: Arguments) -> Value:
    return "".join(map(upper_character, arguments.text(0)))


@function("trim", 1)
def _trim(arguments: Arguments) -> Value:
    return arguments.text(0).strip(_WHITE)


@function("startsWith", 2)
def _starts_with(arguments: Arguments) -> Value:
    return fold(arguments.text(0)).startswith(fold(arguments.text(1)))


@function("endsWith", 2)
def _ends_with(arguments: Arguments) -> Value:
    return fold(arguments.text(0)).endswith(fold(arguments.text(1)))


@function("replace", 3)
def _replace(arguments: Arguments) -> Value:
    text, old, new = arguments.text(0), arguments.text(1), arguments.text(2)
    if not old:
        raise TemplateError(
            f"The template language function '{arguments.name}' expects its second parameter to not be null or "
            f"empty. {HELP}"
        )
    return text.replace(old, new)


@function("split", 2)
def _split(arguments: Arguments) -> Value:
    text = arguments.text(0)
    separators = arguments.resolved(1)
    if isinstance(separators, str):
        separators = [separators]
    if not isinstance(separators, list):
        raise arguments.refusal(1, "String or Array of Strings", type_name(separators))
    patterns: list[str] = []
    for separator in separators:
        if isinstance(separator, Unresolved):
            raise PendingError
        if not isinstance(separator, str):
            raise arguments.refusal(1, "String or Array of Strings", "Array")
        if separator:
            patterns.append(re.escape(separator))
    if not patterns:
        return [text]
    return list(re.split("|".join(patterns), text))


@function("join", 2)
def _join(arguments: Arguments) -> Value:
    parts = arguments.array(0)
    others = {i: type_name(part) for i, part in enumerate(parts) if not isinstance(part, str | int | Unresolved)}
    if others:
        kinds = ", ".join(f"'{kind}'" for kind in sorted(set(others.values())))
        raise TemplateError(
            f"The template language function '{arguments.name}' expects its first parameter to be an array only "
            f"containing elements of type(s) 'String, Integer, Boolean'. The provided value contains elements with "
            f"disallowed type(s) {kinds} in index(es) {', '.join(map(str, others))}. {HELP}"
        )
    return arguments.text(1).join(plain_text(part) for part in parts)


@function("substring", 2, 3)
def _substring(arguments: Arguments) -> Value:
    text, start = arguments.text(0), arguments.integer(1)
    size = length(text)
    wanted = arguments.integer(2) if len(arguments) > 2 and arguments.value(2) is not None else None
    usage = "Please see https://aka.ms/arm-function-substring for usage details."
    opening = f"Unable to evaluate the template language function '{arguments.name}'."
    if start < 0:
        raise TemplateError(f"{opening} The index parameter cannot be less than zero. The index: '{start}'. {usage}")
    if start > size:
        raise TemplateError(
            f"{opening} The index parameter cannot be larger than the length of the string. The index parameter: "
            f"'{start}', the length of the string parameter: '{size}'. {usage}"
        )
    if wanted is None:
        return substring(text, start, size)
    if wanted < 0:
        raise TemplateError(
            f"{opening} The length parameter cannot be less than zero. The length parameter: '{wanted}'. {usage}"
        )
    if start + wanted > size:
        raise TemplateError(
            f"{opening} The index and length parameters must refer to a location within the string. The index "
            f"parameter: '{start}', the length parameter: '{wanted}', the length of the string parameter: "
            f"'{size}'. {usage}"
        )
    return substring(text, start, start + wanted)


@function("padLeft", 2, 3)
def _pad_left(arguments: Arguments) -> Value:
    source = arguments.resolved(0)
    opening = f"Unable to evaluate template language function '{arguments.name}':"
    usage = (
        "The syntax is padLeft(string, totalWidth [, paddingChar]). Please see "
        "https://aka.ms/arm-function-padleft for usage details."
    )
    if isinstance(source, bool) or not isinstance(source, str | int):
        raise TemplateError(
            f"{opening} the first parameter is invalid. The source string must be a String or integer type, "
            f"while '{type_name(source)}' was provided. {usage}"
        )
    width = arguments.integer(1)
    padding = arguments.text(2) if len(arguments) > 2 else " "
    if not 0 <= width <= PAD_LIMIT:
        raise TemplateError(
            f"{opening} the second parameter is invalid. Total width must be a positive integer value and not "
            f"greater than '{PAD_LIMIT}', while '{width}' was provided. {usage}"
        )
    if length(padding) != 1:
        raise TemplateError(
            f"{opening} the third parameter is invalid. The padding character must be a single character, while "
            f"'{padding}' was provided. {usage}"
        )
    text = str(source)
    return padding * (width - length(text)) + text


@function("format", 1, None)
def _format(arguments: Arguments) -> Value:
    return composite(arguments.text(0), arguments.all_resolved()[1:])


@function("like", 2)
def _like(arguments: Arguments) -> Value:
    text, pattern = fold(arguments.text(0)), fold(arguments.text(1))
    head, *rest = pattern.split("*")
    if not rest:
        return text == pattern
    tail = rest.pop()
    if len(text) < len(head) + len(tail) or not (text.startswith(head) and text.endswith(tail)):
        return False
    position, end = len(head), len(text) - len(tail)
    for part in rest:
        found = text.find(part, position, end)
        if found < 0:
            return False
        position = found + len(part)
    return True


def _position(name: str, search: Callable[[str, str], int], order: Callable[[list[Value]], list[int]]) -> None:
    def implementation(arguments: Arguments) -> Value:
        where = arguments.resolved(0)
        if isinstance(where, str):
            text, wanted = fold(where), fold(arguments.text(1))
            found = search(text, wanted)
            return length(text[:found]) if found > 0 else found
        if not isinstance(where, list):
            raise arguments.refusal_among(0, "String, Array")
        return _index(where, arguments.resolved(1), order(where))

    function(name, 2)(implementation)


def _index(items: list[Value], wanted: Value, order: list[int]) -> int:
    return next((index for index in order if equal(items[index], wanted)), -1)


def _last(text: str, wanted: str) -> int:
    return text.rfind(wanted) if wanted or not text else len(text) - 1


_position("indexOf", str.find, lambda items: list(range(len(items))))
_position("lastIndexOf", _last, lambda items: list(range(len(items) - 1, -1, -1)))
