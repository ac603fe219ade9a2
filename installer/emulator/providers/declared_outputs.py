"""Members that data/outputs.json declares for a type: endpoints, ids and times."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from installer.emulator.clock import instant
from installer.emulator.ids import derived_guid, derived_hex
from installer.emulator.providers.data_files import load
from installer.emulator.providers.provider import defaults
from installer.json_access import JsonObject, as_object, member, merged
from installer.resource_id import group_of, name_of, parent_id_of, subscription_of

if TYPE_CHECKING:
    from installer.emulator.providers.provider import ProviderContext
    from installer.jsontypes import Json

_PLACEHOLDER = re.compile(r"\{(\w+)(?::(\w+))?\}")
_DRAWN = re.compile(r"(hex|HEX|leaf)(\d+)")


@cache
def _types() -> dict[str, JsonObject]:
    types = as_object(member(load("outputs"), "types"))
    return {name.lower(): as_object(entry) for name, entry in types.items()}


def declared(context: ProviderContext) -> JsonObject:
    """The members that the data file declares for the resource's type, filled in for this resource."""
    entry = _types().get(context.resource.type.lower())
    if entry is None:
        return {}
    missing = defaults(context.properties, as_object(_filled(entry.get("unless", {}), context)))
    return {"properties": merged(missing, as_object(_filled(entry.get("always", {}), context)))}


def _filled(value: Json, context: ProviderContext) -> Json:
    if isinstance(value, dict):
        return {name: _filled(item, context) for name, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, context) for item in value]
    if isinstance(value, str):
        return _PLACEHOLDER.sub(lambda found: _value(context, found[1], found[2] or ""), value)
    return value


def _value(context: ProviderContext, name: str, purpose: str) -> str:
    if name == "guid":
        return derived_guid(context.id, purpose)
    if name == "octet":
        return str(octet(context.id, purpose))
    if drawn := _DRAWN.fullmatch(name):
        length = int(drawn[2])
        if drawn[1] == "leaf":
            return context.leaf[:length]
        digits = derived_hex(context.id, purpose, 32) + derived_hex(context.id, f"{purpose}:more", 32)
        return digits[:length].upper() if drawn[1] == "HEX" else digits[:length]
    return {
        "leaf": context.leaf,
        "id": context.id,
        "location": context.location,
        "group": group_of(context.id),
        "subscription": subscription_of(context.id),
        "tenant": context.tenant_id,
        "parent": name_of(parent_id_of(context.id)),
        "created": instant(context.resource.created),
        "changed": instant(context.resource.changed),
    }[name]


def octet(resource_id: str, purpose: str) -> int:
    """The last octet of an address: 1 to 254, always the same for a resource."""
    return int(derived_hex(resource_id, purpose, 4), 16) % 254 + 1
