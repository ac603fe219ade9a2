"""Asking for the parts of a survey: what may not be read is left out and named."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from installer.cloud.errors import AzureRefused
from installer.cloud.rest import Service
from installer.json_access import as_object
from installer.jsontypes import Json


@dataclass(frozen=True)
class Wanted:
    """What an installation would touch.

    names: (resource type, name) of what needs a worldwide name. types: resource types that it sends, in lower case.
    there: ids, in lower case, of what the answers say is there already.
    """

    tenant: str
    subscriptions: tuple[str, ...]
    regions: tuple[str, ...]
    names: tuple[tuple[str, str], ...]
    types: frozenset[str]
    there: frozenset[str]


@dataclass
class Reader:
    """Reads for one survey. `unread` names the parts that could not be read, and why."""

    service: Service
    wanted: Wanted
    progress: Callable[[str], None] = lambda _text: None
    unread: list[str] = field(default_factory=list)
    _lists: dict[str, list[dict[str, Json]]] = field(default_factory=dict)

    def every(self, path: str, what: str) -> list[dict[str, Json]]:
        """A list, page by page, asked for once; empty where it may not be read."""
        if path not in self._lists:
            try:
                self._lists[path] = self.service.every(path, doing=f"read {what}")
            except AzureRefused as refused:
                self.left_out(what, refused)
                self._lists[path] = []
        return self._lists[path]

    def one(self, path: str, what: str) -> dict[str, Json] | None:
        """One object, None where there is none or it may not be read."""
        try:
            return self.service.find(path, doing=f"read {what}")
        except AzureRefused as refused:
            self.left_out(what, refused)
            return None

    def left_out(self, what: str, refused: AzureRefused) -> None:
        """Note that a part is not in the survey."""
        self.unread.append(f"{what}: {str(refused).splitlines()[0]}")


def kept(one: Mapping[str, Json]) -> dict[str, Json]:
    """A resource without what says nothing of it."""
    return {
        name: value for name, value in one.items() if name not in ("etag", "systemData", "createdTime", "changedTime")
    }


def text(one: Mapping[str, Json], name: str) -> str:
    """A text among the properties, or ""."""
    return str(as_object(one.get("properties")).get(name, ""))
