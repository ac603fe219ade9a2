"""Events as lines: for people (one line each, no redrawing), or as JSON lines for machines."""

import errno
import io
import os
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final, TextIO

from installer.durations import clock
from installer.engine.events import Event, Kind, Listener
from installer.errors import UsageError
from installer.output_file import OutputFile, report
from installer.sanitize import printable

WORDS: Final[dict[Kind, str]] = {
    "run.started": "run",
    "run.finished": "end",
    "step.started": "begin",
    "step.progressed": "...",
    "step.finished": "done",
    "step.failed": "FAILED",
    "step.skipped": "skip",
    "resource.started": "begin",
    "resource.progressed": "...",
    "resource.finished": "done",
    "resource.failed": "FAILED",
    "warning": "warning",
    "question": "QUESTION",
    "answer": "answer",
    "not-checked": "unchecked",
    "heartbeat": "waiting",
    "log": "note",
}
"""State words: states are shown in words, never by color alone."""


def duration(seconds: float) -> str:
    """Minutes and seconds, m:ss; of less than ten seconds the tenths."""
    if round(seconds, 1) < 10:
        return f"{seconds:.1f} s"
    return clock(round(seconds))


def line(event: Event) -> str:
    """One event as one line: time, state word, object, text, duration."""
    what = " ".join(part for part in (event.step, event.resource) if part)
    seconds = event.data.get("seconds")
    took = f" ({duration(float(seconds))})" if isinstance(seconds, (int, float)) else ""
    events = " | ".join(f"{what}: {event.outcome}{took}".splitlines() if what else f"{event.text}{took}".splitlines())
    return stamped(event, WORDS[event.kind], events)


def stamped(event: Event, word: str, text: str) -> str:
    """A line with the time, a state word and the text of an event."""
    return f"{event.at[11:19]} {word:<9} {printable(text)}"


def plain_lines(
    out: TextIO, *, verbose: bool = False, brief: bool = False, between: Callable[[Event], str] = lambda _event: ""
) -> Listener:
    """A listener that prints a line for every event; progress of single resources only when verbose.

    Args:
        out: The stream.
        verbose: Whether progress of single resources is printed as well.
        brief: Whether of a failed step only the first line of its error is printed, and unless verbose nothing of those that wait
            for it, because all of it follows at the end.
        between: Returns another line to print after an event; "" for none.

    """
    hidden: set[Kind] = set() if verbose else {"resource.progressed", "resource.started"}
    lock = threading.Lock()

    def show(event: Event) -> None:
        with lock:
            blocked = event.kind == "step.skipped" and event.data.get("state") == "blocked"
            if event.kind not in hidden and not (brief and blocked and not verbose):
                _print(out, line(_brief(event) if brief else event))
            if more := between(event):
                _print(out, more)

    return show


def _brief(event: Event) -> Event:
    return replace(event, text=event.text.partition("\n")[0]) if event.kind == "step.failed" else event


def json_lines(out: TextIO) -> Listener:
    """A listener that prints every event as a line of JSON."""

    def show(event: Event) -> None:
        _print(out, event.to_json())

    return show


def events_file(path: Path) -> Listener:
    """A listener that writes JSON lines to a file. Raises UsageError when that cannot be opened.

    The file is complete after every event, and is closed when the listener is no longer referenced. Lone
    surrogates, which no encoding knows, are written as escapes. What could not be written is reported at the end. A new
    file is readable only for its owner: events name resources, accounts and addresses.
    """

    def private(name: str, flags: int) -> int:
        opened = os.open(name, flags | os.O_NONBLOCK, 0o600)  # else a named pipe without a reader is waited for
        os.set_blocking(opened, True)
        return opened

    try:
        raw = OutputFile(path, "w", opener=private)
    except OSError as error:
        why = "no process reads this named pipe" if error.errno == errno.ENXIO and path.is_fifo() else error.strerror
        raise UsageError(f"--events {path}: cannot be written: {why}") from error
    report(f"--events {path}", raw)
    file = io.TextIOWrapper(io.BufferedWriter(raw), "utf-8", "backslashreplace")
    listener = json_lines(file)
    weakref.finalize(listener, _close, file)
    return listener


def _close(file: TextIO) -> None:
    with suppress(OSError):  # the disk is full; earlier events are complete
        file.close()


def _print(out: TextIO, text: str) -> None:
    """Print a line. Whatever becomes of it (the reader went away, the disk is full) does not stop the run."""
    try:
        try:
            out.write(text + "\n")
        except UnicodeEncodeError:
            coding = out.encoding or "ascii"
            out.write(text.encode(coding, "backslashreplace").decode(coding) + "\n")
        out.flush()
    except (OSError, ValueError):
        return
