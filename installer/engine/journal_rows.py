"""Tables of a journal, and what their rows hold."""

from typing import Final

from installer.engine.events import Event
from installer.engine.step import Record
from installer.json_access import parsed
from installer.jsontypes import Json
from installer.sanitize import UNCUT, clean_json

TABLES: Final = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS records (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, step TEXT NOT NULL, attempt INTEGER NOT NULL, state TEXT NOT NULL,
    name TEXT NOT NULL, digest TEXT NOT NULL, outputs TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS events (number INTEGER PRIMARY KEY, line TEXT NOT NULL) STRICT;
"""


def json_of(text: object) -> Json:
    """Value of a column that has to hold JSON, without control characters. Raises ValueError when it does not."""
    return clean_json(parsed(str(text)), most=UNCUT)


def event_of(line: object) -> Event | None:
    """The event of a line, None if it is damaged."""
    try:
        return Event.from_json(str(line))
    except ValueError:
        return None


def record_of(row: tuple[str, int, str, str, str, str]) -> Record:
    """A record of a row. Raises ValueError when it is none."""
    step, attempt, state, name, digest, outputs = row
    content = json_of(outputs)
    if state not in ("begun", "done", "failed") or not isinstance(content, dict) or not isinstance(attempt, int):
        raise ValueError(f"the record of {step!s:.40} is none")
    return Record(step, attempt, state, name, digest, content)  # type: ignore[arg-type]  # one of the three words
