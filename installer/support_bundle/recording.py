"""A run as it was told: read from a support bundle or from a file of `--events`, checked, and harmless to show.

Both come from elsewhere, so nothing in them is taken for granted: every line has to be an event, and control characters
are taken out.
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

MOST_EVENTS: Final = 500_000
_ZIP: Final = b"PK"


@dataclass(frozen=True)
class Recording:
    """The events of a run, at least one, in order. `run` is its name, or that of the file."""

    run: str
    events: tuple[Event, ...]

    @property
    def seconds(self) -> float:
        """From the first event to the last."""
        return max(seconds_between(self.events[0], self.events[-1]), 0.0)


def seconds_between(one: Event, other: Event) -> float:
    """Seconds from one event to another."""
    return moment(other.at) - moment(one.at)


def load(path: Path) -> Recording:
    """A bundle, or a file of JSON lines. Raises UsageError with one clear line for anything else."""
    try:
        with path.open("rb") as file:
            if file.read(2) != _ZIP:
                file.seek(0)
                content, name = file.read(archive.MOST_BYTES + 1), path.name
            else:
                content = b""
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    if not content and path.stat().st_size:
        known, files = archive.read(path)
        content, name = files.get("events.jsonl", b""), str(known.get("run") or path.name)
    if len(content) > archive.MOST_BYTES:
        raise UsageError(f"{path}: larger than {archive.MOST_BYTES // 1_000_000} MB; no run of ours tells so much")
    events = tuple(_events(path, content))
    if not events:
        raise UsageError(f"{path}: no event of a run in it")
    if any(later.number <= earlier.number for earlier, later in pairwise(events)):
        raise UsageError(f"{path}: the events are not in order: these are several runs, or parts of one")
    return Recording(clean(name)[:80], events)


def _events(path: Path, content: bytes) -> Iterator[Event]:
    count = 0
    for number, line in enumerate(content.split(b"\n"), 1):
        if not line.strip():
            continue
        count += 1
        if count > MOST_EVENTS:
            raise UsageError(f"{path}: more than {MOST_EVENTS} events; no run of ours tells so many")
        try:
            yield harmless(Event.from_json(line.decode("utf-8")))
        except ValueError:
            raise UsageError(f"{path}: line {number} is no event of a run: {_shown(line)}") from None


def harmless(event: Event) -> Event:
    """The event with clean texts."""
    data = clean_json(event.data)
    return replace(event, step=clean(event.step), resource=clean(event.resource), text=clean(event.text), data=data)


def _shown(line: bytes) -> str:
    return repr(clean(line[:60].decode("utf-8", "replace")))
