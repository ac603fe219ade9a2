"""Values that Azure changes on its own, read back before a stage is deployed again, so that a later run keeps them."""

from typing import Protocol

from installer.estate.parameters import Reading, StageSpec
from installer.jsontypes import Json


class Reads(Protocol):
    """Reads resources: Azure Resource Manager."""

    def read(self, resource_id: str, api_version: str) -> dict[str, Json] | None:
        """The current state of a resource, None if it does not exist."""


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
