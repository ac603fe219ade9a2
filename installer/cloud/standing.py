"""What stands in a subscription, read once: whether what a deployment made is still there costs two or three reads, not one each.

A list names top-level resources and groups only, so what is inside of one counts as gone with it; a list may also lag
behind. What seems to be gone is therefore asked for by itself before anybody believes it.
"""

import threading
from collections.abc import Iterable, Mapping
from typing import Final

from installer.cloud.refusals import AzureRefused
from installer.cloud.service import Service
from installer.jsontypes import Json

RESOURCES: Final = "resources?api-version=2021-04-01"
GROUPS: Final = "resourcegroups?api-version=2021-04-01"
ASSIGNMENTS: Final = "providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01"
_OF_ASSIGNMENT: Final = "/providers/microsoft.authorization/roleassignments/"
MOST_ASKED: Final = 6
"""So many that seem to be gone are asked for: one is enough to know."""
FORBIDDEN: Final = frozenset({401, 403})


class Standing:
    """Resources that are there, by subscription, as they were when they were first looked at. Thread-safe."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], frozenset[str] | None] = {}

    def gone(self, ids: Iterable[str], versions: Mapping[str, str]) -> str | None:
        """The first of these resources that is not there any more; None when all are, as far as can be seen.

        versions: API version by resource type in lower case, for those that are asked for by themselves.
        """
        asked = 0
        for one in ids:
            version = versions.get(_type_of(one))
            if asked < MOST_ASKED and version and self._seems_gone(one):
                asked += 1
                if self._service.find(f"{one}?api-version={version}", doing=f"read {one}") is None:
                    return one
        return None

    def _seems_gone(self, one: str) -> bool:
        key = one.lower()
        parts = key.strip("/").split("/")
        if len(parts) < 4 or parts[0] != "subscriptions":
            return False
        if _OF_ASSIGNMENT in key:
            return self._lacks(parts[1], ASSIGNMENTS, key)
        if parts[2] != "resourcegroups":
            return False
        if len(parts) < 8:
            return self._lacks(parts[1], GROUPS, "/" + "/".join(parts[:4]))
        return self._lacks(parts[1], RESOURCES, "/" + "/".join(parts[:8]))

    def _lacks(self, subscription: str, what: str, key: str) -> bool:
        with self._lock:
            if (subscription, what) not in self._known:
                self._known[subscription, what] = self._read(subscription, what)
            there = self._known[subscription, what]
        return there is not None and key not in there

    def _read(self, subscription: str, what: str) -> frozenset[str] | None:
        """Ids in lower case; None where we may not look."""
        try:
            found = self._service.every(f"/subscriptions/{subscription}/{what}", doing=f"list {what.partition('?')[0]}")
        except AzureRefused as refused:
            if refused.status in FORBIDDEN and not refused.transient:
                return None
            raise
        return frozenset(str(item.get("id", "")).lower() for item in found)


def versions_of(template: Mapping[str, Json]) -> dict[str, str]:
    """API version by resource type, in lower case, of everything that a template makes, in whatever depth."""
    found: dict[str, str] = {"microsoft.resources/resourcegroups": "2021-04-01"}
    pending: list[Json] = [dict(template)]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            kind, version = value.get("type"), value.get("apiVersion")
            if isinstance(kind, str) and isinstance(version, str) and "/" in kind:
                found[kind.lower()] = version
            pending += value.values()
        elif isinstance(value, list):
            pending += value
    return found


def _type_of(resource_id: str) -> str:
    """The type in lower case: of a group, of a resource, or of an extension of one."""
    parts = resource_id.lower().strip("/").split("/")
    if "providers" not in parts:
        return "microsoft.resources/resourcegroups" if len(parts) == 4 else ""
    at = len(parts) - 1 - parts[::-1].index("providers")
    return "/".join((parts[at + 1], *parts[at + 2 :: 2])) if len(parts) > at + 2 else ""
