"""The plan as a tree: environment, resource group, change, and the properties with before and after. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.planning.model import SIGNS, WORDS
from installer.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.jsontypes import Json
    from installer.planning.model import Change, Family, Plan

SHARED: Final = "shared"
_MAX_PROPERTIES: Final = 6
_MAX_VALUE: Final = 60
"""Characters of a value; the JSON form of the plan has all of it."""
_PLACES: Final[Mapping[Family, str]] = {
    "azure": "subscription",
    "directory": "directory",
    "secret": "secrets",
    "prefect": "Prefect",
    "dns": "DNS",
    "approval": "private connections",
}
_COUNTED: Final = frozenset({"same", "foreign"})
"""Words whose changes are only counted."""


@dataclass(frozen=True)
class Node:
    """A line of the tree.

    Attributes:
        level: 0 for an environment, 1 for a resource group or another place, 2 for a change, 3 for a property.
        sign: Sign of the change, "" for other lines.
        text: One line of printable text.

    """

    level: int
    sign: str
    text: str

    @property
    def line(self) -> str:
        """The line, indented."""
        return f"{'  ' * self.level}{f'{self.sign} ' if self.sign else ''}{self.text}"


def tree(plan: Plan) -> Iterator[Node]:
    """The nodes from top to bottom; what stays as it is, is counted."""
    environments = dict.fromkeys(("", *(change.environment for change in plan.changes)))
    for environment in environments:
        own = [change for change in plan.changes if change.environment == environment]
        if not own:
            continue
        yield Node(0, "", printable(environment or SHARED))
        for place in dict.fromkeys(map(_place, own)):
            yield from _of_place(place, [change for change in own if _place(change) == place])


def _place(change: Change) -> str:
    return change.group or _PLACES[change.family]


def _of_place(place: str, changes: list[Change]) -> Iterator[Node]:
    yield Node(1, "", printable(place))
    for change in changes:
        if change.change in _COUNTED:
            continue
        why = f": {change.why}" if change.why else ""
        yield Node(2, SIGNS[change.change], printable(f"{change.name} ({change.kind}){why}"))
        yield from _properties(change)
    for word in ("same", "foreign"):
        count = sum(change.change == word for change in changes)
        if count:
            yield Node(2, SIGNS[word], f"{count} {WORDS[word]}")


def _properties(change: Change) -> Iterator[Node]:
    known = {one.path: one for one in change.properties}
    for path in change.paths[:_MAX_PROPERTIES]:
        one = known.get(path)
        values = f": {shown(one.before)} → {shown(one.after)}" if one else ""
        yield Node(3, "", printable(f"{path}{values}"))
    if len(change.paths) > _MAX_PROPERTIES:
        yield Node(3, "", f"and {len(change.paths) - _MAX_PROPERTIES} more")


def shown(value: Json) -> str:
    """A value in short."""
    if value is None:
        return "none"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MAX_VALUE else f"{text[: _MAX_VALUE - 1]}…"
