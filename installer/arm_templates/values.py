"""Values of the template language: JSON, plus values that are not known before the run.

An ``Unresolved`` is the result of a partial evaluation. It renders as ARM expression text, and some of its members (the
outputs of a module, say) may be known.
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
    """A function needs an unresolved value; the call itself stays unresolved."""


@dataclass(frozen=True, slots=True, eq=False)
class Unresolved:
    """A value that is known only during the run; ``expression`` remains to be evaluated then."""

    expression: Expression
    known: Mapping[str, Value] = field(default_factory=dict)


class PredictedObject(dict[str, "Value"]):
    """An object from the definition of a resource; ``deferred`` is the expression that gets it during the run."""

    def __init__(self, known: Mapping[str, Value], deferred: Expression) -> None:
        super().__init__(known)
        self.deferred = deferred


class PredictedArray(list["Value"]):
    """An array from the definition of a resource; ``deferred`` as above."""

    def __init__(self, known: Iterable[Value], deferred: Expression) -> None:
        super().__init__(known)
        self.deferred = deferred


def predicted_value(value: Value, deferred: Expression) -> Value:
    """A value from the definition of a resource; ``deferred`` replaces it where it is unknown."""
    if isinstance(value, Unresolved):
        return Unresolved(deferred)
    if isinstance(value, dict):
        return PredictedObject(value, deferred)
    return PredictedArray(value, deferred) if isinstance(value, list) else value


def without_deferred(value: Value) -> Value:
    """The value without its deferred expression, which a choice that depends on resource state hides."""
    if isinstance(value, PredictedObject):
        return dict(value)
    return list(value) if isinstance(value, PredictedArray) else value


@dataclass(frozen=True, slots=True, eq=False)
class Lambda:
    """A lambda of a template: the names of its parameters, and a callable that evaluates its body."""

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
    """Whether the value has no unresolved part."""
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
    """The key of ``mapping`` that matches ``key`` exactly, else ignoring case; None without one."""
    if key in mapping:
        return key
    folded, length = fold(key), len(key)
    for candidate in mapping:
        # Folding keeps the length, which is quicker to compare.
        if len(candidate) == length and fold(candidate) == folded:
            return candidate
    return None


def fold(text: str) -> str:
    """Upper-case character by character as .NET's ordinal comparison without case does."""
    if text.isascii():
        return text.upper()
    return "".join(upper_character(character) for character in text)


def upper_character(character: str) -> str:
    """The invariant upper case of one character; one that would become several characters stays as it is."""
    upper = character.upper()
    return upper if len(upper) == 1 and character not in "\u0131\u017f" else character


def lower_character(character: str) -> str:
    """The invariant lower case of one character; the dotted capital I stays."""
    lower = character.lower()
    return lower if len(lower) == 1 and character not in "\u0130\u1e9e" else character


def equal(left: Value, right: Value) -> bool:
    """The engine's ``equals``: deep, by type and value, strings and keys ordinal, in any key order."""
    if isinstance(left, Unresolved) or isinstance(right, Unresolved):
        raise PendingError
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(item, right[key]) for key, item in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(equal(a, b) for a, b in zip(left, right, strict=True))
    return type(left) is type(right) and left == right


def freeze(value: Value) -> object:
    """A hashable key: two values share it exactly when they are ``equal``."""
    if isinstance(value, Unresolved):
        raise PendingError
    if isinstance(value, dict):
        return ("object", frozenset((key, freeze(item)) for key, item in value.items()))
    if isinstance(value, list):
        return ("array", tuple(freeze(item) for item in value))
    return (type(value).__name__, value)
