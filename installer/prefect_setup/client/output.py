"""Events of the setup program, and comparison of fields."""

from collections.abc import Mapping, Sequence

from installer.job_program.changes import Change, Doing
from installer.job_program.output import WriteLine, line_of


class Reporter:
    """Writes events as JSON lines."""

    def __init__(self, write: WriteLine) -> None:
        self._write = write

    def created(self, kind: str, name: str) -> None:
        """The object was created."""
        self._event("created", kind, name, f"{kind} {name} created")

    def updated(self, kind: str, name: str, fields: list[str], kept: Sequence[str] = ()) -> None:
        """The object was different and was updated; `kept` names settings that others have changed."""
        self._event("updated", kind, name, f"{kind} {name} updated: {', '.join(fields)}", kept)

    def unchanged(self, kind: str, name: str, kept: Sequence[str] = ()) -> None:
        """The object already matched."""
        self._event("unchanged", kind, name, f"{kind} {name} unchanged", kept)

    def progressed(self, kind: str, name: str, text: str) -> None:
        """Progress of a longer operation."""
        self._event("progressed", kind, name, text)

    def _event(self, doing: Doing, kind: str, name: str, text: str, kept: Sequence[str] = ()) -> None:
        self._write(line_of(Change(doing, kind, name, text, tuple(kept))))


def differing(wanted: Mapping[str, object], found: Mapping[str, object]) -> list[str]:
    """Names of wanted fields with another value in `found`."""
    return [name for name, value in wanted.items() if found.get(name) != value]
