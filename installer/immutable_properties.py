"""Properties that Azure does not change on an existing resource (immutable_properties.json, with a source for each).

The installer compares new answers with them before anything is sent; the embedded Azure refuses what Azure refuses.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from installer.json_access import JsonObject, as_object, as_text, member, objects_of
from installer.jsontypes import Json
from installer.shipped_files import immutable_properties

Kind = Literal["any", "lower", "unset", "shrink", "zonal", "downgrade", "overlap", "elsewhere"]
_EVERY_TYPE: Final = "*"
_TIERS: Final = ("standard", "premium")


@dataclass(frozen=True)
class Immutable:
    """A property that Azure does not change.

    Attributes:
        path: Names from the root of the resource; "name[]" for the elements of an array, matched by their names.
        change: Which change is refused: any, lower (a smaller number or version), unset (from true), shrink (an element
            is missing), zonal (redundancy with or without zones), downgrade (a lower tier), overlap and elsewhere (of an existing
            resource and a new one: in the same range; with the same name, and the same value of the path).
        absent: Whether a missing value leaves the property as it is ("keep") or means that there is none.
        default: Value of a property that is missing, None if unknown.
        ignored: Azure accepts the change and does nothing.
        occupied: Azure refuses only while something uses the resource.
        status: HTTP status of the refusal.
        code: Error code of the refusal.
        message: Pattern of the error text, with {path}, {property}, {leaf}, {id}, {name}, {before} and {after}.
        work: What has to be done to get the other value.
        downtime: What that interrupts.
        source: URL.

    """

    path: tuple[str, ...]
    change: Kind
    absent: Literal["keep", "none"]
    default: Json
    ignored: bool
    occupied: bool
    status: int
    code: str
    message: str
    work: str
    downtime: str
    source: str

    @property
    def label(self) -> str:
        """The path in short, as Azure names properties: without "properties" and without array markers."""
        return ".".join(part.removesuffix("[]") for part in self.path if part != "properties")


@dataclass(frozen=True)
class Conflict:
    """A change that Azure does not make.

    Attributes:
        rule: The immutable property.
        element: Name of the array element, "" outside arrays.
        before: Its value.
        after: The value that was requested.

    """

    rule: Immutable
    element: str
    before: Json
    after: Json

    def text(self, resource_id: str) -> str:
        """Azure's error text for a resource."""
        label = self.rule.label
        return self.rule.message.format(
            path=label,
            property=f"properties.{label}" if self.rule.path[0].startswith("properties") else label,
            leaf=label.rpartition(".")[2],
            id=resource_id,
            name=resource_id.rpartition("/")[2],
            before=self._of_azure(self.before),
            after=self._of_azure(self.after),
        )

    def _of_azure(self, value: Json) -> str:
        """A value as Azure shows it, which has a word for a resource without zones."""
        return "NoZone" if value is None and self.rule.path == ("zones",) else shown(value)


def shown(value: Json) -> str:
    """A value in one short line."""
    if isinstance(value, list):
        return ", ".join(shown(item) for item in value)
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value)


