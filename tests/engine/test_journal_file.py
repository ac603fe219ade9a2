"""The file of a journal: its lock cannot be deleted, no special file is opened, and a read-only folder is enough to read it."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from installer.engine.events import Event
from installer.engine.journal import Journal, JournalDamaged
from installer.engine.lock import LOCK, NOTE, JournalLocked, is_held, read_owner
from installer.engine.step import Record
from tests.engine.test_journal import HOLDS, NOON, SENT, filled, holder
from tests.read_only import needs_read_only, run_read_only


@pytest.mark.parametrize("deleted", [(LOCK,), (LOCK, NOTE)], ids=str)
def test_a_deleted_lock_file_lets_no_second_installer_in(tmp_path: Path, deleted: tuple[str, ...]) -> None:
    with holder(tmp_path):
        for name in deleted:
            (tmp_path / name).unlink()
        assert is_held(tmp_path)
        with pytest.raises(JournalLocked, match="is in use"):
            Journal(tmp_path, write=True)
    Journal(tmp_path, write=True).close()
    assert not is_held(tmp_path)


def test_asking_for_the_holder_keeps_no_installer_out(tmp_path: Path) -> None:
    asking = f"import sys\nfrom pathlib import Path\nfrom installer.engine.lock import is_held\nwhile True: is_held(Path({str(tmp_path)!r}))"
    with subprocess.Popen([sys.executable, "-c", asking]) as process:
        try:
            for _ in range(100):
                Journal(tmp_path, write=True).close()
        finally:
            process.kill()


@pytest.mark.parametrize("replaced", [False, True])
def test_a_journal_that_is_deleted_meanwhile_takes_no_record(tmp_path: Path, *, replaced: bool) -> None:
    with Journal(tmp_path, write=True) as journal:
        journal.set_facts(state="running")
        journal.path.unlink()
        if replaced:
            journal.path.touch()
        with pytest.raises(JournalDamaged, match="deleted or replaced while the run worked"):
            journal.remember(SENT)
        with pytest.raises(JournalDamaged, match="deleted or replaced"):
            journal.set_facts(state="failed")


@pytest.mark.parametrize(
    "name", ["journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm", "journal.sqlite-journal"]
)
@pytest.mark.parametrize("write", [False, True])
@pytest.mark.parametrize(
    ("kind", "shown"), [("pipe", "a named pipe"), ("folder", "a folder"), ("device", "a device")], ids=lambda one: one
)
def test_what_is_no_file_is_named_and_never_opened(
    tmp_path: Path, name: str, kind: str, shown: str, *, write: bool
) -> None:
    path = filled(tmp_path).with_name(name)
    path.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("/dev/zero")
    with pytest.raises(JournalDamaged, match=f"it is {shown}, not a file"):
        Journal(tmp_path, write=write)
    assert not is_held(tmp_path)


def test_a_note_of_the_owner_that_is_a_pipe_is_none(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / NOTE)
    assert read_owner(tmp_path) is None


@pytest.mark.parametrize("line", ['{"number": 1}', "", "\0", "[" * 5000, '{"number": 7, "at": "never", "kind": "log"}'])
def test_a_damaged_event_is_left_out_and_counted(tmp_path: Path, line: str) -> None:
    path = filled(tmp_path)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE events SET line = ? WHERE number = 7", (line,))
    with Journal(tmp_path, write=True) as journal:
        assert [event.number for event in journal.events()] == [*range(1, 7), *range(8, 200)]
        assert journal.unreadable_events == 1
        journal.note(Event(200, NOON, "log"))
        assert journal.last_event_number() == 200


@pytest.mark.parametrize(
    "program",
    [
        (
            "ALTER TABLE events RENAME TO e; CREATE VIEW events(number, line) AS "
            "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n, '{}' FROM r"
        ),
        "ALTER TABLE facts RENAME TO f; CREATE VIEW facts AS SELECT * FROM f",
        'CREATE TRIGGER "a\x1b[31m" AFTER INSERT ON records BEGIN DELETE FROM facts; END',
    ],
)
@pytest.mark.parametrize("write", [True, False])
def test_a_journal_with_programs_is_damaged(tmp_path: Path, program: str, write: bool) -> None:
    with closing(sqlite3.connect(filled(tmp_path))) as db, db:
        db.executescript(program)
    with pytest.raises(JournalDamaged, match=r"it has the (view|trigger) ") as refused, Journal(tmp_path, write=write):
        pass
    assert str(refused.value).isprintable()


READS = """
import sys
from pathlib import Path
from installer.engine.journal import Journal
from installer.engine.lock import is_held
with Journal(Path(sys.argv[1]), write=False) as journal:
    print(journal.fact("state"), len(journal.records()), len(journal.events()), is_held(Path(sys.argv[1])))
"""

KILLED = HOLDS.replace("sys.stdin.read()", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)").replace(
    'print("held', 'journal.set_facts(state="late"); print("held'
)


@needs_read_only
@pytest.mark.parametrize("end", ["closed", "killed"])
def test_a_read_only_folder_is_enough_to_read(tmp_path: Path, end: str) -> None:
    filled(tmp_path)
    if end == "killed":
        subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False, capture_output=True)
        assert (tmp_path / "journal.sqlite-wal").stat().st_size
        (tmp_path / "journal.sqlite-shm").unlink()
    read = run_read_only(tmp_path, [sys.executable, "-c", READS, str(tmp_path)])
    assert (read.stdout, read.stderr) == (f"{'late' if end == 'killed' else 'running'} 1 199 False\n", "")


def test_records_stay_what_decides(tmp_path: Path) -> None:
    path = filled(tmp_path)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE records SET outputs = '{'")
    with Journal(tmp_path, write=True) as journal, pytest.raises(JournalDamaged):
        journal.recall(Record("data", 2, "done").step)


def test_a_disk_that_is_full_is_no_damage(tmp_path: Path) -> None:
    """SQLite makes the index of its log even to read, and reports an input/output error if it cannot."""
    filled(tmp_path)
    program = (
        "import resource, signal, sys; from pathlib import Path; from installer.engine.journal import Journal, JournalDamaged\n"
        "from installer.errors import UsageError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
        "try: Journal(Path(sys.argv[1]), write=False).fact('x')\n"
        "except UsageError as error: print(type(error) is UsageError, error)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("True the journal")
    assert "the disk is full, or fails; free some space" in done.stdout
