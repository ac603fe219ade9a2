"""The private directory: who may look into it, how runs are named, and which is the newest."""

import os
import stat
from pathlib import Path

import pytest

from installer.engine.journal import Journal
from installer.errors import UsageError
from installer.state import StateDirectory


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def state(tmp_path: Path) -> StateDirectory:
    return StateDirectory.at(str(tmp_path / "state"))


def test_it_is_made_for_its_owner_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        state = StateDirectory.at(str(tmp_path / "a" / "state"))
        run = state.new_run("contoso")
        rehearsal = state.new_rehearsal()
        state.write_draft({"x": 1})
    finally:
        os.umask(before)
    assert [mode(path) for path in (state.path, run, rehearsal)] == [0o700] * 3
    assert mode(state.draft) == 0o600


def test_the_usual_place_is_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    assert StateDirectory.at(None).path.is_relative_to(tmp_path)
    assert StateDirectory.at("~/mine").path == tmp_path / "mine"
    monkeypatch.chdir(tmp_path)
    assert StateDirectory.at("here").path == tmp_path / "here"


@pytest.mark.parametrize("chosen", ["/dev/null/state", "~nobody-of-that-name/state"])
def test_a_place_that_will_not_do_is_refused_with_the_way_out(chosen: str) -> None:
    with pytest.raises(UsageError, match="--state-dir") as caught:
        StateDirectory.at(chosen)
    assert str(caught.value).isprintable()


def test_runs_are_numbered_by_prefix_and_never_reused(state: StateDirectory) -> None:
    assert [state.new_run(prefix).name for prefix in ("a", "a", "b1", "a")] == ["a-1", "a-2", "b1-1", "a-3"]
    (state.runs / "a-2").rmdir()
    (state.runs / "a-10").mkdir()
    assert state.new_run("a").name == "a-11"
    assert state.new_run("ab").name == "ab-1"


@pytest.mark.parametrize("name", ["", ".", "..", "../draft.json", "a", "A-1", "a-1/..", "a-1\n", "a-9", "/etc", "a-1x"])
def test_a_run_that_is_not_there_is_told_with_those_that_are(state: StateDirectory, name: str) -> None:
    state.new_run("a")
    with pytest.raises(UsageError, match="known runs: a-1"):
        state.run(name)
    assert state.run("a-1").is_dir()


def test_without_runs_that_is_said(state: StateDirectory) -> None:
    assert state.run_names() == []
    with pytest.raises(UsageError, match="none yet"):
        state.run("a-1")


def test_the_newest_run_is_the_one_that_was_written_last_not_the_one_that_was_looked_at(state: StateDirectory) -> None:
    for time, name in enumerate(("old", "new"), 1):
        directory = state.new_run(name)
        with Journal(directory, write=True) as journal:
            journal.set_facts(x=1)
        os.utime(directory / "journal.sqlite", ns=(time * 10**9, time * 10**9))
    (state.runs / "not a run").mkdir()
    (state.runs / "file-1").touch()
    assert state.run_names() == ["old-1", "new-1"]
    with Journal(state.run("old-1"), write=False) as journal:
        journal.events()
    (state.run("old-1") / "note").touch()
    assert state.run_names() == ["old-1", "new-1"]


def test_what_was_typed_is_there_the_next_time(state: StateDirectory) -> None:
    assert state.read_draft() is None
    state.write_draft({"answers": {"ä": [1, None]}})
    state.write_draft({"answers": {"ä": [2, None]}})
    assert state.read_draft() == {"answers": {"ä": [2, None]}}
    assert sorted(entry.name for entry in state.path.iterdir()) == ["draft.json"]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe"])
def test_a_damaged_draft_counts_as_none(state: StateDirectory, content: bytes) -> None:
    state.draft.write_bytes(content)
    assert state.read_draft() is None


def test_a_draft_that_cannot_be_written_is_told(state: StateDirectory) -> None:
    state.draft.with_suffix(".new").mkdir()
    with pytest.raises(UsageError, match="the answers cannot be kept"):
        state.write_draft({})
