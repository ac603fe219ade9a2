"""Standard streams that never end a command: closed ones lead nowhere, and what cannot be written is lost, not raised.

The reader of a pipe goes away, or the log that output goes to is on a full disk, in the middle of a removal: what was begun, and the
record of it, are completed all the same. What was lost is reported at the end, but for a reader that has gone, which wanted no more.
"""

import io
import os
import sys
from typing import Final

from installer.output_file import OutputFile, lead_nowhere, losses, report

_NAMES: Final = ("stdin", "stdout", "stderr")


def open_closed() -> None:
    """Open what the caller has closed: the next file, such as a journal, would get its descriptor and what is printed to it."""
    for descriptor, name in enumerate(_NAMES):
        try:
            os.fstat(descriptor)
        except OSError:
            flags = os.O_RDONLY if name == "stdin" else os.O_WRONLY
            lead_nowhere(descriptor, flags)
            stream = open(descriptor, "r" if name == "stdin" else "w", encoding="utf-8", closefd=False)  # noqa: SIM115  for as long as the program runs
            setattr(sys, name, stream)


def keep_writing() -> None:
    """Replace standard output and standard error by streams that raise nothing when they are written to.

    With "replace" they serve terminals with a limited character set. They are flushed by lines: else a log of both, such as that of a
    pipeline, has the last line ("nothing was changed") before the plan that it is about.
    """
    for name, words in (("stdout", "standard output"), ("stderr", "standard error")):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            stream.flush()
            raw = OutputFile(stream.fileno(), "w", closefd=False)
            report(words, raw)
            out = io.BufferedWriter(raw)
            setattr(sys, name, io.TextIOWrapper(out, stream.encoding, "replace", line_buffering=True))


def lost_output() -> list[str]:
    """Lines on what could not be written, and why: standard output, standard error, files of events."""
    return [f"{words} could not be written, the rest of it is lost: {why.strerror}" for words, why in losses()]
