"""The plan as a tree: environment, resource group, change, and the properties with before and after. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from installer.conventions.counts import counted
from installer.estate.resource_titles import labelled
from installer.planning.branch import Branch, shown
from installer.planning.model import SIGNS, WORDS
from installer.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.planning.model import Change, Family, Plan, PropertyChange, Word
    from installer.planning.own_flows import OwnFlows

SHARED: Final = "shared"
_MAX_PROPERTIES: Final = 6
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


def branches(plan: Plan) -> tuple[Branch, ...]:
    """The plan by environment, place, change and property; what stays as it is, is below one line with the count."""
    environments = dict.fromkeys(("", *(change.environment for change in plan.changes)))
    found = ((one, [change for change in plan.changes if change.environment == one]) for one in environments)
    return (*(_environment(name, own) for name, own in found if own), *map(_flows, plan.flows))


def _flows(one: OwnFlows) -> Branch:
    """Flows of the customer, below a line with their number."""
    key = f"flows/{one.environment}"
    children = tuple(Branch(f"{key}/{name}", "", printable(name)) for name in one.objects)
    state = "cannot be read" if one.problem else f"{one.numbers}, not compared"
    text = printable(f"{one.environment} · your flows: {state}")
    return Branch(key, SIGNS["unknown"], text, children=(Branch(f"{key}/", "", one.sentence), *children))


def tree(plan: Plan) -> Iterator[Node]:
    """The lines of the text form: all changes, with the first of their properties; the rest is counted. Flows have a section."""
    for environment in branches(replace(plan, flows=())):
        yield from _lines(environment, 0)


def _lines(branch: Branch, level: int) -> Iterator[Node]:
    yield Node(level, branch.sign, branch.text)
    if branch.counted:
        return
    most = _MAX_PROPERTIES if level == 2 else len(branch.children)
    listed = [child for child in branch.children if level < 2 or not child.counted]
    for child in listed[:most]:
        yield from _lines(child, level + 1)
    if len(listed) > most:
        yield Node(level + 1, "", f"and {len(listed) - most} more")


def _environment(name: str, changes: list[Change]) -> Branch:
    places = dict.fromkeys(map(_place, changes))
    found = tuple(_of_place(name, place, [one for one in changes if _place(one) == place]) for place in places)
    opens = any(place.opens for place in found)
    return Branch(f"{name}/", "", printable(name or SHARED), _counts(changes), found, opens)


def _place(change: Change) -> str:
    return change.group or _PLACES[change.family]


def _counts(changes: list[Change]) -> str:
    found = Counter(change.change for change in changes)
    return "  ".join(f"{sign} {found[word]}" for word, sign in SIGNS.items() if found[word])


def _of_place(environment: str, place: str, changes: list[Change]) -> Branch:
    key = f"{environment}/{place}"
    shown_ones = [_of_change(key, change) for change in changes if change.change not in _COUNTED]
    counted = [_counted(key, word, changes) for word in WORDS if word in _COUNTED]
    children = (*shown_ones, *(one for one in counted if one.children))
    return Branch(key, "", printable(place), _counts(changes), children, opens=bool(shown_ones))


def _counted(place: str, word: Word, changes: list[Change]) -> Branch:
    """Resources that stay as they are, or that are not FlowForge's, below their number."""
    found = tuple(_of_change(f"{place}/{word}", one) for one in changes if one.change == word)
    return Branch(f"{place}/{word}", SIGNS[word], f"{len(found)} {WORDS[word]}", children=found, counted=True)


def _of_change(place: str, change: Change) -> Branch:
    key, why = f"{place}/{change.id}", f": {change.why}" if change.why else ""
    known = {one.path: one for one in change.properties}
    properties = [_property(key, path, known.get(path)) for path in change.paths]
    if change.noise:
        noise = tuple(Branch(f"{key}/noise/{path}", "", printable(path)) for path in change.noise)
        text = f"{counted(len(noise), 'difference')} that no deployment makes"
        properties.append(Branch(f"{key}/noise", "", text, children=noise, counted=True))
    text = printable(f"{labelled(change.title, change.name, change.type)}{why}")
    return Branch(key, SIGNS[change.change], text, children=tuple(properties), opens=bool(change.paths))


def _property(change: str, path: str, one: PropertyChange | None) -> Branch:
    values = f": {shown(one.before)} → {shown(one.after)}" if one else ""
    return Branch(f"{change}/{path}", "", printable(f"{path}{values}"))
