"""Members that a read shows and no request sends, from the published schema of the type.

`complete` adds what providers and data/outputs.json do not know: read-only members of a resource and of its parts, and ids of
the children in arrays of network resources. Values follow the names of the members and are recognisable: host names end in
`.invalid` (RFC 2606), addresses are those of RFC 5737, other texts name the embedded Azure. As in Azure, some members are absent:
errors, deletions, secondary regions and processes that are not in progress, and resources that refer to this one.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from installer.emulator.ids import derived_etag
from installer.emulator.providers import read_values
from installer.emulator.providers.data_files import load
from installer.emulator.providers.network_parts import assigned_address, back_references, child_id
from installer.json_access import JsonObject, as_list, as_object, as_text, member
from installer.type_schemas.schemas import READ_ONLY, TypeSchema, nearest_shape

if TYPE_CHECKING:
    from installer.emulator.providers.provider import ProviderContext
    from installer.jsontypes import Json

_NETWORK: Final = "microsoft.network/"
_RESOURCE_MANAGER: Final = ("microsoft.authorization/", "microsoft.resources/")
"""Namespaces of Resource Manager itself, whose members are all served by this emulator."""
_MAX_DEPTH: Final = 4
_OBJECTS: Final = frozenset({"ObjectType", "DiscriminatedObjectType"})


def complete(context: ProviderContext, view: JsonObject) -> JsonObject:
    """A resource as a read shows it, with the read-only members that it lacks; members that exist stay as they are."""
    schema = _schema(context.resource.type, context.resource.api_version)
    if schema is None or context.resource.under_way or context.resource.type.lower().startswith(_RESOURCE_MANAGER):
        return view
    entry = schema.spelled(schema.kind(schema.body), view).get("properties")
    if entry is None:
        return view
    filler = _Filler(context, schema, deep=nearest_shape(context.resource.type, "") is None)
    return {**view, "properties": filler.completed(entry[0], as_object(view.get("properties")), context.id, "")}


def is_published(resource_type: str) -> bool:
    """Whether Microsoft's published types have a type."""
    return _schema(resource_type, "") is not None or resource_type.lower() in _without_members()


@cache
def _without_members() -> frozenset[str]:
    return frozenset(as_text(name).lower() for name in as_list(member(load("read_members"), "others")))


def _schema(resource_type: str, api_version: str) -> TypeSchema | None:
    return nearest_shape(resource_type, api_version) or _further().get(resource_type.lower())


@cache
def _further() -> dict[str, TypeSchema]:
    """Schemas of types that requests are not checked against, for reads only."""
    content = load("read_members")
    types = as_list(member(content, "types"))
    found = {}
    for name, entry in as_object(member(content, "resources")).items():
        body = as_object(entry).get("body")
        if isinstance(body, int):
            found[name.partition("@")[0].lower()] = TypeSchema(types, body)
    return found


class _Filler:
    """Completes the parts of one resource; `deep`: also objects that it lacks and that have read-only members."""

    def __init__(self, context: ProviderContext, schema: TypeSchema, *, deep: bool) -> None:
        self._context = context
        self._schema = schema
        self._deep = deep
        self._network = context.resource.type.lower().startswith(_NETWORK)

    def completed(self, number: Json, value: JsonObject, owner: str, path: str) -> JsonObject:
        """An object with its read-only members; `owner` is the id of the resource or child that it is a part of."""
        kind = self._schema.kind(number)
        if kind.get("$type") not in _OBJECTS:
            return value
        result = dict(value)
        if "additionalProperties" in kind:
            result |= {
                name: self._named(kind["additionalProperties"], item, owner, path) for name, item in value.items()
            }
        present = {name.lower(): name for name in value}
        for name, (inner, flags) in self._schema.spelled(kind, value).items():
            own = present.get(name.lower())
            place = f"{path}.{name}" if path else name
            if own is not None:
                result[own] = self._part(inner, value[own], owner, place)
            elif flags & READ_ONLY and name != "provisioningState":
                derived = self._derived(name, inner, owner, 0)
                if derived is not None:
                    result[name] = derived
            elif self._deep and not read_values.conditional(name):
                shown = self.completed(inner, {}, owner, place)
                if shown:
                    result[name] = shown
        return result

    def _named(self, number: Json, value: Json, owner: str, path: str) -> Json:
        """A member whose name the request chose; one that is switched off gets nothing."""
        return value if member(value, "enabled") is False else self._part(number, value, owner, path)

    def _part(self, number: Json, value: Json, owner: str, path: str) -> Json:
        kind = self._schema.kind(number)
        if isinstance(value, dict):
            refers = self._network and "id" in value and "name" not in value
            return value if refers else self.completed(number, value, owner, path)
        if isinstance(value, list) and kind.get("$type") == "ArrayType":
            element = kind.get("itemType")
            return [self._element(element, item, owner, path) for item in value]
        return value

    def _element(self, number: Json, value: Json, owner: str, path: str) -> Json:
        if not isinstance(value, dict):
            return value
        known = self._schema.members(self._schema.kind(number), value)
        if not self._network or not {"id", "name"} <= set(known):
            return self.completed(number, value, owner, path)
        name = as_text(value.get("name"))
        return self._child(number, value, child_id(self._context.resource.type, owner, path, name)) if name else value

    def _child(self, number: Json, value: JsonObject, own: str) -> JsonObject:
        """An element that is a resource below this one: it has an id, a tag and a state."""
        known = self._schema.spelled(self._schema.kind(number), value)
        added: JsonObject = {"name": value.get("name"), "id": own}
        if "etag" in known:
            added["etag"] = derived_etag(self._context.resource.id, self._context.resource.changed)
        if "type" in known and known["type"][1] & READ_ONLY:
            added["type"] = f"{self._context.resource.type}/{own.rpartition('/')[0].rpartition('/')[2]}"
        inner = known.get("properties")
        merged = {**added, **value}
        if inner is None:
            return self.completed(number, merged, own, "")
        properties = self.completed(inner[0], as_object(value.get("properties")), own, "")
        parts = self._schema.spelled(self._schema.kind(inner[0]), properties)
        state: JsonObject = {"provisioningState": self._context.resource.state} if "provisioningState" in parts else {}
        addressed = assigned_address(self._context, own, properties, parts)
        found = back_references(
            self._context.properties, own, [name for name, entry in parts.items() if entry[1] & READ_ONLY]
        )
        merged["properties"] = {**state, **addressed, **properties, **found}
        return merged

    def _derived(self, name: str, number: Json, owner: str, depth: int) -> Json:
        """A value of a read-only member; None where Azure would show none."""
        kind = self._schema.kind(number)
        if kind.get("$type") not in _OBJECTS:
            elements = [self._schema.kind(one) for one in as_list(kind.get("elements"))]
            return read_values.scalar(self._context, owner, name, kind, elements)
        known = self._schema.spelled(kind, {})
        if depth >= _MAX_DEPTH or read_values.conditional(name) or "id" in known:
            return None
        members = {inner: self._derived(inner, entry[0], owner, depth + 1) for inner, entry in known.items()}
        return {inner: value for inner, value in members.items() if value is not None}
