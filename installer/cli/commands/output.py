"""Output of a command: the renderers that the options select, and whether a user is at a terminal."""

import os
import sys
from pathlib import Path
from typing import Any, Final, TextIO

from installer.cli.periodic_progress import PeriodicProgress
from installer.engine.events import Listener
from installer.engine.lines import events_file, json_lines, plain_lines

Settings = dict[str, Any]


def listeners(settings: Settings, *, screen: bool = False, brief: bool = False) -> list[Listener]:
    """Renderers that the options select; beside a screen only the events file; `brief` as in plain_lines."""
    found: list[Listener] = []
    if not screen:
        found.append(json_lines(sys.stdout) if settings.get("output") == "json" else _lines(settings, brief=brief))
    if settings.get("events"):
        found.append(events_file(Path(settings["events"])))
    return found


def _lines(settings: Settings, *, brief: bool) -> Listener:
    """Plain text: every event, and periodic progress."""
    verbose = bool(settings.get("verbose"))
    return plain_lines(sys.stdout, verbose=verbose, brief=brief, between=PeriodicProgress().after)


def on_one_terminal() -> bool:
    """Whether standard output and standard error are read by the same user."""
    return is_terminal(sys.stdout) and is_terminal(sys.stderr)


def wants_plain(settings: Settings) -> bool:
    """Whether to print lines instead of opening a screen."""
    dumb = os.environ.get("TERM", "") in ("", "dumb")
    return bool(settings.get("plain") or os.environ.get("ACCESSIBLE") or dumb or not attended())


def on_screen(settings: Settings) -> list[Listener]:
    """Prepare for a screen: disable colors if requested; returns the listeners beside it."""
    if settings.get("no_color"):
        os.environ["NO_COLOR"] = "1"  # as Textual reads it
    return listeners(settings, screen=True)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether the stream is a terminal; it is None where the descriptor is closed."""
    return stream is not None and stream.isatty()


def attended() -> bool:
    """Whether a user can read the output and answer questions."""
    return is_terminal(sys.stdin) and is_terminal(sys.stdout)


def asked(question: str) -> str:
    """The line that the user types; "" at the end of input (Ctrl+D), which leaves everything as it is."""
    try:
        return input(question).strip()
    except EOFError:
        print()
        return ""


WATCHED: Final = "watched"
"""Set where the user has confirmed the plan on this terminal, and so watches what follows."""
NOTHING: Final = "nothing to do: everything is so already"


def confirmed(settings: Settings, question: str, *, yes: bool) -> bool:
    """Whether the user agrees to a plan; asked on a terminal only."""
    if yes:
        return True
    if attended() and settings.get("output") != "json" and asked(f"{question} (yes/no): ").lower() == "yes":
        settings[WATCHED] = True
        return True
    print("nothing was changed; --yes carries out the plan", file=sys.stderr)
    return False
