"""Published schemas of resource types: required, optional and read-only members of a body.

data/ holds a file per namespace in the format of Microsoft's Bicep types (their facts; descriptions left out):
numbers are positions in the list of types of the same file. Types and versions that are not listed are not checked, as
real providers accept unlisted properties.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

from installer.json_access import JsonObject, as_list, as_object, as_text, member
from installer.shipped_files import type_schemas

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from installer.jsontypes import Json

REQUIRED: Final = 1
READ_ONLY: Final = 2
IDENTIFIES: Final = 16
_ENVELOPE: Final = frozenset({"id", "name", "type", "apiversion", "scope", "systemdata"})

_KINDS: Final = {"IntegerType": "an integer", "BooleanType": "true or false", "StringType": "a string"}

Fault = Literal["missing", "unknown", "not allowed", "wrong kind", "out of bounds"]


@dataclass(frozen=True)
class SchemaError:
    """A problem at one path of a body.

    Attributes:
        fault: The kind of problem.
        path: The dotted path, with indices.
        value: The offending value.
        allowed: What the schema allows instead; empty if it cannot be listed.
        owner: The name of the object type around an unknown member.

    """

    fault: Fault
    path: str
    value: Json = None
    allowed: tuple[str, ...] = ()
    owner: str = ""


@dataclass(frozen=True)
class TypeSchema:
    """The schema of a type's body at one API version."""

    types: list[Json]
    body: int

    def problems(self, name: str, body: JsonObject) -> list[SchemaError]:
        """All problems of the body of a resource; `name` is the last segment of its name."""
        return list(self._check(self.body, {**body, "name": name}, ""))

    def writable(self, name: str, body: JsonObject) -> JsonObject:
        """The body without read-only members, which providers ignore."""
        kept = self.with_members({**body, "name": name}, lambda _kind, flags, _value: not flags & READ_ONLY)
        return {key: value for key, value in kept.items() if key in body}

    def with_members(self, body: JsonObject, keep: Callable[[JsonObject, int, Json], bool]) -> JsonObject:
        """The body with the members, at any depth, for which `keep` (type, flags and value of a member) is true."""
        return as_object(self._kept(self.body, body, keep))

    def has(self, path: tuple[str, ...]) -> bool:
        """Whether the schema has a member at a path of names, or may have any there; `[*]` is an element."""
        kind = self.kind(self.body)
        for name in path:
            if kind.get("$type") == "ArrayType" and name == "[*]":
                kind = self.kind(kind.get("itemType"))
                continue
            if kind.get("$type") != "ObjectType" or "additionalProperties" in kind:
                return True
            found = self.members(kind, {}).get(name.lower())
            inner = self.members(kind, {}).get("properties")
            if found is None and inner is not None:
                found = self.members(self.kind(inner[0]), {}).get(name.lower())
            if found is None:
                return False
            kind = self.kind(found[0])
        return True

    # -- reading the file ------------------------------------------------------------------------------------------

    def kind(self, number: Json) -> JsonObject:
        """The type with a number of this file; `{}` for none."""
        return as_object(self.types[number]) if isinstance(number, int) else {}

    def spelled(self, kind: JsonObject, value: JsonObject) -> dict[str, tuple[Json, int]]:
        """Type and flags by name, including those of the chosen variant of a discriminated object."""
        found = as_object(kind.get("properties") or kind.get("baseProperties"))
        if kind.get("$type") == "DiscriminatedObjectType" and (variant := self._variant(kind, value)):
            found = {**found, **as_object(variant.get("properties"))}
        listed = {name: as_list(entry) for name, entry in found.items()}
        return {n: (e[0], flags) for n, e in listed.items() if len(e) > 1 and isinstance(flags := e[1], int)}

    def members(self, kind: JsonObject, value: JsonObject) -> dict[str, tuple[Json, int]]:
        """Type and flags by lower-case name."""
        return {name.lower(): entry for name, entry in self.spelled(kind, value).items()}

    def _variant(self, kind: JsonObject, value: JsonObject) -> JsonObject | None:
        chosen = as_text(_get(value, as_text(kind.get("discriminator")))).lower()
        variants = {name.lower(): number for name, number in as_object(kind.get("elements")).items()}
        return self.kind(variants[chosen]) if chosen in variants else None

    # -- checking --------------------------------------------------------------------------------------------------

    def _check(self, number: Json, value: Json, path: str) -> Iterator[SchemaError]:
        kind = self.kind(number)
        match kind.get("$type"):
            case "ObjectType" | "DiscriminatedObjectType":
                yield from self._object(kind, value, path)
            case "ArrayType":
                if not isinstance(value, list):
                    yield SchemaError("wrong kind", path, value, ("an array",))
                    return
                for index, item in enumerate(value):
                    yield from self._check(kind.get("itemType"), item, f"{path}[{index}]")
            case "UnionType":
                yield from self._union(kind, value, path)
            case "IntegerType" | "BooleanType" | "StringType":
                yield from _scalar(kind, value, path)

    def _object(self, kind: JsonObject, value: Json, path: str) -> Iterator[SchemaError]:
        if not isinstance(value, dict):
            yield SchemaError("wrong kind", path, value, ("an object",))
            return
        if kind.get("$type") == "DiscriminatedObjectType" and self._variant(kind, value) is None:
            name = as_text(kind.get("discriminator"))
            given = _get(value, name)
            allowed = tuple(as_object(kind.get("elements")))
            if path or name.lower() != "name":  # nothing is known about a resource whose name is not listed
                yield SchemaError("missing" if given is None else "not allowed", _join(path, name), given, allowed)
            return
        known = self.members(kind, value)
        given_names = {name.lower() for name, item in value.items() if item is not None}
        spelled = as_object(kind.get("properties") or kind.get("baseProperties"))
        for name in spelled:
            number, flags = known[name.lower()]
            if flags & REQUIRED and not flags & (READ_ONLY | IDENTIFIES) and name.lower() not in given_names:
                yield SchemaError("missing", _join(path, name))
        for name, item in value.items():
            if item is None or (not path and name.lower() in _ENVELOPE):
                continue
            if name.lower() in known:
                number, flags = known[name.lower()]
                if not flags & READ_ONLY:
                    yield from self._check(number, item, _join(path, name))
            elif "additionalProperties" in kind:
                yield from self._check(kind["additionalProperties"], item, _join(path, name))
            else:
                yield SchemaError("unknown", _join(path, name), item, tuple(spelled), as_text(kind.get("name")))

    def _union(self, kind: JsonObject, value: Json, path: str) -> Iterator[SchemaError]:
        elements = [self.kind(number) for number in as_list(kind.get("elements"))]
        if any(element.get("$type") != "StringLiteralType" for element in elements):
            return  # open: any string, or one of several shapes
        allowed = tuple(as_text(element.get("value")) for element in elements)
        if not isinstance(value, str) or value.lower() not in {text.lower() for text in allowed}:
            yield SchemaError("not allowed", path, value, allowed)

    # -- keeping ---------------------------------------------------------------------------------------------------

    def _kept(self, number: Json, value: Json, keep: Callable[[JsonObject, int, Json], bool]) -> Json:
        kind = self.kind(number)
        if isinstance(value, list) and kind.get("$type") == "ArrayType":
            return [self._kept(kind.get("itemType"), item, keep) for item in value]
        if not isinstance(value, dict) or kind.get("$type") not in ("ObjectType", "DiscriminatedObjectType"):
            return value
        known = self.members(kind, value)
        kept: JsonObject = {}
        for name, item in value.items():
            inner, flags = known.get(name.lower(), (kind.get("additionalProperties"), 0))
            if keep(self.kind(inner), flags, item):
                kept[name] = self._kept(inner, item, keep)
        return kept


