"""Durations of Azure's operations in simulated seconds; figures and their sources are in installer/durations.json and integrations.json."""

from __future__ import annotations

import json
from functools import cache
from typing import Literal

from installer import durations, shipped_files
from installer.emulator.ids import derived_hex
from installer.json_access import JsonObject, as_object, member

Change = Literal["create", "update", "unchanged", "delete"]
Action = Literal[
    "register", "whatIf", "deleteGroup", "roleTakesEffect", "runCommand", "jobExecution", "importImage", "imageBuild"
]


def length_of(resource_type: str, resource_id: str, change: Change) -> float:
    """Simulated seconds that a change of this resource takes; always the same for an id."""
    spread = _number("spread", "share")
    factor = 1 - spread + 2 * spread * int(derived_hex(resource_id, "length", 8), 16) / 0xFFFFFFFF
    if change == "unchanged":
        return _number("unchanged", "seconds") * factor
    share = 1.0 if change == "create" else _number(change, "share")
    return _seconds().get(resource_type.lower(), _number("default", "seconds")) * factor * share


def length_of_action(action: Action) -> float:
    """Simulated seconds of an action that is not a write of a resource."""
    return _number("actions", action, "seconds")


@cache
def _figures() -> JsonObject:
    return as_object(json.loads(shipped_files.durations()))


@cache
def _seconds() -> dict[str, float]:
    return {name.lower(): _as_number(entry["seconds"]) for name, entry in durations.types().items()}


def _number(*path: str) -> float:
    return _as_number(member(_figures(), *path))


def _as_number(value: object) -> float:
    if isinstance(value, int | float):
        return float(value)
    raise TypeError(f"durations.json: {value!r} is not a number")
