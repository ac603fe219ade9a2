"""Evaluates the condition of a policy rule on a resource: fields, aliases, logical operators."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from installer.emulator.ids import normalised_location
from installer.json_access import JsonObject, as_list, as_object, as_text, member

if TYPE_CHECKING:
    from installer.jsontypes import Json

_TOP = {"name", "type", "kind", "location", "id", "fullname", "identity.type", "sku.name", "sku.tier"}


def applies(condition: JsonObject, resource: JsonObject) -> bool:
    """Whether a rule's `if` is true for a resource; unsupported conditions are false."""
    if "allOf" in condition:
        return all(applies(as_object(item), resource) for item in as_list(condition["allOf"]))
    if "anyOf" in condition:
        return any(applies(as_object(item), resource) for item in as_list(condition["anyOf"]))
    if "not" in condition:
        return not applies(as_object(condition["not"]), resource)
    if "field" in condition:
        values = field_values(resource, as_text(condition["field"]))
        operators = {name: item for name, item in condition.items() if name != "field"}
        return all(_holds(name, values, item) for name, item in operators.items())
    if "value" in condition:
        operators = {name: item for name, item in condition.items() if name != "value"}
        return all(_holds(name, [condition["value"]], item) for name, item in operators.items())
    return False


def field_values(resource: JsonObject, field: str) -> list[Json]:
    """The values of a field: none, one, or (for an alias with [*]) one for each element."""
    lowered = field.lower()
    if lowered in _TOP:
        value = member(resource, *field.split("."))
        return [] if value is None else [value]
    if lowered == "tags":
        return [as_object(resource.get("tags"))]
    for opening, closing in (("tags[", "]"), ("tags.", "")):
        if lowered.startswith(opening):
            name = field[len(opening) : len(field) - len(closing)].strip("'\"")
            value = member(as_object(resource.get("tags")), name)
            return [] if value is None else [value]
    kind = as_text(resource.get("type")).lower()
    if not lowered.startswith(f"{kind}/"):
        return []
    path = field[len(kind) + 1 :].replace("[*]", ".*").split(".")
    return _at(resource.get("properties"), path) or _at(resource, path)


def _at(value: Json, path: list[str]) -> list[Json]:
    if not path:
        return [] if value is None else [value]
    if path[0] == "*":
        return [found for item in as_list(value) for found in _at(item, path[1:])]
    return _at(member(value, path[0]), path[1:])


def _holds(operator: str, values: list[Json], wanted: Json) -> bool:
    """An operator on a field; all of its values have to satisfy it."""
    name = operator.lower()
    if name == "exists":
        return bool(values) == (str(wanted).lower() == "true")
    negative = name.startswith("not")
    positive = name.removeprefix("not")
    if not values:
        return negative
    hits = [_hit(positive, value, wanted) for value in values]
    return all(not hit for hit in hits) if negative else all(hits)


def _hit(operator: str, value: Json, wanted: Json) -> bool:
    match operator:
        case "equals":
            return _same(value, wanted)
        case "in":
            return any(_same(value, item) for item in as_list(wanted))
        case "like":
            return fnmatchcase(str(value).lower(), str(wanted).lower())
        case "contains":
            return str(wanted).lower() in str(value).lower()
        case "containskey":
            return str(wanted).lower() in {name.lower() for name in as_object(value)}
        case "greater" | "less" | "greaterorequals" | "lessorequals":
            return _ordered(operator, value, wanted)
        case _:
            return False


def _same(value: Json, wanted: Json) -> bool:
    first, second = str(value).lower(), str(wanted).lower()
    return first == second or normalised_location(first) == normalised_location(second)


def _ordered(operator: str, value: Json, wanted: Json) -> bool:
    if not isinstance(value, int | float) or not isinstance(wanted, int | float):
        return False
    above = value > wanted if operator.startswith("greater") else value < wanted
    return above or (operator.endswith("orequals") and value == wanted)
