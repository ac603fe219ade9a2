"""The journal: on disk before it returns, one writer at a time, readable after any end, private."""

import json
import os
import platform
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from installer.engine.events import Event
from installer.engine.journal import FORMAT, Journal, JournalDamaged
from installer.engine.lock import JournalLocked, is_held, read_owner
from installer.engine.step import Record
from installer.errors import UsageError

NOON = "2026-03-01T12:00:00.000Z"
SENT = Record("data", 2, "begun", "flowforge-data", "abc", {"ids": ["a", None, 1.5]})

HOLDS = """
import sys
from pathlib import Path
from installer.engine.journal import Journal
journal = Journal(Path(sys.argv[1]), write=True)
print("held", flush=True)
sys.stdin.read()
"""

IS_KILLED = """
import os, signal, sys
from pathlib import Path
from installer.engine.events import Event
from installer.engine.journal import Journal
from installer.engine.step import Record
journal = Journal(Path(sys.argv[1]), write=True)
journal.set_facts(state="running")
journal.note(Event(1, "2026-03-01T12:00:00.000Z", "log", text="before"))
journal.remember(Record("data", 2, "begun", "flowforge-data", "abc", {"ids": ["a", None, 1.5]}))
os.kill(os.getpid(), signal.SIGKILL)
"""


