"""Refuses references that Azure accepts only within one region (regional_ties.toml)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.regional_ties import same_region, ties
from installer.resource_id import normalised_location, parent_id_of, parse_id

if TYPE_CHECKING:
    from installer.emulator.providers.provider import ProviderContext


def check_regional_references(context: ProviderContext) -> None:
    """Refuses a resource that refers to another one in a region that is known and not its own (ArmError)."""
    here = context.location or _region(context, _parent(context.id))
    for tie in ties(context.resource.type, context.id, context.resource.desired):
        there = _region(context, tie.place)
        if not same_region(here, there):
            raise ArmError(400, tie.code, tie.message(context.id, here, there), cause="service")


def _parent(resource_id: str) -> str:
    parsed = parse_id(resource_id)
    return parent_id_of(resource_id) if parsed is not None and parsed.parent is not None else ""


def _region(context: ProviderContext, resource_id: str) -> str:
    """The normalised location of an existing resource, "" if it or its location is unknown."""
    found = context.resources.get(resource_id) if resource_id else None
    return normalised_location(found.location) if found is not None else ""
