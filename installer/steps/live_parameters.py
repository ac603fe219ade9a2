"""Values that Azure changes on its own, read back before a stage is deployed again, so that a later run keeps them."""

import json
from dataclasses import dataclass
from typing import Protocol

from installer.estate.parameters import Reading, StageSpec
from installer.estate.parameters.stage_spec import KeptByOthers
from installer.json_access import as_object, as_text, objects_of
from installer.jsontypes import Json
from installer.sanitize import printable


class Reads(Protocol):
    """Reads resources: Azure Resource Manager."""

    def read(self, resource_id: str, api_version: str) -> dict[str, Json] | None:
        """The current state of a resource, None if it does not exist."""

    def list_values(self, resource_id: str, api_version: str, action: str) -> dict[str, Json] | None:
        """Values that Azure returns only to a POST request, None if the resource does not exist."""


@dataclass(frozen=True)
class KeptSettings:
    """Settings of others on one resource that a deployment keeps: names only, because a value may be a secret.

    Attributes:
        label: Name of the resource.
        names: Properties, or items as `property/name`.

    """

    label: str
    names: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """For reports; the names come from Azure, so without control characters."""
        return printable(f"{self.label}: {', '.join(self.names)}")


def kept(arm: Reads, spec: StageSpec) -> tuple[dict[str, Json], list[KeptSettings]]:
    """ARM parameters with what others have set on the resources of a stage, and what that is."""
    found: dict[str, Json] = {}
    settings: list[KeptSettings] = []
    read: dict[tuple[str, str], dict[str, Json] | None] = {}
    for one in spec.kept:
        place = (one.resource_id, one.action)
        if place not in read:
            read[place] = _content(arm, one)
        content = read[place]
        value = one.absent() if content is None else one.select(content)
        if not value:
            continue
        if content is not None:
            settings.append(KeptSettings(one.label, _names(one.holds, value)))
        if one.flag:
            found[one.flag] = {"value": True}
        if one.key:
            before = as_object(as_object(found.get(one.parameter)).get("value"))
            found[one.parameter] = {"value": {**before, one.key: json.dumps(value)}}
        else:
            found[one.parameter] = {"value": value}
    return found, settings


def _names(holds: str, value: Json) -> tuple[str, ...]:
    if isinstance(value, dict):
        return tuple(sorted(value))
    if isinstance(value, list):
        return tuple(f"{holds}/{as_text(item.get('name'))}" for item in objects_of(value))
    return (holds,)


def _content(arm: Reads, one: KeptByOthers) -> dict[str, Json] | None:
    if one.action:
        return arm.list_values(one.resource_id, one.api_version, one.action)
    return arm.read(one.resource_id, one.api_version)


def current(arm: Reads, spec: StageSpec) -> dict[str, Json]:
    """ARM parameters with the current values in Azure; values of missing resources are left out."""
    read: dict[str, dict[str, Json] | None] = {}
    found: dict[str, Json] = {}
    for name, reading in spec.readings.items():
        if reading.resource_id not in read:
            read[reading.resource_id] = arm.read(reading.resource_id, reading.api_version)
        value = _at(read[reading.resource_id], reading)
        if value is not None:
            found[name] = {"value": value}
    return found


def _at(content: Json, reading: Reading) -> Json:
    for part in reading.path:
        if isinstance(part, str) and isinstance(content, dict):
            content = content.get(part)
        elif isinstance(part, int) and isinstance(content, list) and part < len(content):
            content = content[part]
        else:
            return None
    return content
