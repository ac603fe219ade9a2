"""Files of a directory that others can write to: only a regular file is read.

Opening a named pipe waits for its other end, and reading a device may never end: a program that finds one in place of its file
would hang.
"""

import stat
from pathlib import Path


def refuse_special(path: Path) -> None:
    """Raise OSError, with the kind of file, if the path is not a regular file. A missing one passes."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISREG(mode):
        raise OSError(0, f"it is {_kind(mode)}, not a file")


def _kind(mode: int) -> str:
    for test, name in (
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISFIFO, "a named pipe"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
    ):
        if test(mode):
            return name
    return "of an unknown kind"


def read_regular(path: Path) -> bytes:
    """The content of a regular file. Raises OSError for anything else."""
    refuse_special(path)
    return path.read_bytes()
