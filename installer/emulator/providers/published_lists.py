"""Results of list* functions that no provider has, from the published result of the function (data/list_results.json).

Values follow the names of the members and are recognisable, as those of read_members; keys are the same at every call.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from installer.emulator.ids import derived_hex
from installer.emulator.providers import read_values
from installer.emulator.providers.data_files import load
from installer.json_access import JsonObject, as_list, as_object, member
from installer.type_schemas.schemas import TypeSchema

if TYPE_CHECKING:
    from installer.emulator.providers.provider import ProviderContext
    from installer.jsontypes import Json

_NEWEST: Final = "*"
_SECRET: Final = re.compile(r"(key|key\d|secret|password|token|value|sas|sastoken|psk)$", re.IGNORECASE)
_CONNECTION: Final = re.compile("connectionstring$", re.IGNORECASE)
_PERMISSIONS: Final = re.compile("(keyname|permissions)$", re.IGNORECASE)


def former_result(context: ProviderContext, function: str, api_version: str) -> JsonObject | None:
    """The result at an API version that answers with other members than the newest one; None at any other version."""
    numbers = _numbers(context.resource.type, function)
    version = api_version.lower()
    return _result(context, function, numbers[version]) if version in numbers and version != _NEWEST else None


def result(context: ProviderContext, function: str) -> JsonObject | None:
    """The result of a function at its newest version; None if the type has no such function."""
    number = _numbers(context.resource.type, function).get(_NEWEST)
    return None if number is None else _result(context, function, number)


def _numbers(resource_type: str, function: str) -> dict[str, Json]:
    functions = as_object(member(load("list_results"), "functions", resource_type.lower()))
    return {version.lower(): number for version, number in as_object(functions.get(function.lower())).items()}


def _result(context: ProviderContext, function: str, number: Json) -> JsonObject:
    return as_object(_value(context, function.lower(), "", number))


def _value(context: ProviderContext, path: str, name: str, number: Json) -> Json:
    """A value of a kind; a list has one item, or none if the kind of its items is unknown."""
    schema = _schema()
    kind = schema.kind(number)
    match kind.get("$type"):
        case "ObjectType":
            members = schema.spelled(kind, {})
            values = {one: _value(context, f"{path}/{one}", one, entry[0]) for one, entry in members.items()}
            return {one: value for one, value in values.items() if value is not None and one.lower() != "nextlink"}
        case "ArrayType":
            item = _value(context, f"{path}/0", name, kind["itemType"]) if "itemType" in kind else None
            return [] if item is None else [item]
        case "StringType":
            return _text(context, path, name)
    elements = [schema.kind(one) for one in as_list(kind.get("elements"))]
    return read_values.scalar(context, context.id, name, kind, elements)


def _text(context: ProviderContext, path: str, name: str) -> str:
    key = f"rehearsal-{derived_hex(context.id, path, 32)}"
    if _CONNECTION.search(name):
        return f"Endpoint=https://{context.leaf.lower()}.rehearsal.invalid/;AccessKey={key}"
    if _PERMISSIONS.search(name) or not _SECRET.search(name):
        return read_values.text_of(context, context.id, name)
    return key


@cache
def _schema() -> TypeSchema:
    return TypeSchema(as_list(member(load("list_results"), "types")), 0)
