"""ETags: versions of resources, and preconditions of writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.ids import derived_etag

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.emulator.state.resources import Resource


def tag_of(resource: Resource) -> str:
    """The current tag of a resource; every write changes it."""
    return derived_etag(resource.id, resource.changed)


def check_preconditions(headers: Mapping[str, str], resource: Resource | None) -> None:
    """Refuses a write whose If-Match or If-None-Match is not met (ArmError 412)."""
    if_match, if_none_match = headers.get("if-match", "").strip(), headers.get("if-none-match", "").strip()
    tag = _opaque_tag(tag_of(resource)) if resource is not None else None
    matches = not if_match or (tag is not None and (if_match == "*" or tag in _tags(if_match)))
    no_conflict = not if_none_match or tag is None or (if_none_match != "*" and tag not in _tags(if_none_match))
    if not (matches and no_conflict):
        raise ArmError(
            412,
            "PreconditionFailed",
            "The condition of the request header If-Match or If-None-Match is not met by the current resource.",
            cause="service",
        )


def _tags(text: str) -> set[str]:
    return {_opaque_tag(item) for item in text.split(",")}


def _opaque_tag(tag: str) -> str:
    return tag.strip().removeprefix("W/").strip('"')
