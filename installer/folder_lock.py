"""Locks on the folder of a run, which cannot be deleted while its journal is in it, as the file of a lock can.

Whoever deletes `journal.lock` (a clean-up of `*.lock`) lets the next process create and lock another file of that name: the lock
of the folder still excludes it. Asking whether a lock is held needs no right to write: a read-only file system can be asked.
"""

import os
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from filelock import FileLock, Timeout

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator

_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
"""Never waits: not even for the other end, where somebody has put a pipe in place of the file."""


class FolderLock:
    """An exclusive lock on a folder; it has no effect where the file system cannot lock folders (NFS: EBADF)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """Take it, without waiting. False if another process has it."""
        if sys.platform == "win32":
            return True
        descriptor = os.open(self._folder, _FLAGS)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        except OSError:
            os.close(descriptor)
            return True
        self._descriptor = descriptor
        return True

    def close(self) -> None:
        """Let it go, if it is held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def is_locked(path: Path) -> bool:
    """Whether a process holds a lock on a file or folder; only reads. False for one that is missing or cannot be opened."""
    if sys.platform == "win32":
        return path.is_file() and not _free(path)
    with _opened(path) as descriptor:
        if descriptor is None:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False


def _free(path: Path) -> bool:
    """Whether a file can be locked, which also needs the right to write it."""
    try:
        with FileLock(path, mode=0o600).acquire(timeout=0):
            return True
    except Timeout:
        return False


@contextmanager
def _opened(path: Path) -> "Iterator[int | None]":
    descriptor = None
    with suppress(OSError):
        descriptor = os.open(path, _FLAGS)
    try:
        yield descriptor
    finally:
        if descriptor is not None:
            os.close(descriptor)  # frees what it locked
