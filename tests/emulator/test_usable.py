"""A state with stored secrets, which are encrypted, can be continued; one with a damaged row cannot."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

from installer.emulator.state.database import Database
from installer.emulator.state.usable import check_content


@pytest.mark.parametrize(("table", "columns", "damaged"), [("secret_versions", 5, False), ("blobs", 0, True)])
def test_only_json_has_to_be_json(tmp_path: Path, table: str, columns: int, damaged: bool) -> None:
    file = tmp_path / "azure.sqlite"
    with contextlib.closing(Database(file)) as database:
        check_content(database)
    with contextlib.closing(sqlite3.connect(file)) as raw, raw:
        names = [row[1] for row in raw.execute(f"PRAGMA table_info({table})")]
        assert columns in (0, len(names))
        values = ["gAAAAABencrypted" if name == "data" else "1" for name in names]
        raw.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(names))})", values)  # noqa: S608  as above
    expected = pytest.raises(sqlite3.DatabaseError) if damaged else contextlib.nullcontext()
    with contextlib.closing(Database(file)) as database, expected:
        check_content(database)
