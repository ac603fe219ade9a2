"""Runs of a registry: their status, their log so far, and the images that they have made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.emulator.clock import instant
from installer.json_access import JsonObject, as_list, as_object, as_text

if TYPE_CHECKING:
    from installer.emulator.state.resources import Resource
    from installer.jsontypes import Json

RUN_TYPE: Final = "Microsoft.ContainerRegistry/registries/runs"
_QUEUED: Final = 0.1
"""Part of the duration in which a run waits for an agent."""


def status_of(run: Resource, now: float) -> tuple[str, float]:
    """Status of a run, and the part of its duration that has passed."""
    properties = as_object(run.desired["properties"])
    if properties.get("canceled"):
        return "Canceled", 1.0
    seconds = properties.get("seconds")
    length = float(seconds) if isinstance(seconds, int | float) else 0.0
    part = 1.0 if length <= 0 else min(1.0, (now - run.created) / length)
    if part < _QUEUED:
        return "Queued", part
    return ("Running", part) if part < 1 else ("Succeeded" if properties.get("digest") else "Failed", part)


def log_of(run: Resource, now: float) -> bytes:
    """The lines that a run has written."""
    lines = as_list(as_object(run.desired["properties"])["log"])
    _, part = status_of(run, now)
    return "".join(f"{as_text(line)}\r\n" for line in lines[: int(len(lines) * part)]).encode()


def images_of(run: Resource) -> list[JsonObject]:
    """The images that a run pushes: registry, repository, tag, digest."""
    properties = as_object(run.desired["properties"])
    host, digest = as_text(properties["registry"]), properties["digest"]
    found: list[JsonObject] = []
    for reference in map(as_text, as_list(properties["images"])):
        repository, _, tag = reference.removeprefix(f"{host}/").partition(":")
        found.append({"registry": host, "repository": repository, "tag": tag or "latest", "digest": digest})
    return found


def shown(run: Resource, now: float) -> JsonObject:
    """A run as a GET answers it."""
    properties, (status, _) = as_object(run.desired["properties"]), status_of(run, now)
    found: JsonObject = {
        "runId": run.name,
        "status": status,
        "runType": "QuickBuild",
        "createTime": instant(run.created),
        "lastUpdatedTime": instant(now),
        "platform": properties["platform"],
        "agentConfiguration": {"cpu": 2},
        "provisioningState": "Succeeded",
        "isArchiveEnabled": False,
    }
    if status in ("Succeeded", "Failed", "Canceled"):
        found["finishTime"] = instant(now)
    if status == "Succeeded":
        images: list[Json] = [*images_of(run)]
        found["outputImages"] = images
    if status == "Failed":
        found["runErrorMessage"] = as_text(as_list(properties["log"])[-1])
    return {"id": run.id, "name": run.name, "type": RUN_TYPE, "properties": found}
