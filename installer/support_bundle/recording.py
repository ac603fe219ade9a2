"""Recorded events of a run, from a support bundle or a file of `--events`.

Both are untrusted input: every line must be an event, and control characters are removed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Final

from installer.engine.events import Event, moment
from installer.errors import UsageError
from installer.sanitize import clean, clean_json
from installer.support_bundle import archive

MAX_EVENTS: Final = 500_000
_ZIP: Final = b"PK"


@dataclass(frozen=True)
class Recording:
    """At least one event of a run, in order. `run` is the name of the run or of the file."""

    run: str
    events: tuple[Event, ...]

    @property
    def seconds(self) -> float:
        """Seconds from the first event to the last."""
        return max(seconds_between(self.events[0], self.events[-1]), 0.0)


def seconds_between(one: Event, other: Event) -> float:
    """Seconds from one event to another."""
    return moment(other.at) - moment(one.at)


def load(path: Path) -> Recording:
    """Load a support bundle or a file of JSON lines. Raises UsageError with a one-line message."""
    try:
        with path.open("rb") as file:
            if file.read(2) != _ZIP:
                file.seek(0)
                content, name = file.read(archive.MAX_BYTES + 1), path.name
            else:
                content = b""
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    if not content and path.stat().st_size:
        known, files = archive.read(path)
        content, name = files.get("events.jsonl", b""), str(known.get("run") or path.name)
    if len(content) > archive.MAX_BYTES:
        raise UsageError(f"{path}: larger than {archive.MAX_BYTES // 1_000_000} MB, the limit for events")
    events = tuple(_events(path, content))
    if not events:
        raise UsageError(f"{path}: contains no events of a run")
    if any(later.number <= earlier.number for earlier, later in pairwise(events)):
        raise UsageError(f"{path}: the events are not in order; the file has several runs or parts of a run")
    return Recording(clean(name)[:80], events)


def _events(path: Path, content: bytes) -> Iterator[Event]:
    count = 0
    for number, line in enumerate(content.split(b"\n"), 1):
        if not line.strip():
            continue
        count += 1
        if count > MAX_EVENTS:
            raise UsageError(f"{path}: more than {MAX_EVENTS} events, the limit for a run")
        try:
            yield harmless(Event.from_json(line.decode("utf-8")))
        except ValueError:
            raise UsageError(f"{path}: line {number} is not an event of a run: {_shown(line)}") from None


def harmless(event: Event) -> Event:
    """The event with sanitized text."""
    data = clean_json(event.data)
    return replace(event, step=clean(event.step), resource=clean(event.resource), text=clean(event.text), data=data)


def _shown(line: bytes) -> str:
    return repr(clean(line[:60].decode("utf-8", "replace")))
