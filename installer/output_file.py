"""A file for output that raises nothing: its reader may go, its disk may be full, its terminal may be closed."""

import errno
import io
import os
import select
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class OutputFile(io.FileIO):
    """A descriptor as a file: the first error is kept, and later output goes nowhere.

    Attributes:
        lost: The error; None as long as everything was written.

    """

    lost: OSError | None = None

    def write(self, data: "ReadableBuffer", /) -> int:
        """Write as much as the system takes. Never raises OSError."""
        try:
            while (written := super().write(data)) is None:  # a descriptor that another process has made non-blocking
                select.select([], [self], [])
        except OSError as error:
            self.lost = error
            lead_nowhere(self.fileno(), os.O_WRONLY)
            return memoryview(data).nbytes
        return written


_REPORTED: Final[list[tuple[str, OutputFile]]] = []


def report(words: str, file: OutputFile) -> None:
    """Have `losses` name this file, for as long as the program runs."""
    _REPORTED.append((words, file))


def losses() -> list[tuple[str, OSError]]:
    """Files that could not be written, and why; none whose reader has gone, which wanted no more."""
    return [(words, file.lost) for words, file in _REPORTED if file.lost is not None and file.lost.errno != errno.EPIPE]


def lead_nowhere(descriptor: int, flags: int) -> None:
    """Make a descriptor one of the null device, opened with these flags."""
    opened = os.open(os.devnull, flags)
    if opened != descriptor:
        os.dup2(opened, descriptor, inheritable=True)
        os.close(opened)
    else:
        os.set_inheritable(descriptor, True)  # noqa: FBT003  positional only
