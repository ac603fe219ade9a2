"""Resources and resource groups in their current state."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from installer.emulator.state.database import Database, packed, unpacked
from installer.json_access import JsonObject, as_object, as_text, merged
from installer.resource_id import GROUP_TYPE, group_of, parse_id, subscription_of

if TYPE_CHECKING:
    from installer.emulator.state.database import Value
    from installer.jsontypes import Json

_GROUP_KEY = GROUP_TYPE.lower()
_POLICY = "microsoft.authorization/polic"
_UNDER_WAY = {"Creating", "Updating", "Deleting"}


@dataclass
class Resource:
    """One resource: the requested members (`desired`, without secrets), and those its provider added (`computed`).

    `internal` is what its provider remembers and shows by its hooks only.
    """

    id: str
    type: str
    name: str
    api_version: str
    state: str
    created: float
    changed: float
    ends: float | None = None
    desired: JsonObject = field(default_factory=dict)
    computed: JsonObject = field(default_factory=dict)
    internal: JsonObject = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The lower-case id."""
        return self.id.lower()

    @property
    def under_way(self) -> bool:
        """Whether its provider has not finished with it."""
        return self.state in _UNDER_WAY

    @property
    def location(self) -> str:
        """The normalised location, or ''."""
        return as_text(self.desired.get("location"))

    def view(self) -> JsonObject:
        """The resource as a GET answers it."""
        frame: JsonObject = {"id": self.id, "name": self.name, "type": self.type}
        whole = merged(merged(frame, self.desired), self.computed)
        properties = as_object(whole.pop("properties", None))
        whole["properties"] = {**properties, "provisioningState": self.state}
        return whole


class Resources:
    """The table of resources."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.policy_revision = 0
        """Counts the changes of policy definitions, assignments and exemptions."""

    def get(self, resource_id: str) -> Resource | None:
        """One resource by id, ignoring case."""
        found = self.database.row("SELECT data FROM resources WHERE key = ?", resource_id.lower())
        return _resource(found[0]) if found else None

    def save(self, resource: Resource) -> None:
        """Insert or replace."""
        self.policy_revision += resource.type.lower().startswith(_POLICY)
        self.database.run(
            "INSERT OR REPLACE INTO resources VALUES (?, ?, ?, ?, ?, ?)",
            resource.key,
            subscription_of(resource.id).lower(),
            group_of(resource.id).lower(),
            resource.type.lower(),
            resource.ends,
            packed(as_object(_json(vars(resource)))),
        )

    def remove(self, resource_id: str) -> None:
        """Delete a resource with everything under it, children and extensions."""
        key = resource_id.lower()
        self.policy_revision += any(item.type.lower().startswith(_POLICY) for item in self.under(resource_id))
        self.database.run("DELETE FROM resources WHERE key = ? OR substr(key, 1, ?) = ?", key, len(key) + 1, f"{key}/")

    @property
    def changes(self) -> int:
        """Differs after a change of any resource."""
        return self.database.changes

    def under(self, resource_id: str) -> list[Resource]:
        """A resource with everything under it, children and extensions."""
        key = resource_id.lower()
        return self._select("key = ? OR (key > ? AND key < ?)", key, f"{key}/", f"{key}0")

    def of_subscription(self, subscription: str) -> list[Resource]:
        """All resources of a subscription, groups left out."""
        return self._select("subscription = ? AND type != ?", subscription.lower(), _GROUP_KEY)

    def of_group(self, subscription: str, group: str) -> list[Resource]:
        """All resources in a group."""
        return self._select(
            "subscription = ? AND grp = ? AND type != ?", subscription.lower(), group.lower(), _GROUP_KEY
        )

    def groups(self, subscription: str) -> list[Resource]:
        """The resource groups of a subscription."""
        return self._select("subscription = ? AND type = ?", subscription.lower(), _GROUP_KEY)

    def of_type(self, resource_type: str) -> list[Resource]:
        """All resources of a type, anywhere."""
        return self._select("type = ?", resource_type.lower())

    def keys_named(self, resource_type: str, leaf: str) -> list[str]:
        """The keys of the resources of a type whose last name is this one, anywhere: without reading them."""
        tail = f"/{leaf.lower()}"
        rows = self.database.rows(
            "SELECT key FROM resources WHERE type = ? AND substr(key, ?) = ?", resource_type.lower(), -len(tail), tail
        )
        return [str(row[0]) for row in rows]

    def mentioning(self, text: str) -> list[Resource]:
        """All resources whose data contains a text, ignoring case."""
        return self._select("instr(lower(data), ?) > 0", text.lower())

    def children(self, resource_id: str, resource_type: str) -> list[Resource]:
        """The resources of a type directly under another."""
        prefix = f"{resource_id.lower()}/"
        return [
            item
            for item in self._select("type = ? AND substr(key, 1, ?) = ?", resource_type.lower(), len(prefix), prefix)
            if "/" not in item.key.removeprefix(prefix).split("/", 1)[-1]
        ]

    def unfinished(self) -> list[Resource]:
        """The resources that their providers have not finished."""
        return self._select("ends IS NOT NULL")

    def exists(self, resource_id: str) -> bool:
        """Whether it exists; singletons that providers create implicitly ('default') exist with their parent."""
        if self.database.row("SELECT 1 FROM resources WHERE key = ?", resource_id.lower()):
            return True
        parsed = parse_id(resource_id)
        parent = parsed.parent if parsed else None
        return bool(parsed and parent and parsed.names[-1].lower() == "default" and self.exists(parent.id))

    def _select(self, condition: str, *values: Value) -> list[Resource]:
        query = f"SELECT data FROM resources WHERE {condition} ORDER BY key"  # noqa: S608 - our own literals
        return [_resource(row[0]) for row in self.database.rows(query, *values)]


def _json(value: object) -> Json:
    """The dictionary of a dataclass that holds JSON only, typed as such."""
    return value  # type: ignore[return-value]


def _resource(text: Value) -> Resource:
    data = as_object(unpacked(text))
    return Resource(**data)  # type: ignore[arg-type]  # written by `save` from the same fields
