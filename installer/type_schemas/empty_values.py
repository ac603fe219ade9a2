"""Empty strings where a schema has no string."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.json_access import as_object

if TYPE_CHECKING:
    from installer.json_access import JsonObject
    from installer.jsontypes import Json
    from installer.type_schemas.schemas import TypeSchema

_NULLABLE: Final = {"BooleanType", "IntegerType", "ObjectType", "DiscriminatedObjectType", "ArrayType"}


def without_empty(schema: TypeSchema, body: JsonObject) -> JsonObject:
    """The body without members that are `""` where a boolean, number, object or array belongs.

    Newtonsoft.Json reads such a string as null (JsonSerializerInternalReader.CoerceEmptyStringToNull: "convert empty string to
    null automatically for nullable types"), so a provider on .NET takes the member as not given.
    """
    return as_object(_given(schema, schema.body, body))


def _given(schema: TypeSchema, number: Json, value: Json) -> Json:
    kind = schema.kind(number)
    if isinstance(value, list) and kind.get("$type") == "ArrayType":
        return [_given(schema, kind.get("itemType"), item) for item in value]
    if not isinstance(value, dict) or kind.get("$type") not in ("ObjectType", "DiscriminatedObjectType"):
        return value
    known = schema.members(kind, value)
    kept: JsonObject = {}
    for name, item in value.items():
        inner, _ = known.get(name.lower(), (kind.get("additionalProperties"), 0))
        if item != "" or schema.kind(inner).get("$type") not in _NULLABLE:
            kept[name] = _given(schema, inner, item)
    return kept
