"""Small helpers to read and merge JSON of unknown shape without guessing."""

from __future__ import annotations

from installer.jsontypes import Json

JsonObject = dict[str, Json]


def as_object(value: Json) -> JsonObject:
    """The value when it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: Json) -> list[Json]:
    """The value when it is an array, else an empty one."""
    return value if isinstance(value, list) else []


def objects_of(value: Json) -> list[JsonObject]:
    """The objects in an array; items of other types are dropped, and anything but an array gives an empty list."""
    return [item for item in as_list(value) if isinstance(item, dict)]


def as_text(value: Json, default: str = "") -> str:
    """The value when it is a string, else the default."""
    return value if isinstance(value, str) else default


def member(value: Json, *path: str) -> Json:
    """The member at a path of names (ignoring case, as ARM does), or None where something is missing."""
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value[name] if name in value else _ignoring_case(value, name)
    return value


def _ignoring_case(value: JsonObject, name: str) -> Json:
    wanted = name.lower()
    return next((item for key, item in value.items() if key.lower() == wanted), None)


def merged(base: JsonObject, over: JsonObject) -> JsonObject:
    """Both objects in one: objects are merged deeply, anything else is taken from `over`."""
    result = dict(base)
    for key, value in over.items():
        before = result.get(key)
        result[key] = merged(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return result


def strings(values: list[str]) -> list[Json]:
    """The same list, typed as JSON."""
    return list(values)
