"""Read and merge JSON of unknown shape. Ground module without heavy imports."""

from __future__ import annotations

import json

from installer.jsontypes import Json
from installer.sanitize import MAX_DEPTH

JsonObject = dict[str, Json]


class TooDeep(ValueError):
    """JSON that is nested deeper than any answer of a service."""


def parsed(text: str | bytes) -> Json:
    """JSON from outside. Raises ValueError if it is none, TooDeep if it is nested too deeply."""
    try:
        found: Json = json.loads(text)
    except RecursionError:
        raise TooDeep from None
    if deeper_than(found, MAX_DEPTH):
        raise TooDeep
    return found


def as_object(value: Json) -> JsonObject:
    """The value if it is an object, else an empty object."""
    return value if isinstance(value, dict) else {}


def as_list(value: Json) -> list[Json]:
    """The value if it is an array, else an empty array."""
    return value if isinstance(value, list) else []


def objects_of(value: Json) -> list[JsonObject]:
    """The objects in an array, without items of other types; empty if the value is not an array."""
    return [item for item in as_list(value) if isinstance(item, dict)]


def unpaged(value: Json) -> list[JsonObject]:
    """The objects in an array; a list as Azure returns it (`value`, `nextLink`) counts as its items."""
    return [item for found in objects_of(value) for item in (objects_of(found["value"]) if is_page(found) else [found])]


def is_page(value: JsonObject) -> bool:
    """Whether an object is a list as Azure returns it, not a resource."""
    return isinstance(value.get("value"), list) and "id" not in value


def deeper_than(value: Json, levels: int) -> bool:
    """Whether containers are nested more than so many levels deep; found without recursion."""
    level: list[Json] = [value]
    for _ in range(levels + 1):
        level = [
            item
            for found in level
            if isinstance(found, list | dict)
            for item in (found.values() if isinstance(found, dict) else found)
        ]
    return any(isinstance(item, list | dict) for item in level)


def as_text(value: Json, default: str = "") -> str:
    """The value if it is a string, else the default."""
    return value if isinstance(value, str) else default


def member(value: Json, *path: str) -> Json:
    """The member at a path of names, case-insensitive like ARM; None if any part is missing."""
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value[name] if name in value else _ignoring_case(value, name)
    return value


def _ignoring_case(value: JsonObject, name: str) -> Json:
    wanted = name.lower()
    return next((item for key, item in value.items() if key.lower() == wanted), None)


def merged(base: JsonObject, over: JsonObject) -> JsonObject:
    """Merge two objects: objects are merged deeply, any other value of `over` wins."""
    result = dict(base)
    for key, value in over.items():
        before = result.get(key)
        result[key] = merged(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return result


def strings(values: list[str]) -> list[Json]:
    """The list, typed as JSON."""
    return list(values)
