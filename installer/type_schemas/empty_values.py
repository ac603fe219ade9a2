"""Empty strings where a schema has no string."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from installer.json_access import JsonObject
    from installer.type_schemas.schemas import TypeSchema

_NULLABLE: Final = {"BooleanType", "IntegerType", "ObjectType", "DiscriminatedObjectType", "ArrayType"}


def without_empty(schema: TypeSchema, body: JsonObject) -> JsonObject:
    """The body without members that are `""` where a boolean, number, object or array belongs.

    Newtonsoft.Json reads such a string as null (JsonSerializerInternalReader.CoerceEmptyStringToNull: "convert empty string to
    null automatically for nullable types"), so a provider on .NET takes the member as not given.
    """
    return schema.with_members(body, lambda kind, _flags, value: value != "" or kind.get("$type") not in _NULLABLE)
