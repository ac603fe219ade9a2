"""Tags that a policy reads or sets, the values that it compares each with, and the form that a value has to have.

Only what a condition compares a tag with is a value of it: the same condition has texts about types, regions and other tags. Source:
azure-docs, governance/policy/concepts/definition-structure-policy-rule.md (conditions, fields).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice, product
from typing import TYPE_CHECKING, Final

from installer.json_access import as_list, as_text, member
from installer.policy.fields import is_tag, tag_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from installer.jsontypes import Json

_EQUAL: Final = frozenset({"equals", "notequals", "in", "notin"})
_FORMS: Final = frozenset({"notlike", "notmatch", "notmatchinsensitively", "notcontains"})
_MAX_TOGETHER: Final = 4


@dataclass(frozen=True)
class WantedTag:
    """A tag of a rule.

    Attributes:
        name: Its name.
        values: Values that the rule compares it with or sets.
        forms: Patterns that the rule wants its value to match.

    """

    name: str
    values: tuple[str, ...]
    forms: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The name, with the form of its value if that is known."""
        return f"{self.name} ({' or '.join(self.forms)})" if self.forms else self.name


def wanted_tags(condition: Json, details: Json, constant: Callable[[Json], Json]) -> list[WantedTag]:
    """The tags of a rule; `constant` evaluates values of its definition, None for what differs between requests."""
    values: dict[str, dict[str, None]] = {}
    forms: dict[str, dict[str, None]] = {}
    for name, operator, value in _compared(condition, details, constant):
        values.setdefault(name, {})
        found = values if operator in _EQUAL else forms if operator in _FORMS else None
        given = constant(value)
        for one in given if isinstance(given, list) else [given]:
            if found is not None and isinstance(one, str) and one:
                found.setdefault(name, {})[one] = None
    return [WantedTag(name, tuple(some), tuple(forms.get(name, ()))) for name, some in values.items()]


def tags_with(present: list[Json], wanted: list[WantedTag]) -> Iterator[list[Json]]:
    """Entries of the answer Tags with a value for every tag that has one."""
    valued = [one for one in wanted if one.values]
    names = {one.name.lower() for one in valued}
    kept = [one for one in present if as_text(one).partition("=")[0].lower() not in names]
    if valued:
        for chosen in islice(product(*(one.values for one in valued)), _MAX_TOGETHER):
            yield [*kept, *(f"{one.name}={value}" for one, value in zip(valued, chosen, strict=True))]


def _compared(condition: Json, details: Json, constant: Callable[[Json], Json]) -> Iterator[tuple[str, str, Json]]:
    """Tag, operator and value of each comparison, and of each change."""
    yield from _conditions(condition, constant)
    for one in as_list(details) if isinstance(details, list) else as_list(member(details, "operations")):
        field = as_text(constant(member(one, "field")))
        if name := _name(field):
            yield name, "equals", member(one, "value")


def _conditions(condition: Json, constant: Callable[[Json], Json]) -> Iterator[tuple[str, str, Json]]:
    if isinstance(condition, list):
        for item in condition:
            yield from _conditions(item, constant)
    elif isinstance(condition, dict):
        yield from _condition({key.lower(): item for key, item in condition.items()}, constant)


def _condition(lowered: Mapping[str, Json], constant: Callable[[Json], Json]) -> Iterator[tuple[str, str, Json]]:
    if name := _name(as_text(constant(lowered.get("field")))):
        yield from ((name, key, item) for key, item in lowered.items() if key != "field")
    for item in lowered.values():
        yield from _conditions(item, constant)


def _name(field: str) -> str:
    return tag_name(field) if is_tag(field) and len(field) > len("tags") else ""
