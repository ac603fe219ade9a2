"""Deployments of an environment as a table for a terminal. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

from installer.cli.columns import aligned
from installer.json_access import as_text
from installer.jsontypes import Json
from installer.sanitize import printable

_HEADS: Final = ("deployment", "version", "made by", "schedules", "last run (UTC)")
_MINUTE: Final = len("2026-11-30T20:57")


def deployment_lines(deployments: Sequence[Mapping[str, Json]]) -> list[str]:
    """A line of headings and one for each deployment; columns are as wide as what is in them."""
    return aligned([_HEADS, *map(_cells, deployments)])


def _cells(one: Mapping[str, Json]) -> tuple[str, str, str, str, str]:
    """Names and versions of other users may have any characters."""
    at = as_text(one.get("last_start"))[:_MINUTE].replace("T", " ")
    return (
        printable(as_text(one.get("name"))),
        printable(as_text(one.get("version"))) or "-",
        "FlowForge" if one.get("managed") else "others",
        "paused" if one.get("paused") else str(one.get("schedules") or "none"),
        f"{at} {as_text(one.get('last_state'))}" if one.get("last_state") else "none yet",
    )
