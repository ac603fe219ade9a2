"""The journal of a run: what was decided, what was sent under which name, and what happened.

Azure is the truth; the journal only remembers handles.

One SQLite file (WAL, synchronous=FULL) in a private directory, one writer at a time. A record is on disk before the
request that it announces is sent. Events ride along and are flushed every third of a second. A journal of a newer format
can be read, but not written; one whose pages are damaged is left as it is.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from installer.engine.events import Event, utc_now
from installer.engine.journal_file import Identity, disk_problem, open_to_read, refuse_programs, refuse_what_is_no_file
from installer.engine.journal_rows import TABLES, event_of, json_of, record_of
from installer.engine.lock import Lock
from installer.engine.step import Record
from installer.errors import UsageError
from installer.jsontypes import Json
from installer.sanitize import printable

if TYPE_CHECKING:
    import tempfile

FORMAT: Final = 1
FLUSH_SECONDS: Final = 0.3
DAMAGED_HINT: Final = (
    "start a new run with the answers.yaml beside it: what Azure has by then is adopted, not sent again"
)

FILE: Final = "journal.sqlite"
"""Name of a journal in the directory of its run."""


class JournalDamaged(UsageError):
    """The journal cannot be read as what it should be."""


class Journal:
    """A run's journal, open for writing (with the lock) or for reading. Thread-safe."""

    def __init__(self, directory: Path, *, write: bool) -> None:
        self.directory = directory
        self.path = directory / FILE
        self._lock = threading.RLock()
        self._flushed = monotonic()
        self._dirty = False
        self._own = Lock(directory) if write else None
        self._copies: tempfile.TemporaryDirectory[str] | None = None
        self._identity: Identity | None = None
        self.unreadable_events = 0
        """Number of lines that `events` has left out, because they are damaged."""
        if not write and not self.path.exists():
            raise UsageError(f"{directory.name}: there is no journal in {directory}")
        try:
            with self._explaining():
                if self._own is not None:
                    self._own.acquire()
                self._open(write=write)
        except BaseException:
            self._release()
            raise

    def _open(self, *, write: bool) -> None:
        self._refuse_what_is_no_file()
        if not write or self.path.exists():
            self._db, self._copies = open_to_read(self.path)
            self._db.execute("PRAGMA query_only=ON")
            refuse_programs(self._db)
            if not write:
                self.fact("format")
                return
            self._refuse_newer_and_damaged()
        self.path.touch(mode=0o600)
        self._identity = Identity.of(self.path)
        self._db = sqlite3.connect(self.path, check_same_thread=False, isolation_level="DEFERRED")
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(TABLES)

    def _refuse_newer_and_damaged(self) -> None:
        """Raises UsageError for a journal of a newer format or with damaged pages, before anything of it is changed."""
        try:
            (said,) = self._db.execute("PRAGMA quick_check(1)").fetchone()
            if said != "ok":
                raise sqlite3.DatabaseError(said)
            if not self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'facts'").fetchone():
                return  # stopped before it held anything
            self.refuse_newer()
        finally:
            self._db.close()

    def refuse_newer(self) -> None:
        """Raise UsageError for a journal of a newer format: its installation may have what this version does not know."""
        with self._explaining():
            newer = int(str(self.fact("format") or FORMAT)) > FORMAT
        if newer:
            raise UsageError(
                f"the run {self.directory.name} was written by flowforge-installer {printable(str(self.fact('installer')))}; install "
                "that version or a newer one to resume it or to change its installation (this one can only show it)"
            )

    def _refuse_what_is_no_file(self) -> None:
        try:
            refuse_what_is_no_file(self.path)
        except OSError as error:
            raise JournalDamaged(
                f"the journal {self.path} cannot be used ({error.strerror}); {DAMAGED_HINT}"
            ) from error

    def _refuse_lost(self) -> None:
        """Raise JournalDamaged if the file was deleted or replaced while it is written: a later attempt would not find the records."""
        if self._identity is not None and not self._identity.is_at(self.path):
            raise JournalDamaged(
                f"the journal {self.path} was deleted or replaced while the run worked; {DAMAGED_HINT}"
            )

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        """Turns errors of SQLite and JSON about a damaged file into one that names the file and the way out."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if of_disk := disk_problem(error, self.path):
                raise UsageError(of_disk) from error
            raise JournalDamaged(f"the journal {self.path} cannot be used ({error}); {DAMAGED_HINT}") from error
        except (sqlite3.DatabaseError, ValueError, RecursionError) as error:
            raise JournalDamaged(f"the journal {self.path} cannot be read ({error}); {DAMAGED_HINT}") from error
        except OSError as error:
            raise UsageError(
                f"the run's directory {self.directory} cannot be used: {error.strerror or error}"
            ) from error

    # -- facts: set once when the run is made --------------------------------------------------------------------

    def fact(self, name: str) -> Json:
        """A fact of the run, or None."""
        with self._lock, self._explaining():
            row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
            return json_of(row[0]) if row else None

    def set_facts(self, **facts: Json) -> None:
        """Keep facts, on disk before returning."""
        self._refuse_lost()
        with self._lock, self._explaining(), self._db:
            rows = [(name, json.dumps(value)) for name, value in {"format": FORMAT, **facts}.items()]
            self._db.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", rows)

    # -- records -------------------------------------------------------------------------------------------------

    def remember(self, record: Record) -> None:
        """Append a record, on disk before returning."""
        self._refuse_lost()
        with self._lock, self._explaining(), self._db:
            self._db.execute(
                "INSERT INTO records (at, step, attempt, state, name, digest, outputs) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    utc_now().isoformat(timespec="milliseconds"),
                    record.step,
                    record.attempt,
                    record.state,
                    record.name,
                    record.digest,
                    json.dumps(dict(record.outputs)),
                ),
            )

    def recall(self, step: str) -> Record | None:
        """The newest record of a step."""
        with self._lock, self._explaining():
            row = self._db.execute(
                "SELECT step, attempt, state, name, digest, outputs FROM records WHERE step = ? ORDER BY number DESC",
                (step,),
            ).fetchone()
            return record_of(row) if row else None

    def records(self) -> list[Record]:
        """All records in the order in which they were written."""
        with self._lock, self._explaining():
            rows = self._db.execute("SELECT step, attempt, state, name, digest, outputs FROM records ORDER BY number")
            return [record_of(row) for row in rows]

    # -- events --------------------------------------------------------------------------------------------------

    def note(self, event: Event) -> None:
        """Append an event; it is on disk a third of a second later, or with the next record; an answer at once."""
        with self._lock, self._explaining():
            self._db.execute("INSERT INTO events VALUES (?, ?)", (event.number, event.to_json()))
            self._dirty = True
            if event.kind == "answer" or monotonic() - self._flushed > FLUSH_SECONDS:
                self.flush()

    def flush(self) -> None:
        """Put on disk what rides along, if there is any."""
        with self._lock, self._explaining():
            if self._dirty:
                self._db.commit()
            self._dirty = False
            self._flushed = monotonic()

    def events(self, after: int = 0) -> list[Event]:
        """The events so far, in order; those after a number. Damaged ones are left out and counted: no decision needs them."""
        with self._lock, self._explaining():
            rows = self._db.execute("SELECT line FROM events WHERE number > ? ORDER BY number", (after,)).fetchall()
            found = [event for (line,) in rows if (event := event_of(line)) is not None]
            self.unreadable_events = max(self.unreadable_events, len(rows) - len(found))
            return found

    def last_event_number(self) -> int:
        """Number of the newest event, 0 if there is none."""
        with self._lock, self._explaining():
            row = self._db.execute("SELECT max(number) FROM events").fetchone()
            return int(row[0] or 0)

    # -- the end -------------------------------------------------------------------------------------------------

    def beat(self) -> None:
        """Update the heartbeat of the writer, for machines that cannot see its process."""
        with self._explaining():
            if self._own is not None:
                self._own.beat()

    def _release(self) -> None:
        if self._own is not None:
            self._own.release()

    def close(self) -> None:
        """Flush, and let others write."""
        try:
            with self._lock, self._explaining():
                self._db.commit()
        finally:
            self._db.close()
            if self._copies is not None:
                self._copies.cleanup()
            self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
