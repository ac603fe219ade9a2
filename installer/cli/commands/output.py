"""Who watches: which renderers the options ask for, and whether somebody sits at a terminal."""

import os
import sys
from pathlib import Path
from typing import Any, TextIO

from installer.cli.periodic_progress import SoFar
from installer.engine.events import Listener
from installer.engine.lines import events_file, json_lines, plain_lines

Settings = dict[str, Any]


def listeners(settings: Settings, *, screen: bool = False) -> list[Listener]:
    """Renderers that the options ask for; on a screen only the file."""
    found: list[Listener] = []
    if not screen:
        found.append(json_lines(sys.stdout) if settings.get("output") == "json" else _lines(settings))
    if settings.get("events"):
        found.append(events_file(Path(settings["events"])))
    return found


def _lines(settings: Settings) -> Listener:
    """For people: every event, and now and then how far the run is."""
    return plain_lines(sys.stdout, verbose=bool(settings.get("verbose")), between=SoFar().after)


def wants_plain(settings: Settings) -> bool:
    """Whether lines are shown rather than a screen."""
    dumb = os.environ.get("TERM", "") in ("", "dumb")
    return bool(settings.get("plain") or os.environ.get("ACCESSIBLE") or dumb or not attended())


def on_screen(settings: Settings) -> list[Listener]:
    """What a screen needs: no colours where none are wanted, and the listeners beside it."""
    if settings.get("no_color"):
        os.environ["NO_COLOR"] = "1"  # as Textual reads it
    return listeners(settings, screen=True)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether somebody sits at the other end; Python has no stream at all where the descriptor is closed."""
    return stream is not None and stream.isatty()


def attended() -> bool:
    """Whether somebody can see what is printed, and answer."""
    return is_terminal(sys.stdin) and is_terminal(sys.stdout)
