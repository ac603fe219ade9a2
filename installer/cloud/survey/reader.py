"""Reader for the parts of a survey; parts that cannot be read are omitted and reported."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from installer.cloud.errors import AzureRefused
from installer.cloud.rest import Service
from installer.json_access import as_object
from installer.jsontypes import Json
from installer.resource_id import subscription_of


@dataclass(frozen=True)
class Wanted:
    """Scope of a survey: what an installation would use.

    Attributes:
        names: Pairs (resource type, name) with globally unique names.
        types: Resource types of the installation, in lower case.
        there: IDs in lower case of existing resources named in the answers.

    """

    tenant: str
    subscriptions: tuple[str, ...]
    regions: tuple[str, ...]
    names: tuple[tuple[str, str], ...]
    types: frozenset[str]
    there: frozenset[str]


@dataclass
class Reader:
    """Reads for one survey.

    Attributes:
        unread: The parts that could not be read, with the reason.
        listed: Types whose resources in the first subscription were all read; of another one with its path before them.

    """

    service: Service
    wanted: Wanted
    progress: Callable[[str], None] = lambda _text: None
    unread: list[str] = field(default_factory=list)
    listed: set[str] = field(default_factory=set)
    _lists: dict[str, list[dict[str, Json]]] = field(default_factory=dict)

    def every(self, path: str, what: str, kind: str = "") -> list[dict[str, Json]]:
        """A paged list, read once; empty if it cannot be read. `kind`: the type that it has all resources of."""
        if path not in self._lists:
            try:
                self._lists[path] = self.service.every(path, doing=f"read {what}")
                if kind:
                    self.listed.add(self._where(path) + kind)
            except AzureRefused as refused:
                self.left_out(what, refused)
                self._lists[path] = []
        return self._lists[path]

    def _where(self, path: str) -> str:
        """Beginning of the type of a list in the survey's `listed`."""
        subscription = subscription_of(path)
        home = subscription.lower() == self.wanted.subscriptions[0].lower()
        return "" if home else f"/subscriptions/{subscription}/providers/"

    def one(self, path: str, what: str) -> dict[str, Json] | None:
        """One object, None if it does not exist or cannot be read."""
        try:
            return self.service.find(path, doing=f"read {what}")
        except AzureRefused as refused:
            self.left_out(what, refused)
            return None

    def left_out(self, what: str, refused: AzureRefused) -> None:
        """Record that a part is missing in the survey."""
        self.unread.append(f"{what}: {str(refused).splitlines()[0]}")


def kept(one: Mapping[str, Json]) -> dict[str, Json]:
    """A resource without volatile metadata."""
    return {
        name: value for name, value in one.items() if name not in ("etag", "systemData", "createdTime", "changedTime")
    }


def text(one: Mapping[str, Json], name: str) -> str:
    """A property as text, or ""."""
    return str(as_object(one.get("properties")).get(name, ""))
