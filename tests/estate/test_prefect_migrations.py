"""The program that lists pending migrations, run against real databases of Prefect: empty, half migrated, complete, newer."""

import json
import os
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest

from installer.emulator.prefect.local import image_python
from installer.estate.parameters.context import Installation
from installer.estate.parameters.prefect_migrations import pending_command
from tests.bicep.answers_variants import answers

pytestmark = pytest.mark.e2e


def run(database: Path, *command: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    settings = {
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{database}",
        "PREFECT_HOME": str(database.parent),
    }
    return subprocess.run(command, env={**kept, **settings}, capture_output=True, text=True, check=True).stdout


def pending(database: Path) -> dict[str, Any]:
    (_, *program) = map(str, pending_command(Installation(answers("dev"))))
    found: dict[str, Any] = json.loads(run(database, image_python(), *program).splitlines()[-1])["result"]
    return found


def upgrade(database: Path, revision: str) -> None:
    run(database, image_python(), "-m", "prefect", "server", "database", "upgrade", "-y", "-r", revision)


def test_pending_migrations_are_those_that_prefect_then_applies(tmp_path: Path) -> None:
    database = tmp_path / "prefect.db"
    every = pending(database)
    assert (every["current"], every["unknown"]) == ([], [])
    assert every["pending"][-1][0] == every["newest"]
    half = every["pending"][len(every["pending"]) // 2][0]
    upgrade(database, half)
    rest = pending(database)
    assert rest["current"] == [half]
    assert rest["pending"] == every["pending"][len(every["pending"]) // 2 + 1 :]
    assert all(len(one) == 2 and one[1] for one in rest["pending"])
    upgrade(database, "head")
    assert pending(database)["pending"] == []


def test_tables_of_a_newer_prefect_are_named(tmp_path: Path) -> None:
    database = tmp_path / "prefect.db"
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.execute("INSERT INTO alembic_version VALUES ('ffffffffffff')")
    found = pending(database)
    assert (found["unknown"], found["pending"]) == (["ffffffffffff"], [])
