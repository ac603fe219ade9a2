"""The journal: on disk before anything is sent, one writer at a time, readable whatever happened to its writer."""

import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from installer.engine.events import Event
from installer.engine.journal import FORMAT, Journal, JournalDamaged, JournalLocked, is_held, read_owner
from installer.engine.step import Record
from installer.errors import UsageError

AT = "2026-03-01T12:00:00.000Z"


def files(directory: Path) -> dict[str, bytes]:
    return {entry.name: entry.read_bytes() for entry in directory.iterdir() if entry.suffix == ".sqlite"}


@contextmanager
def raw(directory: Path) -> Iterator[sqlite3.Connection]:
    """The database as it is, past the journal."""
    connection = sqlite3.connect(directory / "journal.sqlite")
    try:
        yield connection
        connection.commit()
    finally:
        connection.close()


def written(directory: Path) -> Path:
    """A finished journal with something in it."""
    with Journal(directory, write=True) as journal:
        journal.set_facts(installer="1.2.3", answers={"a": 1})
        journal.remember(Record("data", 1, "begun", "d", "x"))
        journal.note(Event(1, AT, "log", text="one"))
    return directory


def test_what_was_remembered_is_there_again(tmp_path: Path) -> None:
    with Journal(tmp_path / "run", write=True) as journal:
        journal.set_facts(installer="1.2.3", answers={"prefix": "contoso", "list": [1, None]})
        journal.set_facts(state="succeeded")
        for state in ("begun", "failed", "begun", "done"):
            journal.remember(Record("data", 1, state, "d", "x", {"id": "ä"}))
        journal.remember(Record("network", 1, "begun"))
        for number in (1, 2, 3):
            journal.note(Event(number, AT, "log", text=f"event {number}", data={"n": number}))
        assert journal.last_event_number() == 3
    with Journal(tmp_path / "run", write=False) as journal:
        assert journal.fact("answers") == {"prefix": "contoso", "list": [1, None]}
        assert journal.fact("state") == "succeeded"
        assert journal.fact("format") == FORMAT
        assert journal.fact("nothing") is None
        assert journal.recall("data") == Record("data", 1, "done", "d", "x", {"id": "ä"})
        assert journal.recall("nothing") is None
        assert [record.step for record in journal.records()] == ["data"] * 4 + ["network"]
        assert [(event.number, event.text) for event in journal.events()] == [(n, f"event {n}") for n in (1, 2, 3)]
        assert journal.last_event_number() == 3


def test_everything_is_for_its_owner_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with Journal(tmp_path / "run", write=True) as journal:
            journal.set_facts(x=1)
            modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in (tmp_path / "run").iterdir()}
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "run").stat().st_mode) == 0o700
    assert set(modes) >= {"journal.sqlite", "journal.sqlite-wal", "journal.lock", "owner.json"}
    assert set(modes.values()) == {0o600}


def test_a_record_is_on_disk_before_remember_returns(tmp_path: Path) -> None:
    with Journal(tmp_path, write=True) as journal:
        journal.remember(Record("data", 1, "begun", "d", "x"))
        with Journal(tmp_path, write=False) as reader:
            assert reader.recall("data") == Record("data", 1, "begun", "d", "x")


def test_events_ride_along_with_the_next_record(tmp_path: Path) -> None:
    with Journal(tmp_path, write=True) as journal, Journal(tmp_path, write=False) as reader:
        journal.note(Event(1, AT, "log"))
        journal.remember(Record("data", 1, "begun"))
        assert [event.number for event in reader.events()] == [1]
        journal.note(Event(2, AT, "log"))
        journal.flush()
        assert reader.last_event_number() == 2


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    with Journal(written(tmp_path), write=False) as reader, pytest.raises(JournalDamaged):
        reader.remember(Record("x", 1, "begun"))


def test_reading_where_nothing_is_says_so_and_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no journal"):
        Journal(tmp_path, write=False)
    assert list(tmp_path.iterdir()) == []


# -- one writer ------------------------------------------------------------------------------------------------------


def test_a_second_writer_is_told_who_the_first_is(tmp_path: Path) -> None:
    directory = tmp_path / "contoso-1"
    with Journal(directory, write=True):
        with pytest.raises(JournalLocked) as caught:
            Journal(directory, write=True)
        assert f"process {os.getpid()} on " in str(caught.value)
        assert "contoso-1" in str(caught.value)
        assert is_held(directory)
        owner = read_owner(directory)
        assert owner is not None
        assert owner.pid == os.getpid()
    assert not is_held(directory)
    assert read_owner(directory) is None
    Journal(directory, write=True).close()


def test_readers_need_no_lock(tmp_path: Path) -> None:
    with Journal(written(tmp_path), write=True), Journal(tmp_path, write=False) as reader:
        assert reader.fact("installer") == "1.2.3"


