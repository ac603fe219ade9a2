"""The SQLite file of a journal as a file: it is one, it is still in its folder, and it can be read where nothing can be written."""

import os
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from installer.regular_files import refuse_special
from installer.sanitize import printable

_BESIDE: Final = ("-wal", "-shm", "-journal")
"""Endings of the files that SQLite keeps beside a database. Source: sqlite.org/tempfiles.html."""


def refuse_what_is_no_file(path: Path) -> None:
    """Raise OSError if the journal, or a file that SQLite opens beside it, is a pipe, a folder or a device."""
    refuse_special(path)
    for ending in _BESIDE:
        refuse_special(path.with_name(f"{path.name}{ending}"))


@dataclass(frozen=True)
class Identity:
    """The file that was opened, however it is called by now."""

    device: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> Self:
        """That of the file at a path."""
        found = path.stat()
        return cls(found.st_dev, found.st_ino)

    def is_at(self, path: Path) -> bool:
        """Whether it is still the file at this path: what is written into a deleted one is lost."""
        try:
            return Identity.of(path) == self
        except OSError:
            return False


def open_to_read(path: Path) -> "tuple[sqlite3.Connection, tempfile.TemporaryDirectory[str] | None]":
    """A connection that only reads, and the folder of a copy that has to be removed after it.

    A database with a write-ahead log cannot be opened where SQLite cannot create the files beside it (a read-only folder or file
    system). Without a log it is complete, and is declared immutable; one with a log, as a killed process leaves it, is copied
    together with it. Source: sqlite.org/wal.html#read_only_databases.
    """
    uri = path.as_uri()
    db = sqlite3.connect(f"{uri}?mode=ro", uri=True, check_same_thread=False)
    try:
        db.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        if os.access(path.parent, os.W_OK):
            db.close()
            raise
    except sqlite3.DatabaseError:
        pass  # damage is explained by the query that meets it
    else:
        return db, None
    db.close()
    log = path.with_name(f"{path.name}-wal")
    if not log.exists() or not log.stat().st_size:
        return sqlite3.connect(f"{uri}?mode=ro&immutable=1", uri=True, check_same_thread=False), None
    copies = tempfile.TemporaryDirectory(prefix="flowforge-journal-")  # accessible to this user only
    copy = Path(copies.name) / path.name
    try:
        shutil.copyfile(path, copy)
        shutil.copyfile(log, copy.with_name(log.name))
        return sqlite3.connect(copy, check_same_thread=False), copies
    except BaseException:
        copies.cleanup()
        raise


def refuse_programs(db: sqlite3.Connection) -> None:
    """Close a file with views or triggers, and raise DatabaseError.

    A journal has tables only. A view may be a query without an end, and a trigger changes what is written: both are programs of the user
    who has made the file (sqlite.org/security.html, untrusted databases).
    """
    found = db.execute("SELECT type, name FROM sqlite_master WHERE type NOT IN ('table', 'index')").fetchone()
    if found is not None:
        db.close()
        raise sqlite3.DatabaseError(f"it has the {found[0]} {printable(str(found[1]))}")


def disk_problem(error: sqlite3.Error, path: Path) -> str:
    """The remedy for a disk that is full or fails; "" for any other error.

    SQLite makes the index of its log even to read: on a full disk that is an input/output error.
    """
    code = getattr(error, "sqlite_errorname", "")  # Python itself raises it without a name
    if code == "SQLITE_FULL":
        return f"the disk is full: {path} cannot be written; free some space"
    if code.startswith("SQLITE_IOERR"):
        return f"the journal {path} cannot be used ({error}): the disk is full, or fails; free some space, and call the command again"
    return ""
