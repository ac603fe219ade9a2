"""Checks whether the resources of a deployment still exist.

Lists of resources, resource groups and role assignments are read once per subscription. A list may lag behind, so a
resource missing from it is also read directly. Lists do not contain child resources (subnets, databases, DNS records);
these are read one by one, several in parallel.
"""

import threading
from collections.abc import Iterable, Mapping
from typing import Final

from installer.cloud.errors import AzureRefused
from installer.cloud.rest import ABSENT, ACCESS_DENIED, Service
from installer.jsontypes import Json
from installer.resource_id import group_of, parse_id, segments, subscription_of
from installer.waiting import Workers

RESOURCES: Final = "resources?api-version=2021-04-01"
GROUPS: Final = "resourcegroups?api-version=2021-04-01"
ASSIGNMENTS: Final = "providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01"
_TOP_LEVEL: Final = 8
"""Segments in the id of a resource directly below a resource group."""
_OF_ASSIGNMENT: Final = "/providers/microsoft.authorization/roleassignments/"
MAX_DIRECT_READS: Final = 6
"""Limit of direct reads for seemingly missing resources: one confirmed is enough."""
PARALLEL_READS: Final = 8
UNREADABLE: Final = frozenset({"microsoft.web/sites/config", "microsoft.web/sites/slots/config"})
"""Settings that only a list action returns: a read does not show whether they exist."""
_NO_SUCH_TYPE: Final = "InvalidResourceType"


class ExistenceCheck:
    """Existing resources by subscription, as of the first read. Thread-safe."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], frozenset[str] | None] = {}
        self._children: dict[str, bool] = {}

    def first_missing(self, ids: Iterable[str], versions: Mapping[str, str]) -> str | None:
        """The first of these resources that no longer exists; None if none is known to be missing.

        Args:
            ids: Resource IDs.
            versions: API version by resource type in lower case, for direct reads.

        """
        asked = 0
        children: list[tuple[str, str]] = []
        for one in ids:
            version = versions.get(_type_of(one))
            if asked < MAX_DIRECT_READS and version and self._may_be_missing(one):
                asked += 1
                if self._is_missing(one, version):
                    return one
            elif version and _is_child(one):
                children.append((one, version))
        with Workers(PARALLEL_READS) as pool:
            found = list(pool.map(self._is_child_missing, *zip(*children, strict=True))) if children else []
        return next(
            (one for (one, _version), first_missing in zip(children, found, strict=True) if first_missing), None
        )

    def _is_child_missing(self, one: str, version: str) -> bool:
        """Whether a child resource is missing, read once; one that cannot be read is assumed to exist."""
        with self._lock:
            known = self._children.get(one.lower())
        if known is None:
            try:
                known = self._is_missing(one, version)
            except AzureRefused as refused:
                if refused.transient:
                    raise
                known = False
            with self._lock:
                self._children[one.lower()] = known
        return known

    def _is_missing(self, one: str, version: str) -> bool:
        try:
            self._service.ask("GET", f"{one}?api-version={version}", doing=f"read {one}")
        except AzureRefused as refused:
            if refused.status == ABSENT:
                return refused.code != _NO_SUCH_TYPE
            raise
        return False

    def _may_be_missing(self, one: str) -> bool:
        key = one.lower()
        subscription, parts = subscription_of(key), segments(key)
        if not subscription:
            return False
        if _OF_ASSIGNMENT in key:
            return self._lacks(subscription, ASSIGNMENTS, key)
        if not group_of(key):
            return False
        if len(parts) < _TOP_LEVEL:
            return self._lacks(subscription, GROUPS, "/" + "/".join(parts[:4]))
        return self._lacks(subscription, RESOURCES, "/" + "/".join(parts[:_TOP_LEVEL]))

    def _lacks(self, subscription: str, what: str, key: str) -> bool:
        with self._lock:
            if (subscription, what) not in self._known:
                self._known[subscription, what] = self._read(subscription, what)
            there = self._known[subscription, what]
        return there is not None and key not in there

    def _read(self, subscription: str, what: str) -> frozenset[str] | None:
        """IDs in lower case; None without read permission."""
        try:
            found = self._service.every(f"/subscriptions/{subscription}/{what}", doing=f"list {what.partition('?')[0]}")
        except AzureRefused as refused:
            if refused.status in ACCESS_DENIED and not refused.transient:
                return None
            raise
        return frozenset(str(item.get("id", "")).lower() for item in found)


def _is_child(one: str) -> bool:
    """Whether it is a child or extension of a resource that can be read by its ID."""
    lower = one.lower()
    return len(segments(one)) > _TOP_LEVEL and _OF_ASSIGNMENT not in lower and _type_of(one) not in UNREADABLE


def versions_of(template: Mapping[str, Json]) -> dict[str, str]:
    """API version by resource type in lower case, for all resources of a template at any depth."""
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
    """The resource type in lower case, "" if the ID names no resource."""
    found = parse_id(resource_id)
    return found.type.lower() if found else ""
