"""The SQLite file: schema, transactions and queries.

WAL with `synchronous=NORMAL`: a committed change survives a killed process, which is enough here.
Only the thread of the event loop uses it.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from installer.jsontypes import Json

Value = str | int | float | None

_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS resources (
    key TEXT PRIMARY KEY, subscription TEXT NOT NULL, grp TEXT NOT NULL, type TEXT NOT NULL,
    ends REAL, data TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS resources_by_type ON resources (type);
CREATE INDEX IF NOT EXISTS resources_by_place ON resources (subscription, grp, type);
CREATE TABLE IF NOT EXISTS deployments (
    key TEXT PRIMARY KEY, scope TEXT NOT NULL, parent TEXT, serial TEXT NOT NULL, started REAL NOT NULL,
    data TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS deployments_by_scope ON deployments (scope, started);
CREATE TABLE IF NOT EXISTS submissions (
    deployment TEXT PRIMARY KEY, template TEXT NOT NULL, parameters TEXT NOT NULL, withheld TEXT NOT NULL
    ) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS operations (
    deployment TEXT NOT NULL, node TEXT NOT NULL, started REAL NOT NULL, data TEXT NOT NULL,
    PRIMARY KEY (deployment, node)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS registrations (
    subscription TEXT NOT NULL, namespace TEXT NOT NULL, state TEXT NOT NULL, ready REAL NOT NULL,
    PRIMARY KEY (subscription, namespace)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, ready REAL NOT NULL, done INTEGER NOT NULL,
    status INTEGER NOT NULL, result TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS blobs (
    container TEXT NOT NULL, name TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (container, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS blocks (
    container TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL, file TEXT NOT NULL, size INTEGER NOT NULL,
    PRIMARY KEY (container, name, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS deleted_blobs (
    container TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL, at REAL NOT NULL, until REAL NOT NULL, data TEXT NOT NULL,
    PRIMARY KEY (container, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS deleted_containers (
    account TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL, at REAL NOT NULL, until REAL NOT NULL,
    data TEXT NOT NULL, PRIMARY KEY (account, version)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS secret_versions (
    vault TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL, created REAL NOT NULL, data TEXT NOT NULL,
    PRIMARY KEY (vault, name, version));
CREATE TABLE IF NOT EXISTS telemetry (
    serial INTEGER PRIMARY KEY AUTOINCREMENT, moment REAL NOT NULL, kind TEXT NOT NULL, place TEXT NOT NULL,
    data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS requests (
    serial INTEGER PRIMARY KEY AUTOINCREMENT, moment REAL NOT NULL, data TEXT NOT NULL);
"""


class StateVersionError(Exception):
    """The state was written by an incompatible version."""


class StateDamagedError(Exception):
    """The state cannot be read; the text says how to go on."""

    def __init__(self, folder: Path, problem: Exception) -> None:
        reason = " ".join(str(problem).split())[:200]
        super().__init__(
            f"its state {folder} is damaged ({reason}): this rehearsal cannot be continued; rehearse starts a new one, "
            "and runs delete RUN removes the damaged one"
        )


class Database:
    """A connection with transactions that nest."""

    def __init__(self, path: Path) -> None:
        """Open or create the file; StateVersionError when an incompatible version created it."""
        try:
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            (found,) = self._connection.execute("PRAGMA quick_check(1)").fetchone()
            if found != "ok":
                raise sqlite3.DatabaseError(found)
        except sqlite3.OperationalError:
            raise  # it cannot be opened, or another process has it
        except sqlite3.DatabaseError as problem:
            raise StateDamagedError(path.parent, problem) from problem
        self._depth = 0
        self.folder = path.parent
        """The state directory, for contents that are too large for the file."""
        path.chmod(0o600)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        version = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
        if version not in {0, _VERSION}:
            self._connection.close()
            raise StateVersionError(f"{path} has version {version}, this program supports version {_VERSION}")
        self._connection.executescript(_SCHEMA)
        self._connection.execute(f"PRAGMA user_version={_VERSION}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all changes or none; an inner transaction is part of the outer one."""
        outermost = self._depth == 0
        if outermost:
            self._connection.execute("BEGIN IMMEDIATE")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            if outermost:
                self._connection.execute("ROLLBACK")
            raise
        self._depth -= 1
        if outermost:
            self._connection.execute("COMMIT")

    def run(self, statement: str, *values: Value) -> int:
        """Execute a change; returns the number of affected rows."""
        with self.transaction():
            return self._connection.execute(statement, values).rowcount

    @property
    def changes(self) -> int:
        """Number of rows that were changed since the start."""
        return self._connection.total_changes

    def rows(self, statement: str, *values: Value) -> list[tuple[Value, ...]]:
        """All rows of a query."""
        return self._connection.execute(statement, values).fetchall()

    def row(self, statement: str, *values: Value) -> tuple[Value, ...] | None:
        """The first row of a query, or None."""
        found: tuple[Value, ...] | None = self._connection.execute(statement, values).fetchone()
        return found

    def fact(self, name: str) -> str | None:
        """A single stored value, such as a secret or the last port."""
        found = self.row("SELECT value FROM facts WHERE name = ?", name)
        return str(found[0]) if found else None

    def remember(self, name: str, value: str) -> None:
        """Store a single value."""
        self.run("INSERT OR REPLACE INTO facts VALUES (?, ?)", name, value)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def packed(value: Json) -> str:
    """Serialise a value for storage."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def unpacked(text: Value) -> Json:
    """Deserialise a stored value."""
    value: Json = json.loads(str(text))
    return value
