"""While a screen is shown, only the screen writes to the terminal: output of libraries goes to a log."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from installer.output_file import OutputFile


@contextmanager
def redirect_descriptors(log: Path) -> Iterator[None]:
    """Redirect descriptors 1 and 2 to the log; Textual gets the terminal through a separate descriptor.

    Textual writes to `sys.__stderr__` and measures `sys.__stdout__`, so those two are replaced.
    """
    log.touch(mode=0o600)
    before = sys.__stdout__, sys.__stderr__
    kept = {1: os.dup(1), 2: os.dup(2)}
    sink = os.open(log, os.O_WRONLY | os.O_APPEND)
    terminal = 2 if os.isatty(2) else 1
    raw = OutputFile(os.dup(terminal), "w")  # a terminal that was closed ends the screen in order, not by an error
    screen = io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", errors="replace", line_buffering=True)
    try:
        sys.__stdout__ = sys.__stderr__ = screen  # type: ignore[misc]  # typeshed calls them final; Textual reads them
        for descriptor in kept:
            os.dup2(sink, descriptor)
        yield
    finally:
        for descriptor, original in kept.items():
            os.dup2(original, descriptor)
            os.close(original)
        os.close(sink)
        sys.__stdout__, sys.__stderr__ = before  # type: ignore[misc]
        screen.close()