def conflicts(resource_type: str, before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[Conflict]:
    """Immutable properties that differ between two states of a resource; values that are template expressions are skipped."""
    for rule in rules_of(resource_type):
        for element, old, new in _values(dict(before), dict(after), rule.path):
            if _differs(rule, old, new):
                yield Conflict(rule, element, old, new)


def rules_of(resource_type: str) -> tuple[Immutable, ...]:
    """Immutable properties of a resource type, those of every type first."""
    return (*_rules().get(_EVERY_TYPE, ()), *_rules().get(resource_type.lower(), ()))


@cache
def _rules() -> Mapping[str, tuple[Immutable, ...]]:
    content = json.loads(immutable_properties())
    ways: dict[str, list[str]] = content["ways"]
    found: dict[str, tuple[Immutable, ...]] = {}
    for row in content["properties"]:
        work, downtime = ways[row["way"]]
        rule = Immutable(
            path=tuple(row["path"].split(".")),
            change=row.get("change", "any"),
            absent=row.get("absent", "keep"),
            default=row.get("default"),
            ignored=row.get("answer") == "ignored",
            occupied=row.get("when") == "occupied",
            status=row.get("status", 400),
            code=row.get("code", ""),
            message=row.get("message", ""),
            work=work,
            downtime=downtime,
            source=row["source"],
        )
        key = row["type"].lower()
        found[key] = (*found.get(key, ()), rule)
    return found


def _values(before: Json, after: Json, path: tuple[str, ...]) -> Iterator[tuple[str, Json, Json]]:
    """Pairs of values at a path; array elements that exist on one side only have no pair."""
    if not path:
        yield "", before, after
        return
    name, rest = path[0], path[1:]
    if not name.endswith("[]"):
        yield from _values(member(before, name), member(after, name), rest)
        return
    key = name.removesuffix("[]")
    olds = {as_text(item.get("name")).lower(): item for item in objects_of(member(before, key))}
    for item in objects_of(member(after, key)):
        label = as_text(item.get("name"))
        if label.lower() in olds:
            for _, old, new in _values(olds[label.lower()], item, rest):
                yield label, old, new


def _differs(rule: Immutable, before: Json, after: Json) -> bool:
    if _unknown(before) or _unknown(after):
        return False
    old, new = _normal(before, rule.default), _normal(after, rule.default)
    if rule.absent == "keep" and (old is None or new is None):
        return False
    return _CHANGES[rule.change](old, new)


def _unknown(value: Json) -> bool:
    """Whether a value is an expression that only a deployment evaluates."""
    if isinstance(value, dict):
        return any(_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(_unknown(item) for item in value)
    return isinstance(value, str) and value.startswith("[") and not value.startswith("[[")


def _normal(value: Json, default: Json) -> Json:
    """A value as it is compared: ids and names ignore case, an empty list is none."""
    if value is None or value == []:
        return default
    if isinstance(value, str):
        return value.lower()
    if isinstance(value, list):
        return sorted((_normal(item, None) for item in value), key=json.dumps)
    if isinstance(value, dict):
        return {name.lower(): _normal(item, None) for name, item in as_object(value).items()}
    return value


def _number(value: Json) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None


def _lower(before: Json, after: Json) -> bool:
    old, new = _number(before), _number(after)
    return old is not None and new is not None and new < old


def _shrink(before: Json, after: Json) -> bool:
    return isinstance(before, list) and isinstance(after, list) and any(item not in after for item in before)


def _tier(value: Json) -> int:
    return next((place for place, name in enumerate(_TIERS) if as_text(value).startswith(name)), -1)


_CHANGES: Final[Mapping[Kind, Callable[[Json, Json], bool]]] = {
    "any": lambda before, after: before != after,
    "lower": _lower,
    "unset": lambda before, after: before is True and after is False,
    "shrink": _shrink,
    "zonal": lambda before, after: ("zrs" in as_text(before)) != ("zrs" in as_text(after)),
    "downgrade": lambda before, after: _tier(after) < _tier(before),
    "overlap": lambda _before, _after: False,
    "elsewhere": lambda _before, _after: False,
}


def carried_over(resource_type: str, before: JsonObject, after: JsonObject) -> JsonObject:
    """The requested state, with the old value of each property whose change Azure ignores."""
    result = after
    for conflict in conflicts(resource_type, before, after):
        if conflict.rule.ignored:
            result = _with(result, conflict.rule.path, conflict.before)
    return result


def _with(content: JsonObject, path: tuple[str, ...], value: Json) -> JsonObject:
    """A copy of an object with a value at a path; without the member if the value is None."""
    name, rest = path[0], path[1:]
    if rest:
        return {**content, name: _with(as_object(content.get(name)), rest, value)}
    return {**content, name: value} if value is not None else {key: v for key, v in content.items() if key != name}


__all__ = ["Conflict", "Immutable", "carried_over", "conflicts", "rules_of", "shown"]
