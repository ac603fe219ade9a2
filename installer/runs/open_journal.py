"""The journal of a run while a process writes it: opened under its lock, flushed, with a heartbeat."""

import logging
import threading
from pathlib import Path

from installer.engine.journal import FLUSH_SECONDS, Journal
from installer.engine.lock import BEAT_SECONDS, JournalLocked
from installer.errors import InstallerError
from installer.invocation import command

log = logging.getLogger(__name__)


def open_journal(directory: Path) -> Journal:
    """The journal of a run, open for writing. Raises JournalLocked, naming the command that watches the run."""
    try:
        return Journal(directory, write=True)
    except JournalLocked as locked:
        hint = f"{locked}, or watch it with {command(f'attach {locked.run}')}"
        raise JournalLocked(hint, run=locked.run) from None


def keep_alive(journal: Journal, run: str, over: threading.Event) -> None:
    """Flush events to disk and refresh the heartbeat of the lock, periodically."""
    beats = 0
    while not over.wait(FLUSH_SECONDS):
        beats += 1
        try:
            journal.flush()
            if beats % round(BEAT_SECONDS / FLUSH_SECONDS) == 0:
                journal.beat()
        except InstallerError:
            log.warning("run %s cannot write at the moment", run, exc_info=True)
