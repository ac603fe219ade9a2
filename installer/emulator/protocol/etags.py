"""ETags: the version of a resource that a client has seen, and writes that are to happen only to that one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.ids import derived_guid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.emulator.state.resources import Resource


def tag_of(resource: Resource) -> str:
    """The tag of a resource as it stands: another one with every write."""
    return f'W/"{derived_guid(f"{resource.id}@{resource.changed}", "etag")}"'


def check_preconditions(headers: Mapping[str, str], resource: Resource | None) -> None:
    """Refuse a write whose If-Match or If-None-Match does not hold (ArmError 412)."""
    wanted, unwanted = headers.get("if-match", "").strip(), headers.get("if-none-match", "").strip()
    tag = _bare(tag_of(resource)) if resource is not None else None
    held = not wanted or (tag is not None and (wanted == "*" or tag in _tags(wanted)))
    free = not unwanted or tag is None or (unwanted != "*" and tag not in _tags(unwanted))
    if not (held and free):
        raise ArmError(
            412,
            "PreconditionFailed",
            "The condition of the request header If-Match or If-None-Match is not met by the resource as it stands.",
            cause="service",
        )


def _tags(text: str) -> set[str]:
    return {_bare(item) for item in text.split(",")}


def _bare(tag: str) -> str:
    return tag.strip().removeprefix("W/").strip('"')
