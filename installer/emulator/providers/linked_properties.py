"""Refuses a reference to another resource that is no resource ID, as ARM does before it asks the provider.

Templates leave such a reference empty where an optional part is not deployed: the member has to be absent or null instead.
data/linked_properties.json has the references and reports of the refusal.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING, Final

from installer.emulator.errors import ArmError
from installer.emulator.providers.data_files import load
from installer.json_access import as_list, as_text, member

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.emulator.state.resources import Resource
    from installer.jsontypes import Json

_STARTS: Final = ("/subscriptions/", "/providers/")


def check_linked_properties(resource: Resource) -> None:
    """Refuse a resource with a reference that is no resource ID (ArmError 400)."""
    for path, value in _references(resource):
        if isinstance(value, str) and not value.lower().startswith(_STARTS):
            raise ArmError(
                400,
                "LinkedInvalidPropertyId",
                f"Property id '{value}' at path '{path}' is invalid. Expect fully qualified resource Id that start with "
                "'/subscriptions/{subscriptionId}' or '/providers/{resourceProviderNamespace}/'.",
            )


def _references(resource: Resource) -> Iterator[tuple[str, Json]]:
    """Paths and values of the references to linked resources."""
    objects, values = _linked(resource.type, "objects"), _linked(resource.type, "values")
    for path, name, value in _members(resource.desired.get("properties"), "properties"):
        if name in objects:
            yield f"{path}.id", member(value, "id")
        elif name in values:
            yield path, value
            yield from ((f"{path}[{number}]", item) for number, item in enumerate(as_list(value)))


@cache
def _linked(resource_type: str, how: str) -> frozenset[str]:
    """Lower-case names of members of a type that are objects with an `id`, or whose values are IDs."""
    rows = [row for row in as_list(load("linked_properties")) if _concerns(row, resource_type)]
    return frozenset(as_text(name).lower() for row in rows for name in as_list(member(row, how)))


def _concerns(row: Json, resource_type: str) -> bool:
    return fnmatchcase(resource_type.lower(), as_text(member(row, "type")).lower())


def _members(value: Json, path: str) -> Iterator[tuple[str, str, Json]]:
    """Path, lower-case name and value of each member at any depth."""
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _members(item, f"{path}[{number}]")
    elif isinstance(value, dict):
        for name, item in value.items():
            yield f"{path}.{name}", name.lower(), item
            yield from _members(item, f"{path}.{name}")
