"""Generic list* functions: made-up keys and connection strings, declared in data/lists.json."""

from __future__ import annotations

from functools import cache, reduce
from typing import TYPE_CHECKING

from installer.emulator.ids import derived_hex
from installer.emulator.providers.data_files import load
from installer.json_access import as_object, member
from installer.resource_id import name_of, parent_id_of, top_level_id_of

if TYPE_CHECKING:
    from installer.emulator.state.resources import Resource
    from installer.json_access import JsonObject
    from installer.jsontypes import Json


def listed(resource: Resource, function: str) -> JsonObject | None:
    """The response of a list* function, the same at every call; None if the type has no such function."""
    shape = _shapes().get((resource.type.lower(), function.lower()))
    return None if shape is None else as_object(_filled(shape, resource, function.lower()))


def _filled(shape: Json, resource: Resource, path: str) -> Json:
    if isinstance(shape, dict):
        return {name: _filled(item, resource, f"{path}/{name}") for name, item in shape.items()}
    if isinstance(shape, list):
        return [_filled(item, resource, f"{path}/{place}") for place, item in enumerate(shape)]
    if not isinstance(shape, str):
        return shape
    parent, top = name_of(parent_id_of(resource.id)), name_of(top_level_id_of(resource.id))
    key = f"rehearsal-{derived_hex(resource.id, path, 32)}"
    texts = {"{key}": key, "{name}": resource.name, "{parent}": parent, "{top}": top}
    return reduce(lambda text, mark: text.replace(mark, texts[mark]), texts, shape)


@cache
def _shapes() -> dict[tuple[str, str], Json]:
    functions = as_object(member(load("lists"), "functions"))
    return {
        (kind, function): shape for kind, shapes in functions.items() for function, shape in as_object(shapes).items()
    }
