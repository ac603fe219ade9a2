"""Types that take tags and a location, the only ones that mode Indexed judges."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from installer.type_schemas.schemas import members_of

if TYPE_CHECKING:
    from installer.json_access import JsonObject

_UNTRACKED = {
    "microsoft.resources/subscriptions",
    "microsoft.resources/subscriptions/resourcegroups",
    "microsoft.insights/diagnosticsettings",  # only its version of 2016 had a location
}


def takes_tags_and_location(resource_type: str, content: JsonObject) -> bool:
    """Whether a type takes tags and a location; the body decides for a type whose schema is unknown."""
    key = resource_type.lower()
    if key in _UNTRACKED:
        return False
    known = _by_schema(key)
    if known is not None:
        return known
    return {"location", "tags"} & {name.lower() for name in content} != set()


@cache
def _by_schema(resource_type: str) -> bool | None:
    members = members_of(resource_type)
    return None if not members else {"location", "tags"} <= members
