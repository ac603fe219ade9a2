"""Definitions, assignments and exemptions as Resource Manager returns them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from installer.json_access import as_object, as_text

if TYPE_CHECKING:
    from installer.json_access import JsonObject


@dataclass(frozen=True)
class PolicyObject:
    """One definition, initiative, assignment, exemption or enrollment.

    Attributes:
        id: Resource id.
        type: Resource type.
        name: Last segment of the name.
        body: Its members, `properties` among them.

    """

    id: str
    type: str
    name: str
    body: JsonObject

    @cached_property
    def key(self) -> str:
        """The id in lower case."""
        return self.id.lower()

    @property
    def properties(self) -> JsonObject:
        """Its properties."""
        return as_object(self.body.get("properties"))


def policy_object(kind: str, found: JsonObject) -> PolicyObject:
    """An item of a list of a resource type."""
    identifier = as_text(found.get("id"))
    return PolicyObject(identifier, kind, as_text(found.get("name")) or identifier.rpartition("/")[2], found)
