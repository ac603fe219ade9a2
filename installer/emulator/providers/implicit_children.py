"""Children that no request has written: those that Azure creates with their parent, and elements of its arrays.

The former are in data/implicit_children.json, with their sources. The latter are resources as well where the array has the name of
a published type of children: a rule of a network security group, a route, a pool of a load balancer.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from installer.emulator.providers.agent_pools import inline_pool
from installer.emulator.providers.data_files import load
from installer.emulator.providers.read_members import is_published
from installer.emulator.providers.web import CONFIGURATIONS, initial_configuration
from installer.emulator.state.resources import Resource
from installer.json_access import JsonObject, as_list, as_object, as_text, member, objects_of
from installer.resource_id import ResourceId, parse_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from installer.emulator.state.resources import Resources
    from installer.jsontypes import Json

    View = Callable[[Resource], JsonObject]

_POOLS: Final = "microsoft.containerservice/managedclusters/agentpools"
_FRAME: Final = frozenset({"id", "name", "type", "etag"})


def implicit_child(resources: Resources, parsed: ResourceId, view: View) -> Resource | None:
    """A child that exists with its parent only, or None; `view` shows the parent as a read does."""
    if parsed.parent is None:
        return None
    parent = resources.get(parsed.parent.id) or implicit_child(resources, parsed.parent, view)
    if parent is None:
        return None
    return _created_with(parsed, parent) or inline_pool(parsed, parent) or _element(parsed, parent, view)


def implicit_children(resources: Resources, parent: Resource, resource_type: str, view: View) -> list[Resource]:
    """The children of a type that exist with their parent only; those that were written are left out."""
    segment = resource_type.rpartition("/")[2]
    if resource_type.lower() == _POOLS:
        names = [
            as_text(one.get("name")) for one in objects_of(member(parent.desired, "properties", "agentPoolProfiles"))
        ]
    else:
        names = [*as_object(_entry(resource_type).get("names")), *_elements(resource_type, parent, view)]
    wanted = [f"{parent.id}/{segment}/{name}" for name in names if name]
    parsed = [one for one in map(parse_id, wanted) if one is not None and resources.get(one.id) is None]
    return [found for one in parsed if (found := implicit_child(resources, one, view)) is not None]


def _created_with(parsed: ResourceId, parent: Resource) -> Resource | None:
    """A child that Azure creates with its parent."""
    entry = _entry(parsed.type)
    names = as_object(entry.get("names"))
    name = next((one for one in names if one.lower() == parsed.names[-1].lower()), None)
    pattern = as_text(entry.get("pattern"))
    if name is None and pattern and re.fullmatch(pattern, parsed.names[-1]):
        return _child(parsed, parent, {"properties": as_object(entry.get("properties"))})
    if name is None:
        return None
    properties = as_object(_filled(as_object(names[name]), parent.id))
    if parsed.type.lower() in CONFIGURATIONS:
        properties = {**properties, **initial_configuration(parent, name)}
    kept = {key: parent.desired[key] for key in map(as_text, as_list(entry.get("copied"))) if key in parent.desired}
    return _child(parsed, parent, {**kept, "properties": properties})


def _element(parsed: ResourceId, parent: Resource, view: View) -> Resource | None:
    for name, element in _elements(parsed.type, parent, view).items():
        if name.lower() == parsed.names[-1].lower():
            rest = {key: value for key, value in element.items() if key not in _FRAME}
            return _child(parsed, parent, rest if "properties" in rest else {"properties": rest})
    return None


def _elements(resource_type: str, parent: Resource, view: View) -> dict[str, JsonObject]:
    """Elements of the parent's properties that are children of a type, by their names."""
    if path := _objects().get(resource_type.lower()):
        return {name: as_object(one) for name, one in as_object(member(parent.desired, "properties", *path)).items()}
    if not is_published(resource_type):
        return {}
    segment = resource_type.rpartition("/")[2].lower()
    arrays = [value for name, value in as_object(view(parent).get("properties")).items() if name.lower() == segment]
    return {as_text(one["name"]): one for array in arrays for one in objects_of(array) if as_text(one.get("name"))}


def _child(parsed: ResourceId, parent: Resource, desired: JsonObject) -> Resource:
    moments = (parent.created, parent.changed)
    return Resource(
        parsed.id, parsed.type, parsed.names[-1], parent.api_version, parent.state, *moments, desired=desired
    )


def _filled(value: Json, parent: str) -> Json:
    if isinstance(value, dict):
        return {name: _filled(item, parent) for name, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, parent) for item in value]
    return value.replace("{parent}", parent) if isinstance(value, str) else value


@cache
def _entries() -> dict[str, JsonObject]:
    return {
        name.lower(): as_object(entry) for name, entry in as_object(member(load("implicit_children"), "types")).items()
    }


def _entry(resource_type: str) -> JsonObject:
    return _entries().get(resource_type.lower(), {})


@cache
def _objects() -> dict[str, list[str]]:
    elements = as_object(member(load("implicit_children"), "elements"))
    return {name.lower(): [as_text(step) for step in as_list(path)] for name, path in elements.items()}