def nearest_shape(resource_type: str, api_version: str) -> TypeSchema | None:
    """The published schema of a type at a version, else at the newest known one; None for an unknown type.

    For what changes little between versions, as the kinds of members and those that are read-only.
    """
    file = _files().get(resource_type.partition("/")[0].lower())
    known = _shapes(file) if file else {}
    versions = [version for name, version in known if name == resource_type.lower()]
    if not versions:
        return None
    wanted = api_version.lower()
    return known[resource_type.lower(), wanted if wanted in versions else max(versions)]


def shape_of(resource_type: str, api_version: str) -> TypeSchema | None:
    """The published schema of a type at a version, or None if it is unknown."""
    namespace = resource_type.partition("/")[0].lower()
    file = _files().get(namespace)
    return _shapes(file).get((resource_type.lower(), api_version.lower())) if file else None


@cache
def members_of(resource_type: str) -> frozenset[str]:
    """The lower-case top-level members that can be sent, of a type's body in any version; empty for an unknown type."""
    file = _files().get(resource_type.partition("/")[0].lower())
    found: set[str] = set()
    for (name, _), shape in (_shapes(file) if file else {}).items():
        if name == resource_type.lower():
            kind = as_object(shape.types[shape.body])
            members = as_object(kind.get("properties") or kind.get("baseProperties"))
            entries = {key.lower(): as_list(entry) for key, entry in members.items()}
            found |= {key for key, entry in entries.items() if not _read_only(entry)}
    return frozenset(found)


def _read_only(entry: list[Json]) -> bool:
    flags = entry[1] if len(entry) > 1 else 0
    return isinstance(flags, int) and bool(flags & READ_ONLY)


@cache
def _files() -> dict[str, Path]:
    return type_schemas()


@cache
def _shapes(file: Path) -> dict[tuple[str, str], TypeSchema]:
    content: Json = json.loads(file.read_text(encoding="utf-8"))
    types = as_list(member(content, "types"))
    found = {}
    for name, entry in as_object(member(content, "resources")).items():
        resource_type, _, version = name.partition("@")
        body = as_object(entry).get("body")
        if isinstance(body, int):
            found[resource_type.lower(), version.lower()] = TypeSchema(types, body)
    return found


def _scalar(kind: JsonObject, value: Json, path: str) -> Iterator[SchemaError]:
    expected = as_text(kind.get("$type"))
    if isinstance(value, (dict, list)) or not _converts(expected, value):
        yield SchemaError("wrong kind", path, value, (_KINDS[expected],))
        return
    size = len(value) if expected == "StringType" and isinstance(value, str) else value
    lower, upper = kind.get("minLength", kind.get("minValue")), kind.get("maxLength", kind.get("maxValue"))
    if isinstance(size, bool) or not isinstance(size, int):
        return
    if (isinstance(lower, int) and size < lower) or (isinstance(upper, int) and size > upper):
        unit = " characters" if expected == "StringType" else ""
        limits = f"at least {lower}{unit}" if upper is None else f"{lower or 0} to {upper}{unit}"
        yield SchemaError("out of bounds", path, value, (limits,))


def _converts(expected: str, value: Json) -> bool:
    """Whether a provider's deserialiser accepts a scalar: it parses numbers and booleans from strings."""
    if expected == "BooleanType":
        return isinstance(value, bool) or (isinstance(value, str) and value.lower() in ("true", "false"))
    if expected == "IntegerType":
        return (isinstance(value, (int, float)) and not isinstance(value, bool)) or (
            isinstance(value, str) and value.lstrip("-").isdecimal()
        )
    return True


def _get(value: JsonObject, name: str) -> Json:
    return next((item for key, item in value.items() if key.lower() == name.lower()), None)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
