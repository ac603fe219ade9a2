"""Changes of the objects of one kind, for clients that watch them: kubernetes.io/docs/reference/using-api/api-concepts."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from installer.json_access import JsonObject, as_object, as_text, member

if TYPE_CHECKING:
    from collections.abc import Iterable

_LENGTH: Final = 2000


@dataclass(frozen=True)
class WatchEvent:
    """A change: its type (ADDED, MODIFIED or DELETED) and the object after it."""

    revision: int
    type: str
    object: JsonObject


@dataclass
class WatchLog:
    """The latest changes, found by comparing all objects of the kind with those of the last time."""

    revision: int = field(default_factory=lambda: int(time.time() * 1000))
    """Later than every revision of a server that ran before."""
    _known: dict[str, tuple[JsonObject, JsonObject]] = field(default_factory=dict)
    _events: deque[WatchEvent] = field(default_factory=lambda: deque(maxlen=_LENGTH))

    def update(self, objects: Iterable[JsonObject]) -> list[JsonObject]:
        """Note changes; returns the objects with the revisions of their last changes."""
        found = {as_text(member(one, "metadata", "uid")): one for one in objects}
        for uid, one in found.items():
            before = self._known.get(uid)
            if before is None or before[0] != one:
                self._known[uid] = (one, self._noted("MODIFIED" if before else "ADDED", one))
        for uid in self._known.keys() - found.keys():
            self._noted("DELETED", self._known.pop(uid)[1])
        return [self._known[uid][1] for uid in found]

    def since(self, revision: int) -> list[WatchEvent] | None:
        """The changes after a revision; None if they are no longer known."""
        if self._events and len(self._events) == _LENGTH and revision < self._events[0].revision - 1:
            return None
        return [event for event in self._events if event.revision > revision]

    def _noted(self, kind: str, one: JsonObject) -> JsonObject:
        self.revision += 1
        shown: JsonObject = {
            **one,
            "metadata": {**as_object(one.get("metadata")), "resourceVersion": str(self.revision)},
        }
        self._events.append(WatchEvent(self.revision, kind, shown))
        return shown


@dataclass
class WatchLogs:
    """One log for each kind of each cluster."""

    _logs: dict[tuple[str, str], WatchLog] = field(default_factory=dict)

    def of(self, cluster: str, kind: str) -> WatchLog:
        """The log of a kind; `cluster`: resource ID."""
        return self._logs.setdefault((cluster.lower(), kind), WatchLog())
