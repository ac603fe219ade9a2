"""Parse and build Azure resource IDs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.jsontypes import Json

_KEYWORDS = {
    "subscriptions": "subscriptions",
    "resourcegroups": "resourceGroups",
    "providers": "providers",
    "managementgroups": "managementGroups",
    "microsoft.management": "Microsoft.Management",
}
_MANAGEMENT_GROUPS = "/providers/microsoft.management/managementgroups/"
GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
GROUP_TYPE = "Microsoft.Resources/resourceGroups"
DEPLOYMENT_TYPE = "Microsoft.Resources/deployments"


@dataclass(frozen=True)
class ResourceId:
    """A parsed resource ID; `types` and `names` are parallel, outermost first."""

    scope: str
    namespace: str
    types: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def id(self) -> str:
        """The full ID, with ARM's spelling of keywords."""
        if self.type.lower() == GROUP_TYPE.lower():
            return f"{self.scope}/resourceGroups/{self.names[0]}"
        pairs = "/".join(f"{kind}/{name}" for kind, name in zip(self.types, self.names, strict=True))
        return f"{self.scope}/providers/{self.namespace}/{pairs}"

    @property
    def type(self) -> str:
        """The full resource type: namespace and all levels."""
        return "/".join((self.namespace, *self.types))

    @property
    def name(self) -> str:
        """The name as in templates: all levels, separated by slashes."""
        return "/".join(self.names)

    @property
    def parent(self) -> ResourceId | None:
        """The parent resource, or None for a top-level resource."""
        if len(self.types) == 1:
            return None
        return ResourceId(self.scope, self.namespace, self.types[:-1], self.names[:-1])

    @property
    def subscription(self) -> str:
        """The subscription ID, or ''."""
        return subscription_of(self.scope)

    @property
    def group(self) -> str:
        """The resource group name, or ''."""
        return group_of(self.id)


def segments(path: str) -> list[str]:
    """The non-empty segments of a path."""
    return [part for part in path.split("/") if part]


def parse_id(path: str) -> ResourceId | None:
    """Parse a resource ID; None if the path is not one (a scope, a collection, or invalid)."""
    parts = segments(path)
    lowered = [part.lower() for part in parts]
    if len(parts) == 4 and lowered[0] == "subscriptions" and lowered[2] == "resourcegroups":
        return ResourceId(f"/subscriptions/{parts[1]}", "Microsoft.Resources", ("resourceGroups",), (parts[3],))
    at = last_provider(lowered)
    if at is None:
        return None
    rest = parts[at + 2 :]
    if not rest or len(rest) % 2:
        return None
    return ResourceId(canonical_scope(parts[:at]), parts[at + 1], tuple(rest[0::2]), tuple(rest[1::2]))


def last_provider(lowered: list[str]) -> int | None:
    """Index of the last `providers/<namespace>` in a path; a resource named 'providers' is not matched."""
    found = None
    index = 0
    while index + 1 < len(lowered):
        if lowered[index] == "providers":
            found = index
        index += 2
    return found


def canonical_scope(parts: list[str]) -> str:
    """A scope ID with ARM's spelling of keywords ('' for the tenant)."""
    return "".join(
        "/" + (_KEYWORDS.get(part.lower(), part) if index % 2 == 0 else part) for index, part in enumerate(parts)
    )


def subscription_of(resource_id: str) -> str:
    """The subscription ID in a resource ID, or ''."""
    parts = segments(resource_id)
    return parts[1] if len(parts) > 1 and parts[0].lower() == "subscriptions" else ""


def group_of(resource_id: str) -> str:
    """The resource group name in a resource ID, or ''."""
    parts = segments(resource_id)
    return parts[3] if len(parts) > 3 and parts[2].lower() == "resourcegroups" else ""


def parent_id_of(resource_id: str) -> str:
    """The id one level up, for a child resource."""
    return resource_id.rsplit("/", 2)[0]


def top_level_id_of(resource_id: str) -> str:
    """The id of the outermost resource, for a resource in a resource group or one nested in it."""
    return "/".join(resource_id.split("/")[:9])


def extended_id_of(resource_id: str) -> str:
    """The id of the scope that an extension resource is attached to."""
    return resource_id.rsplit("/providers/", 1)[0]


def is_management_group(scope: str) -> bool:
    """Whether a scope is a management group, or something in one."""
    return scope.lower().startswith(_MANAGEMENT_GROUPS)


def contains(scope: str, resource_id: str) -> bool:
    """Whether an ID is a scope or below it, ignoring case; '' is the tenant.

    Which subscriptions a management group has is unknown to callers: every one contains everything. Azure lists at a
    subscription only what applies to it.
    """
    place, key = scope.rstrip("/").lower(), resource_id.lower()
    return is_management_group(place) or not place or key == place or key.startswith(f"{place}/")


def name_of(resource_id: str) -> str:
    """The last name in a resource ID, or ''."""
    return resource_id.rstrip("/").rpartition("/")[2]


def interleaved(resource_type: str, name: str) -> str:
    """Combine type ``A.B/c/d`` and name ``x/y`` to ``A.B/c/x/d/y``."""
    namespace, *types = resource_type.split("/")
    names = name.split("/")
    woven = [namespace]
    for kind, part in zip(types, names, strict=False):
        woven += (kind, part)
    return "/".join(woven)


def ids_in(value: Json) -> Iterator[str]:
    """All resource IDs in a body: its values, and keys as those of user-assigned identities."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            if item[:1] == "/" and item.lower().startswith("/subscriptions/") and "/providers/" in item.lower():
                yield item
        elif isinstance(item, dict):
            for key, member in reversed(item.items()):
                pending += (member, key)
        elif isinstance(item, list):
            pending.extend(reversed(item))


def resource_id(scope_id: str, resource_type: str, name: str) -> str:
    """Build the ID of a resource at a scope, which may be a resource itself. A resource group has no provider part."""
    if resource_type.lower() == GROUP_TYPE.lower() and scope_id.count("/") == 2:
        return f"{scope_id}/resourceGroups/{name}"
    return f"{scope_id}/providers/{interleaved(resource_type, name)}"


def normalised_location(location: str) -> str:
    """'West US 2' and 'WestUS2' are both westus2."""
    return location.replace(" ", "").lower()