def test_whoever_closes_it_may_be_on_another_thread(tmp_path: Path) -> None:
    opened: list[Journal] = []
    thread = threading.Thread(target=lambda: opened.append(Journal(tmp_path, write=True)))
    thread.start()
    thread.join()
    opened[0].close()
    assert not is_held(tmp_path)
    assert read_owner(tmp_path) is None


WRITER = """
    import sys
    from pathlib import Path
    from installer.engine.events import Event
    from installer.engine.journal import Journal
    from installer.engine.step import Record
    journal = Journal(Path(sys.argv[1]), write=True)
    journal.set_facts(installer="1.2.3")
    for number in range(1, 1_000_000):
        journal.note(Event(number, "2026-03-01T12:00:00.000Z", "log"))
        journal.remember(Record("data", number, "begun", f"d-{number}"))
        print(number, flush=True)
"""


def test_a_writer_killed_in_the_middle_loses_nothing_that_was_promised(tmp_path: Path) -> None:
    command = [sys.executable, "-c", textwrap.dedent(WRITER), str(tmp_path / "run")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        promised = [int(writer.stdout.readline()) for _ in range(25)][-1]
        held, owner = is_held(tmp_path / "run"), read_owner(tmp_path / "run")
        writer.send_signal(signal.SIGKILL)
        promised = max([promised, *(int(line) for line in writer.stdout if line.endswith("\n"))])
    assert held
    assert owner is not None
    assert owner.pid == writer.pid

    assert not is_held(tmp_path / "run")  # its lock died with it, though its name is still there
    with Journal(tmp_path / "run", write=False) as reader:
        assert len(reader.records()) >= promised
    with Journal(tmp_path / "run", write=True) as journal:
        records = journal.records()
        assert len(records) in (promised, promised + 1)
        assert [record.name for record in records] == [f"d-{n}" for n in range(1, len(records) + 1)]
        assert [event.number for event in journal.events()] == list(range(1, len(records) + 1))
        assert journal.recall("data") == records[-1]
        journal.remember(Record("data", 1, "done"))


# -- journals of other times -----------------------------------------------------------------------------------------


def test_a_newer_journal_is_read_but_not_written_and_the_version_is_named(tmp_path: Path) -> None:
    with raw(written(tmp_path)) as database:
        database.execute("PRAGMA journal_mode=DELETE")
        database.execute("UPDATE facts SET value = ? WHERE name = 'format'", (str(FORMAT + 1),))
        database.execute("UPDATE facts SET value = '\"9.1.0\"' WHERE name = 'installer'")
        database.execute("DROP TABLE events")
    before = files(tmp_path)
    with pytest.raises(UsageError, match=r"flowforge-installer 9\.1\.0; install that version") as caught:
        Journal(tmp_path, write=True)
    assert not isinstance(caught.value, JournalDamaged)
    assert files(tmp_path) == before
    assert not is_held(tmp_path)
    with Journal(tmp_path, write=False) as reader:
        assert reader.fact("installer") == "9.1.0"
        assert len(reader.records()) == 1


@pytest.mark.parametrize("content", [b"no database at all, just text " * 40, b"SQLite format 3\0" + b"\xff" * 4096])
@pytest.mark.parametrize("write", [True, False])
def test_a_damaged_journal_is_explained_and_left_as_it_is(tmp_path: Path, content: bytes, write: bool) -> None:
    (tmp_path / "journal.sqlite").write_bytes(content)
    with pytest.raises(JournalDamaged, match=r"journal\.sqlite cannot be (read|used)") as caught:
        Journal(tmp_path, write=write)
    assert caught.value.exit_code == 2
    assert files(tmp_path) == {"journal.sqlite": content}
    assert not is_held(tmp_path)


def test_a_journal_whose_writer_was_killed_at_once_can_be_begun_again(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite").touch()
    with pytest.raises(JournalDamaged):
        Journal(tmp_path, write=False)
    with Journal(tmp_path, write=True) as journal:
        journal.set_facts(x=1)


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE facts SET value = '{' WHERE name = 'answers'",
        "UPDATE facts SET value = '\"soon\"' WHERE name = 'format'",
        "UPDATE records SET outputs = '{'",
        "UPDATE events SET line = 'no event'",
        "DROP TABLE records",
    ],
)
def test_damage_inside_is_explained_where_it_is_met(tmp_path: Path, harm: str) -> None:
    with raw(written(tmp_path)) as database:
        database.execute(harm)

    def read_all() -> None:
        with Journal(tmp_path, write="format" in harm) as journal:
            journal.fact("answers")
            journal.records()
            journal.events()

    with pytest.raises(JournalDamaged, match=r"journal\.sqlite"):
        read_all()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "x"}', '{"pid": 1}', "\xff"])
def test_an_owner_that_cannot_be_read_is_nobody(tmp_path: Path, text: str) -> None:
    (tmp_path / "owner.json").write_bytes(text.encode("latin-1"))
    assert read_owner(tmp_path) is None


def test_an_owner_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "owner.json").write_text(json.dumps({"pid": 7, "host": "box", "since": AT}))
    assert str(read_owner(tmp_path)) == f"process 7 on box, since {AT}"
