"""The state directory: private, at the chosen path, with names that cannot escape it."""

import os
import stat
from pathlib import Path

import pytest

from installer.errors import UsageError
from installer.runs.state_directory import StateDirectory


@pytest.fixture
def state(tmp_path: Path) -> StateDirectory:
    return StateDirectory.at(str(tmp_path / "state"))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_all_files_are_private_to_the_user(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        state = StateDirectory.at(str(tmp_path / "state"))
        run, rehearsal = state.new_run("contoso"), state.new_rehearsal()
        state.write_draft({"format": 1})
    finally:
        os.umask(before)
    assert {mode(path) for path in (state.path, state.runs, run, rehearsal)} == {0o700}
    assert mode(state.draft()) == 0o600


def test_relative_and_home_paths_are_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert StateDirectory.at("here").path == tmp_path / "here"
    assert StateDirectory.at("~/there").path == tmp_path / "home" / "there"


def test_without_a_choice_it_is_where_the_system_keeps_states(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    path = StateDirectory.at(None).path
    assert path.is_relative_to(tmp_path)
    assert path.name == "flowforge-installer"


def test_a_place_that_cannot_be_used_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for chosen in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(UsageError, match=f"{chosen} cannot be created: .*; choose one with --state-dir"):
            StateDirectory.at(str(chosen))
    with pytest.raises(UsageError, match="there is no such user; choose one with --state-dir"):
        StateDirectory.at("~nobody-of-that-name/x")


def test_runs_are_numbered_by_prefix_and_never_twice(state: StateDirectory) -> None:
    names = [state.new_run(prefix).name for prefix in ("contoso", "contoso", "fabrikam", "contoso")]
    assert names == ["contoso-1", "contoso-2", "fabrikam-1", "contoso-3"]
    (state.runs / "contoso-2").rmdir()
    assert state.new_run("contoso").name == "contoso-4"
    (state.runs / "contoso-5").touch()  # a file in the way
    assert state.new_run("contoso").name == "contoso-6"


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../..", "contoso", "Contoso-1", "contoso-1/..", "/etc", "contoso-1\n", "nothing-1"]
)
def test_a_name_that_is_none_leads_nowhere(state: StateDirectory, name: str) -> None:
    state.new_run("contoso")
    with pytest.raises(UsageError, match="known runs: contoso-1"):
        state.run(name)


def test_only_runs_are_listed(state: StateDirectory) -> None:
    assert state.run_names() == []
    run = state.new_run("contoso")
    (state.runs / "lost+found").mkdir()
    (state.runs / "contoso-2").touch()
    assert state.run_names() == ["contoso-1"]
    assert state.run("contoso-1") == run


def test_the_run_that_was_written_last_is_the_newest(state: StateDirectory) -> None:
    for seconds, prefix in ((300, "b"), (100, "c"), (200, "a")):
        journal = state.new_run(prefix) / "journal.sqlite"
        journal.touch()
        os.utime(journal, (seconds, seconds))
    assert state.run_names() == ["c-1", "a-1", "b-1"]


def test_a_draft_is_read_as_it_was_written(state: StateDirectory) -> None:
    assert state.read_draft() is None
    state.write_draft({"format": 1, "answers": {"ä": ["x", None]}})
    state.write_draft({"format": 1, "answers": {"ä": ["y", None]}})
    assert state.read_draft() == {"format": 1, "answers": {"ä": ["y", None]}}
    assert [path.name for path in state.path.iterdir()] == ["draft.json"]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"1" * 5000])
def test_a_damaged_draft_counts_as_none(state: StateDirectory, content: bytes) -> None:
    state.draft().write_bytes(content)
    assert state.read_draft() is None


def test_a_draft_that_cannot_be_kept_is_explained(state: StateDirectory) -> None:
    state.draft().mkdir()
    with pytest.raises(UsageError, match="the answers cannot be saved"):
        state.write_draft({})


def test_rehearsals_have_places_of_their_own(state: StateDirectory) -> None:
    places = {state.new_rehearsal() for _ in range(20)}
    assert len(places) == 20
    assert {place.parent for place in places} == {state.path / "rehearsals"}


def test_a_rehearsal_has_a_draft_of_its_own(tmp_path: Path) -> None:
    state = StateDirectory.at(str(tmp_path))
    state.write_draft({"format": 1, "answers": {"a": 1}}, rehearsal=True)
    assert state.read_draft() is None
    state.write_draft({"format": 1})
    assert state.read_draft(rehearsal=True) == {"format": 1, "answers": {"a": 1}}
    assert state.draft().name != state.draft(rehearsal=True).name
