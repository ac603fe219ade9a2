"""How the child tells its parent what it does, and how it finds out that something is not as it shall be."""

import json
from collections.abc import Mapping
from typing import IO

from installer.jsontypes import Json


class Teller:
    """Writes JSON lines: events, and at last a result or an error."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out

    def created(self, kind: str, name: str) -> None:
        """It was not there."""
        self._event("created", kind, name, f"{kind} {name} created")

    def updated(self, kind: str, name: str, fields: list[str]) -> None:
        """It was there, but not as it shall be."""
        self._event("updated", kind, name, f"{kind} {name} set right: {', '.join(fields)}")

    def unchanged(self, kind: str, name: str) -> None:
        """It was as it shall be."""
        self._event("unchanged", kind, name, f"{kind} {name} unchanged")

    def progressed(self, kind: str, name: str, text: str) -> None:
        """Something goes on that takes a while."""
        self._event("progressed", kind, name, text)

    def result(self) -> None:
        """All is done."""
        self._line({"result": "done"})

    def error(self, text: str) -> None:
        """It could not be done."""
        self._line({"error": text})

    def _event(self, doing: str, kind: str, name: str, text: str) -> None:
        self._line({"event": doing, "kind": kind, "name": name, "text": text})

    def _line(self, line: dict[str, Json]) -> None:
        self._out.write(json.dumps(line) + "\n")
        self._out.flush()


def differing(wanted: Mapping[str, object], found: Mapping[str, object]) -> list[str]:
    """Names of the wanted fields that are found otherwise."""
    return [name for name, value in wanted.items() if found.get(name) != value]
