"""Values of the template language: JSON, plus what is not known before the run.

An ``Unresolved`` is the rest of a partial evaluation. It prints back as ARM expression text, and may know
some of its members (the outputs of a module, say) although the whole is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from installer.arm_templates.expressions import Call, Expression
    from installer.jsontypes import Json

Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | Unresolved | None"


class PendingError(Exception):
    """A function met an unresolved value that it cannot do without; the call itself stays unresolved."""


@dataclass(frozen=True, slots=True, eq=False)
class Unresolved:
    """A value that only the run can tell: ``expression`` is what remains to be evaluated."""

    expression: Expression
    known: Mapping[str, Value] = field(default_factory=dict)


class ForetoldObject(dict[str, "Value"]):
    """An object that the template says a resource will have; ``late`` asks the run for it, where it says too little."""

    def __init__(self, known: Mapping[str, Value], late: Expression) -> None:
        super().__init__(known)
        self.late = late


class ForetoldArray(list["Value"]):
    """An array that the template says a resource will have; ``late`` as above."""

    def __init__(self, known: Iterable[Value], late: Expression) -> None:
        super().__init__(known)
        self.late = late


def foretold(value: Value, late: Expression) -> Value:
    """What the template says of a resource: what is not known is left to the run by its own path."""
    if isinstance(value, Unresolved):
        return Unresolved(late)
    if isinstance(value, dict):
        return ForetoldObject(value, late)
    return ForetoldArray(value, late) if isinstance(value, list) else value


def unplaced(value: Value) -> Value:
    """The same without the path by which the run could be asked for more: a choice that the state made hides it."""
    if isinstance(value, ForetoldObject):
        return dict(value)
    return list(value) if isinstance(value, ForetoldArray) else value


@dataclass(frozen=True, slots=True, eq=False)
class Lambda:
    """A function written in a template: the names of its parameters, and what runs its body."""

    names: tuple[str, ...]
    source: Call
    run: Callable[[Mapping[str, Value]], Value]

    def __call__(self, *values: Value) -> Value:
        """The body with the parameters set; values beyond the parameters are ignored."""
        return self.run(dict(zip(self.names, values, strict=False)))


def as_value(value: Json) -> Value:
    """JSON seen as a value: every JSON is one (the cast is only for the invariance of containers)."""
    return cast("Value", value)


def known(value: Value) -> bool:
    """Whether nothing in the value waits for the run."""
    if isinstance(value, Unresolved):
        return False
    if isinstance(value, list):
        return all(known(item) for item in value)
    if isinstance(value, dict):
        return all(known(item) for item in value.values())
    return True


def type_name(value: Value) -> str:
    """The engine's name for a value's type, as its messages print it."""
    for kind, name in _TYPE_NAMES:
        if isinstance(value, kind):
            return name
    return "Null"


_TYPE_NAMES: tuple[tuple[type, str], ...] = (
    (bool, "Boolean"),
    (int, "Integer"),
    (float, "Float"),
    (str, "String"),
    (list, "Array"),
    (dict, "Object"),
)


def find_key(mapping: Mapping[str, object], key: str) -> str | None:
    """The spelling under which ``mapping`` holds ``key``: exactly, else ignoring case; None without it."""
    if key in mapping:
        return key
    folded = fold(key)
    for candidate in mapping:
        if fold(candidate) == folded:
            return candidate
    return None


def fold(text: str) -> str:
    """Upper-case character by character as .NET's ordinal comparison without case does."""
    if text.isascii():
        return text.upper()
    return "".join(upper_character(character) for character in text)


def upper_character(character: str) -> str:
    """The invariant upper case of one character; those that would become several, or dotless, stay."""
    upper = character.upper()
    return upper if len(upper) == 1 and character not in "\u0131\u017f" else character


def lower_character(character: str) -> str:
    """The invariant lower case of one character; the dotted capital I stays."""
    lower = character.lower()
    return lower if len(lower) == 1 and character not in "\u0130\u1e9e" else character


def equal(left: Value, right: Value) -> bool:
    """The engine's ``equals``: by type and value, deep, strings and keys ordinal, key order free."""
    if isinstance(left, Unresolved) or isinstance(right, Unresolved):
        raise PendingError
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(item, right[key]) for key, item in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(equal(a, b) for a, b in zip(left, right, strict=True))
    return type(left) is type(right) and left == right


def freeze(value: Value) -> object:
    """A hashable stand-in: two values have the same one exactly when ``equal`` says so."""
    if isinstance(value, Unresolved):
        raise PendingError
    if isinstance(value, dict):
        return ("object", frozenset((key, freeze(item)) for key, item in value.items()))
    if isinstance(value, list):
        return ("array", tuple(freeze(item) for item in value))
    return (type(value).__name__, value)
