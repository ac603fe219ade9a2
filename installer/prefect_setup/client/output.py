"""How it is told what is done, and how it is found out that something is not as it shall be."""

from collections.abc import Callable, Mapping

from installer.jsontypes import Json


class Teller:
    """Tells events, each as a line of JSON."""

    def __init__(self, tell: Callable[[dict[str, Json]], None]) -> None:
        self._tell = tell

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

    def _event(self, doing: str, kind: str, name: str, text: str) -> None:
        self._tell({"event": doing, "kind": kind, "name": name, "text": text})


def differing(wanted: Mapping[str, object], found: Mapping[str, object]) -> list[str]:
    """Names of the wanted fields that are found otherwise."""
    return [name for name, value in wanted.items() if found.get(name) != value]
