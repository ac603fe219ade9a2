"""Microsoft.Resources: the tags resource, whose tags are those of the resource it extends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.providers.provider import ProviderContext, ProviderHooks
from installer.emulator.providers.tag_rules import check_tags
from installer.json_access import as_object
from installer.resource_id import extended_id_of

if TYPE_CHECKING:
    from installer.emulator.state.resources import Resources
    from installer.json_access import JsonObject

TAGS_TYPE = "Microsoft.Resources/tags"


def tags_of(resources: Resources, scope_id: str) -> JsonObject:
    """The tags of a resource, a group, or (stored as a separate resource) of a subscription."""
    holder = resources.get(scope_id)
    if holder is not None:
        return as_object(holder.desired.get("tags"))
    own = resources.get(f"{scope_id}/providers/{TAGS_TYPE}/default")
    return as_object(as_object(own.desired.get("properties")).get("tags")) if own else {}


def tags_body(resources: Resources, scope_id: str) -> JsonObject:
    """The tags of a scope as a resource, which exists with the scope: learn.microsoft.com/rest/api/resources/tags."""
    return {
        "id": f"{scope_id}/providers/{TAGS_TYPE}/default",
        "name": "default",
        "type": TAGS_TYPE,
        "properties": {"tags": tags_of(resources, scope_id)},
    }


def set_tags(resources: Resources, scope_id: str, tags: JsonObject, moment: float) -> None:
    """Sets the tags of the resource or group at a scope, if it exists."""
    holder = resources.get(scope_id)
    if holder is not None:
        holder.desired["tags"] = tags
        holder.changed = moment
        resources.save(holder)


def _check(context: ProviderContext) -> None:
    holder = context.resources.get(extended_id_of(context.id))
    check_tags(holder.type if holder else "", context.properties.get("tags"))


def _after_write(context: ProviderContext) -> None:
    set_tags(
        context.resources,
        extended_id_of(context.id),
        as_object(context.properties.get("tags")),
        context.resource.changed,
    )


HOOKS = {TAGS_TYPE: ProviderHooks(check=_check, after_write=_after_write, immediate=True)}