@contextmanager
def holder(directory: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that has the journal open."""
    command = [sys.executable, "-c", HOLDS, str(directory)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def filled(directory: Path) -> Path:
    """Create a journal with records and events; returns the path of its file."""
    with Journal(directory, write=True) as journal:
        journal.set_facts(state="running", installer="9.8.7", answers={"a": [1]})
        for number in range(1, 200):
            journal.note(Event(number, NOON, "log", text=f"line {number} " * 10))
        journal.remember(SENT)
        return journal.path


def read(directory: Path) -> None:
    """Read the whole journal: damage may be detected on opening or only then."""
    with Journal(directory, write=False) as journal:
        journal.events()
        journal.records()


# -- what is kept ----------------------------------------------------------------------------------------------------


def test_written_records_are_read_back(tmp_path: Path) -> None:
    event = Event(1, NOON, "resource.failed", "data", "st", "“no”\n", {"error": {"code": "X"}, "n": None})
    with Journal(tmp_path, write=True) as journal:
        journal.set_facts(answers={"ä": [1, None, True]}, state="running")
        journal.set_facts(state="failed")
        journal.remember(SENT)
        journal.remember(Record("data", 2, "failed", "flowforge-data", "abc"))
        journal.remember(Record("network", 1, "done"))
        journal.note(event)
    with Journal(tmp_path, write=False) as again:
        assert [again.fact(name) for name in ("answers", "state", "format", "nothing")] == [
            {"ä": [1, None, True]},
            "failed",
            FORMAT,
            None,
        ]
        assert [record.state for record in again.records()] == ["begun", "failed", "done"]
        assert again.records()[0] == SENT
        assert again.recall("data") == again.records()[1]
        assert again.recall("elsewhere") is None
        assert (again.events(), again.last_event_number()) == ([event], 1)


def test_a_record_is_on_disk_before_the_call_returns(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", IS_KILLED, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    with Journal(tmp_path, write=False) as journal:
        assert journal.records() == [SENT]
        assert [event.text for event in journal.events()] == ["before"]
        assert journal.fact("state") == "running"


def test_every_commit_waits_for_the_disk(tmp_path: Path) -> None:
    with Journal(tmp_path, write=True) as journal:
        assert journal._db.execute("PRAGMA synchronous").fetchone() == (2,)
        assert journal._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_events_are_on_disk_when_the_journal_is_closed(tmp_path: Path) -> None:
    with Journal(tmp_path, write=True) as journal:
        journal.note(Event(1, NOON, "log"))
    with Journal(tmp_path, write=True) as journal:
        assert journal.last_event_number() == 1
        journal.note(Event(2, NOON, "log"))
    with Journal(tmp_path, write=False) as journal:
        assert [event.number for event in journal.events()] == [1, 2]


def test_many_threads_may_write(tmp_path: Path) -> None:
    with Journal(tmp_path, write=True) as journal:

        def write(name: str) -> None:
            for attempt in range(1, 11):
                journal.remember(Record(name, attempt, "begun"))

        threads = [threading.Thread(target=write, args=(f"s{number}",)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(journal.records()) == 60
        assert [r.attempt for r in journal.records() if r.step == "s3"] == list(range(1, 11))


def test_a_reader_sees_new_records_and_cannot_write(tmp_path: Path) -> None:
    with Journal(tmp_path, write=True) as writer, Journal(tmp_path, write=False) as reader:
        writer.remember(SENT)
        assert reader.records() == [SENT]
        with pytest.raises(UsageError, match="readonly database"):
            reader.remember(SENT)
        assert len(writer.records()) == 1


def test_only_its_user_can_access_it(tmp_path: Path) -> None:
    directory = tmp_path / "deep" / "run"
    before = os.umask(0)
    try:
        with Journal(directory, write=True) as journal:
            journal.remember(SENT)
            assert stat.S_IMODE(directory.stat().st_mode) == 0o700
            modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in directory.iterdir()}
    finally:
        os.umask(before)
    assert {"journal.sqlite", "journal.sqlite-wal", "journal.lock", "owner.json"} <= set(modes)
    assert {mode: name for name, mode in modes.items()}.keys() == {0o600}


# -- one writer ------------------------------------------------------------------------------------------------------


def test_a_second_writer_gets_the_name_of_the_first(tmp_path: Path) -> None:
    with holder(tmp_path) as other:
        with pytest.raises(JournalLocked, match="is in use by") as refused:
            Journal(tmp_path, write=True)
        assert f"process {other.pid} on {platform.node()}" in str(refused.value)
        assert tmp_path.name in str(refused.value)
        assert is_held(tmp_path)
        owner = read_owner(tmp_path)
        assert owner is not None
        assert owner.pid == other.pid
        with Journal(tmp_path, write=False) as reader:  # reading is always possible
            assert reader.records() == []


def test_the_lock_of_a_dead_writer_is_free(tmp_path: Path) -> None:
    with holder(tmp_path) as other:
        other.kill()
        other.wait()
        assert read_owner(tmp_path) is not None  # the owner's note still exists, but the lock decides
        assert not is_held(tmp_path)
        with Journal(tmp_path, write=True) as journal:
            journal.remember(SENT)
            owner = read_owner(tmp_path)
            assert owner is not None
            assert owner.pid == os.getpid()


def test_a_writer_who_closes_leaves_no_trace_of_the_lock(tmp_path: Path) -> None:
    Journal(tmp_path, write=True).close()
    assert read_owner(tmp_path) is None
    assert not is_held(tmp_path)


def test_it_may_be_closed_on_another_thread(tmp_path: Path) -> None:
    journal = Journal(tmp_path, write=True)
    closer = threading.Thread(target=journal.close)
    closer.start()
    closer.join()
    Journal(tmp_path, write=True).close()


@pytest.mark.parametrize("note", ["", "{", "[]", '{"pid": "x", "host": "h", "since": "s"}', '{"pid": 1}', "null"])
def test_a_damaged_note_names_no_owner(tmp_path: Path, note: str) -> None:
    (tmp_path / "owner.json").write_text(note, encoding="utf-8")
    assert read_owner(tmp_path) is None


# -- newer, damaged, missing -----------------------------------------------------------------------------------------


def test_a_newer_journal_is_shown_but_never_written(tmp_path: Path) -> None:
    path = filled(tmp_path)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE facts SET value = ? WHERE name = 'format'", (json.dumps(FORMAT + 1),))
        db.execute("ALTER TABLE records ADD COLUMN colour TEXT")
    before = path.read_bytes()
    with pytest.raises(UsageError, match=r"written by flowforge-installer 9\.8\.7; install that version"):
        Journal(tmp_path, write=True)
    assert path.read_bytes() == before
    assert not is_held(tmp_path)
    with Journal(tmp_path, write=False) as journal:
        assert journal.records() == [SENT]
        assert journal.last_event_number() == 199


def test_an_empty_journal_file_can_be_initialized(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite").touch()
    with pytest.raises(JournalDamaged, match="start a new run"):
        Journal(tmp_path, write=False)
    with Journal(tmp_path, write=True) as journal:
        journal.remember(SENT)
        assert journal.records() == [SENT]


@pytest.mark.parametrize("write", [True, False])
def test_a_file_that_is_no_database_is_explained_and_left_alone(tmp_path: Path, write: bool) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_bytes(b"\0garbage" * 999)
    with pytest.raises(JournalDamaged, match="start a new run") as refused:
        Journal(tmp_path, write=write)
    assert str(path) in str(refused.value)
    assert "start a new run" in str(refused.value)
    assert path.read_bytes() == b"\0garbage" * 999
    assert not is_held(tmp_path)


@pytest.mark.parametrize("part", [0.9, 0.6, 0.3])
def test_a_truncated_journal_is_explained(tmp_path: Path, part: float) -> None:
    path = filled(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(JournalDamaged, match="start a new run"):
        read(tmp_path)


def test_a_torn_page_is_found_before_anything_is_written(tmp_path: Path) -> None:
    path = filled(tmp_path)
    torn = bytearray(path.read_bytes())
    torn[-4096 * 3 : -4096 * 2] = b"\xff" * 4096
    path.write_bytes(torn)
    with pytest.raises(JournalDamaged, match=r"start a new run with the answers\.yaml beside it"):
        Journal(tmp_path, write=True)
    assert path.read_bytes() == torn
    assert not is_held(tmp_path)


def test_a_lost_log_of_changes_leaves_the_older_state_which_azure_completes(tmp_path: Path) -> None:
    filled(tmp_path)
    killed = IS_KILLED.replace("journal.note(Event(1,", "journal.note(Event(1000,")
    subprocess.run([sys.executable, "-c", killed, str(tmp_path)], check=False)
    (tmp_path / "journal.sqlite-wal").unlink()
    with Journal(tmp_path, write=True) as journal:
        assert journal.last_event_number() == 199
        assert journal.records() == [SENT]


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [("records", "outputs", "{"), ("facts", "value", "}")],
)
def test_a_damaged_row_is_explained(tmp_path: Path, table: str, column: str, value: str) -> None:
    path = filled(tmp_path)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(f"UPDATE {table} SET {column} = ?", (value,))  # noqa: S608  names from above
    with pytest.raises(JournalDamaged, match="start a new run"):
        read(tmp_path)


def test_a_run_without_a_journal_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"no journal in {tmp_path}"):
        Journal(tmp_path, write=False)
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_cannot_be_used_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"cannot be used: (Not a directory|File exists)"):
        Journal(tmp_path / "file" / "run", write=True)
    (tmp_path / "owner.json").mkdir()
    with pytest.raises(UsageError, match="cannot be used: Is a directory"):
        Journal(tmp_path, write=True)
    assert not is_held(tmp_path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_is_explained(tmp_path: Path) -> None:
    (tmp_path / "owner.new").symlink_to("/dev/full")
    with pytest.raises(UsageError, match="No space left"):
        Journal(tmp_path, write=True)
