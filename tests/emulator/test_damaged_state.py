"""State that was damaged, certificates that were cut and a clock that was set back: the embedded Azure starts, or says how to go on."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from installer.errors import UsageError
from tests.cloud.started import launched
from tests.emulator.server_process import API, serving


@pytest.fixture
def state(tmp_path: Path) -> Path:
    with serving(tmp_path) as server:
        server.raw("GET", f"/subscriptions?api-version={API}")
        server.put(f"{server.scope}/resourceGroups/a", "2022-09-01", {"location": "westeurope"})
    return tmp_path


def in_database(statement: str) -> Callable[[Path], None]:
    def damage(state: Path) -> None:
        with closing(sqlite3.connect(state / "azure.sqlite")) as db, db:
            assert db.execute(statement).rowcount

    return damage


def no_database(state: Path) -> None:
    (state / "azure.sqlite").write_bytes(b"no database at all" * 1000)


def torn_page(state: Path) -> None:
    path = state / "azure.sqlite"
    content = bytearray(path.read_bytes())
    content[-4096:] = b"\xff" * 4096
    content[4096:8192] = b"\xff" * 4096
    path.write_bytes(content)


@pytest.mark.parametrize(
    "damage",
    [
        no_database,
        torn_page,
        in_database("UPDATE facts SET value = '' WHERE name = 'token_key'"),
        in_database("UPDATE facts SET value = 'no hex' WHERE name = 'token_key'"),
        in_database("UPDATE facts SET value = '' WHERE name = 'client_secret'"),
        in_database("UPDATE resources SET data = '{'"),
    ],
)
def test_damaged_state_says_how_to_go_on(state: Path, damage: Callable[[Path], None]) -> None:
    damage(state)
    with pytest.raises(
        UsageError, match=r"is damaged .*: this rehearsal cannot be continued; rehearse starts a new one"
    ):
        launched(state)


@pytest.mark.parametrize("name", ["ca.pem", "server.pem", "server.key"])
@pytest.mark.parametrize(
    "content", [b"", b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", b"\xff\x00"]
)
def test_damaged_certificates_are_made_again(state: Path, name: str, content: bytes) -> None:
    (state / name).write_bytes(content)
    with serving(state) as server:
        assert server.raw("GET", f"/subscriptions?api-version={API}").ok


def test_a_clock_that_was_set_back_is_named(state: Path) -> None:
    later = time.time() + 7200
    in_database(f"UPDATE facts SET value = '{later}' WHERE name = 'started'")(state)  # noqa: S608  a number
    with pytest.raises(UsageError, match=r"the clock of this machine is 1(19|20) minutes behind the last use"):
        launched(state)


def test_a_deleted_lock_lets_no_second_one_in(state: Path) -> None:
    with serving(state):
        (state / "lock").unlink()
        words = [sys.executable, "-m", "installer.emulator", "--state-dir", str(state)]
        second = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert second.returncode == 2
    assert "another rehearsal is using" in second.stderr
