"""Who may write a run: one installer at a time, named in a note beside the lock, with the moment of its last beat.

It is a lock on a file and on the folder itself, for the file can be deleted. The operating system frees the lock of a process that is gone. A file system that several machines share may not: there the
heartbeat shows whether the other one is alive, and `unlock` releases the lock of a dead one.
"""

import json
import os
import platform
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from installer.engine.events import utc_now
from installer.errors import UsageError
from installer.folder_lock import FolderLock, is_locked
from installer.regular_files import read_regular

LOCK: Final = "journal.lock"
NOTE: Final = "owner.json"
BEAT_SECONDS: Final = 10.0
PROBE_SECONDS: Final = 0.2
"""A process that asks whether a run is in use (`is_held`) holds its lock for an instant: no reason to refuse another one."""
STALE_SECONDS: Final = 120.0
"""An owner on another machine without a heartbeat for so long is assumed dead, if the user confirms by `unlock`."""


class JournalLocked(UsageError):
    """Another installer works on this run; the text names it.

    `run` is the name of the run, by which it can be watched.
    """

    def __init__(self, text: str, *, run: str) -> None:
        super().__init__(text)
        self.run = run


@dataclass(frozen=True)
class Owner:
    """Holder of a run. `beat`: time of its last heartbeat."""

    pid: int
    host: str
    since: str
    beat: str = ""

    def __str__(self) -> str:
        heard = f", last heartbeat {self.beat}" if self.beat else ""
        return f"process {self.pid} on {self.host}, since {self.since}{heard}"

    @property
    def is_here(self) -> bool:
        """Whether it is or was on this machine."""
        return self.host == platform.node()

    @property
    def lives(self) -> bool:
        """Whether its process exists; on another machine, whether its heartbeat is recent."""
        if self.is_here:
            return _exists(self.pid)
        try:
            silent = (utc_now() - datetime.fromisoformat(self.beat or self.since)).total_seconds()
        except (ValueError, TypeError):
            return False
        return silent < STALE_SECONDS


class Lock:
    """The lock of a run's directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        # It may be released on another thread than it was acquired on.
        self._lock = FileLock(directory / LOCK, mode=0o600, thread_local=False)
        self._folder = FolderLock(directory)
        self._since = ""

    def acquire(self) -> None:
        """Take it. Raises JournalLocked, naming the holder."""
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._lock.acquire(timeout=PROBE_SECONDS, poll_interval=PROBE_SECONDS / 10)
            self._lock_folder()
        except Timeout:
            self._lock.release()
            holder = read_owner(self._directory)
            name = self._directory.name
            words = f"run {name} is in use by {holder or 'another installer'}; wait until it ends, or stop it there"
            raise JournalLocked(words, run=name) from None
        self._since = _now()
        self.beat()

    def _lock_folder(self) -> None:
        """Lock the folder. Raises Timeout if another process has it: one whose lock file was deleted."""
        until = time.monotonic() + PROBE_SECONDS
        while not self._folder.acquire():
            if time.monotonic() > until:
                raise Timeout(str(self._directory))
            time.sleep(PROBE_SECONDS / 10)

    def beat(self) -> None:
        """Record a heartbeat."""
        owner = {"pid": os.getpid(), "host": platform.node(), "since": self._since, "beat": _now()}
        note = self._directory / NOTE
        new = note.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(json.dumps(owner), encoding="utf-8")
        new.replace(note)

    def release(self) -> None:
        """Let it go, if it is held."""
        if self._lock.is_locked:
            with suppress(OSError):  # a leftover note is ignored once the lock is free
                (self._directory / NOTE).unlink()
            self._folder.close()
            self._lock.release()


def read_owner(directory: Path) -> Owner | None:
    """The recorded holder of a run; None when there is none. The lock itself decides."""
    try:
        raw = json.loads(read_regular(directory / NOTE))
        return Owner(int(raw["pid"]), str(raw["host"]), str(raw["since"]), str(raw.get("beat", "")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def is_held(directory: Path) -> bool:
    """Whether an installer is working on the run at this moment. Only reads: the file system may be read-only."""
    return is_locked(directory / LOCK) or is_locked(directory)


def unlock(directory: Path) -> str:
    """Release a run whose owner is gone; returns one line about what was done. Raises JournalLocked when the owner lives."""
    owner, name = read_owner(directory), directory.name
    if not is_held(directory):
        with suppress(OSError):
            (directory / NOTE).unlink()
        return f"{name} is free" + (f": {owner} is gone" if owner else ": it has no holder")
    if owner is None or owner.lives:
        raise JournalLocked(
            f"{name} stays locked: {owner or 'another installer'} is alive; stop it there first", run=name
        )
    # The lock belongs to a file that no process can release any more: the next owner creates another one.
    (directory / LOCK).unlink(missing_ok=True)
    with suppress(OSError):
        (directory / NOTE).unlink()
    return f"{name} is free: {owner} is gone"


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _now() -> str:
    return utc_now().isoformat(timespec="seconds")
