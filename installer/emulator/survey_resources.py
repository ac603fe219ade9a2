"""Resources of a survey as they are stored: nested children as separate resources, and the groups that contain them.

A survey holds unchanged bodies of GETs. Azure shows subnets and peerings inside their network; the state keeps them apart. A
resource proves that its group exists, even if the survey does not list the group; where the group is remains unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.json_access import as_object, as_text, objects_of
from installer.resource_id import GROUP_TYPE, group_of, parse_id, subscription_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from installer.json_access import JsonObject

_CHILDREN: Final = {"microsoft.network/virtualnetworks": ("subnets", "virtualNetworkPeerings")}


def stored(views: Iterable[JsonObject]) -> Iterator[JsonObject]:
    """Every resource once; a separate body counts more than the one inside its parent."""
    every = list(views)
    listed = {as_text(view.get("id")).lower() for view in every}
    implied: dict[str, JsonObject] = {}
    for view in every:
        parent, children = _apart(view)
        yield parent
        yield from (child for child in children if as_text(child["id"]).lower() not in listed)
        if group := _group(as_text(view.get("id"))):
            implied.setdefault(group.lower(), {"id": group, "properties": {}})
    yield from (group for key, group in implied.items() if key not in listed)


def _apart(view: JsonObject) -> tuple[JsonObject, list[JsonObject]]:
    parsed, properties = parse_id(as_text(view.get("id"))), as_object(view.get("properties"))
    names = _CHILDREN.get(parsed.type.lower(), ()) if parsed is not None else ()
    if parsed is None or not set(names) & set(properties):
        return view, []
    children = [
        {**child, "id": as_text(child.get("id")) or f"{parsed.id}/{name}/{as_text(child.get('name'))}"}
        for name in names
        for child in objects_of(properties.get(name))
    ]
    kept = {name: value for name, value in properties.items() if name not in names}
    return {**view, "properties": kept}, children


def _group(resource_id: str) -> str:
    """ID of the group of a resource, "" for a group or what is in none."""
    parsed, group = parse_id(resource_id), group_of(resource_id)
    if parsed is None or not group or parsed.type.lower() == GROUP_TYPE.lower():
        return ""
    return f"/subscriptions/{subscription_of(resource_id)}/resourceGroups/{group}"
