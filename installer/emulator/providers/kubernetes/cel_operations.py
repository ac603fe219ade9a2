"""Operations on the values of CEL expressions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from installer.jsontypes import Json

Environment: TypeAlias = "Mapping[str, Json]"
Node: TypeAlias = "Callable[[Environment], Json]"


class CelError(ValueError):
    """An expression that cannot be parsed or evaluated, with the reason."""


@dataclass(frozen=True)
class Selection:
    """A field of an object."""

    target: Node
    name: str

    def __call__(self, values: Environment) -> Json:
        """The value of the field."""
        found = self.target(values)
        if not isinstance(found, dict) or self.name not in found:
            raise CelError(f"no such key: {self.name}")
        return found[self.name]

    def exists(self, values: Environment) -> bool:
        """Whether the object has the field; an error in the path before it remains an error."""
        found = self.target(values)
        return isinstance(found, dict) and self.name in found


def indexed(node: Node, index: Node) -> Node:
    """The item of a list or map."""

    def select(values: Environment) -> Json:
        value, at = node(values), index(values)
        if isinstance(value, dict) and isinstance(at, str) and at in value:
            return value[at]
        if isinstance(value, list) and isinstance(at, int) and 0 <= at < len(value):
            return value[at]
        raise CelError(f"no such key: {at}")

    return select


def variable(name: str, values: Environment) -> Json:
    """The value of a variable."""
    if name not in values:
        raise CelError(f"undeclared reference to '{name}' (in container '')")
    return values[name]


def truth(value: Json) -> bool:
    """A value that has to be a boolean."""
    if not isinstance(value, bool):
        raise CelError("no such overload")
    return value


def items(value: Json) -> list[Json]:
    """Items of a list, or keys of a map."""
    if isinstance(value, dict):
        return list(value)
    if not isinstance(value, list):
        raise CelError("no such overload")
    return value


def size(value: Json) -> int:
    """Length of a string, list or map."""
    if not isinstance(value, (str, list, dict)):
        raise CelError("no such overload")
    return len(value)


def on_text(name: str, target: Json, argument: Json) -> bool:
    """A test of a string."""
    tests = {"startsWith": str.startswith, "endsWith": str.endswith, "contains": str.__contains__}
    if name not in tests or not isinstance(target, str) or not isinstance(argument, str):
        raise CelError("no such overload")
    return bool(tests[name](target, argument))


def compare(sign: str, left: Json, right: Json) -> bool:
    """The result of a comparison."""
    if sign in {"==", "!="}:
        return (left == right) is (sign == "==")
    if sign == "in":
        return left in items(right)
    if not isinstance(left, (int, str)) or type(left) is not type(right):
        raise CelError("no such overload")
    ordered = {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}  # type: ignore[operator]
    return ordered[sign]
