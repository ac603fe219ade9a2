"""An installation that was removed is no longer the newest one, and neither it nor its removal is resumed."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from installer.answers.files import load
from installer.engine.journal import FILE, Journal
from installer.engine.step import Step
from installer.errors import UsageError
from installer.runs.exclusive import refuse_after_newer
from installer.runs.facts import read_facts
from installer.runs.run import Run
from installer.runs.session import Session, TargetOptions
from installer.runs.started_runs import applied_answers, newest_installation, unfinished_run
from installer.runs.state_directory import StateDirectory
from installer.secret_store import Secrets
from tests.answers.answers_files import FOLDER
from tests.engine.scripted_steps import Scripted
from tests.keyrings import NoKeyring, using

if TYPE_CHECKING:
    from installer.jsontypes import Json

LOADED = load(FOLDER / "dev.yaml")


class OneStep(Session):
    """A session whose runs have one step."""

    @override
    def _steps(self, run: Run) -> Sequence[Step]:
        return (Scripted("foundation"),)


@pytest.fixture(autouse=True)
def _no_keyring() -> Iterator[None]:
    with using(NoKeyring()):
        yield


def _run(where: StateDirectory, **facts: "Json") -> str:
    directory = where.new_run("contoso")
    target: dict[str, Json] = {"kind": "rehearsal", "state": str(directory), "speed": 30.0}
    Run.new(directory, LOADED.answers, LOADED.draft, target, Secrets(), attended=False).journal.close()
    with Journal(directory, write=True) as journal:
        journal.set_facts(**{"state": "succeeded", **facts})
    return directory.name


def test_a_newer_run_that_cannot_be_read_is_not_passed_over(tmp_path: Path) -> None:
    """It may have added an environment: an older run in its place would plan the installation without it."""
    state = StateDirectory.at(str(tmp_path))
    older, newer = _run(state), _run(state)
    file = state.run(newer) / FILE
    for one in state.run(newer).glob(f"{FILE}-*"):
        one.unlink()
    file.write_bytes(b"not a database")
    with pytest.raises(UsageError, match=rf"{older} is older: name it if it is meant.*runs delete {newer}"):
        newest_installation(state)
    file.write_bytes(b"")  # as a run that was stopped before it began
    assert newest_installation(state) == older
    file.unlink()
    assert newest_installation(state) == older


@pytest.mark.parametrize("damage", ["text", "pipe", "folder", "link"])
def test_nor_by_resume(tmp_path: Path, damage: str) -> None:
    """It would set the answers of an older run in place of those of the newer one."""
    state = StateDirectory.at(str(tmp_path))
    older, newer = _run(state), _run(state)
    file = state.run(newer) / FILE
    for one in state.run(newer).glob(f"{FILE}*"):
        one.unlink()
    match damage:
        case "text":
            file.write_bytes(b"not a database")
        case "pipe":
            os.mkfifo(file)
        case "folder":
            file.mkdir()
        case _:
            file.symlink_to("nowhere")
    session = OneStep(state, TargetOptions(rehearsal=True))
    for newest in (session.newest, lambda: newest_installation(state)):
        with pytest.raises(UsageError, match=rf"{older} is older: name it if it is meant.*runs delete {newer}"):
            newest()


def test_a_removal_that_is_done_marks_what_it_can(tmp_path: Path) -> None:
    """Another installation may be in use meanwhile, and a journal of the removed one may be one that cannot be written."""
    state = StateDirectory.at(str(tmp_path))
    place: dict[str, Json] = {"kind": "rehearsal", "state": "one", "speed": 30.0}
    first, locked, second, other = (
        _run(state, target=place),
        _run(state, target=place),
        _run(state, target=place),
        _run(state),
    )
    with Journal(state.run(first), write=False) as journal:
        facts = read_facts(journal)
    for name in (locked, other):
        lock = state.run(name) / "journal.lock"
        lock.unlink(missing_ok=True)
        lock.mkdir()
    problems = OneStep(state, TargetOptions(rehearsal=True)).mark_removed(facts, "contoso-9")
    assert [one.partition(" is not marked")[0] for one in problems] == [f"run {locked}"]
    for name, marked in ((first, "contoso-9"), (second, "contoso-9"), (other, None)):
        with Journal(state.run(name), write=False) as journal:
            assert journal.fact("removed") == marked


def test_a_removal_is_no_installation(tmp_path: Path) -> None:
    state = StateDirectory.at(str(tmp_path))
    installed = _run(state)
    removal = _run(state, state="interrupted", removal="uninstall --run contoso-1 --confirm contoso")
    assert newest_installation(state) == installed
    assert unfinished_run(state, rehearsal=True) is None
    session = OneStep(state, TargetOptions(rehearsal=True))
    with pytest.raises(UsageError, match="uninstall --run contoso-1 --confirm contoso continues it"):
        session.resume(removal, attended=False)


def test_every_run_of_what_was_removed_is_no_installation_any_more(tmp_path: Path) -> None:
    state = StateDirectory.at(str(tmp_path))
    place: dict[str, Json] = {"kind": "rehearsal", "state": "one", "speed": 30.0}
    elsewhere = _run(state)
    first, second = _run(state, target=place), _run(state, target=place)
    session = OneStep(state, TargetOptions(rehearsal=True))
    with Journal(state.run(second), write=False) as journal:
        facts = read_facts(journal)
    session.mark_removed(facts, "contoso-4")
    assert newest_installation(state) == elsewhere
    for name in (first, second):
        with pytest.raises(UsageError, match="was removed by run contoso-4"):
            session.resume(name, attended=False)
    with Journal(state.run(elsewhere), write=False) as journal:
        facts = read_facts(journal)
    session.mark_removed(facts, "contoso-5")
    assert newest_installation(state) is None
    assert applied_answers(state, "contoso", rehearsal=True) is None


@pytest.mark.parametrize("written", [99, "no number"])
def test_what_a_newer_version_has_installed_is_not_changed_by_this_one(tmp_path: Path, written: "Json") -> None:
    """A removal would leave what this version does not know, and end with "nothing is left"."""
    state = StateDirectory.at(str(tmp_path))
    place: dict[str, Json] = {"kind": "rehearsal", "state": "one", "speed": 30.0}
    _run(state, target=place)
    newest, other = _run(state, target=place), _run(state)
    with Journal(state.run(newest), write=False) as journal:
        facts = read_facts(journal)
    with Journal(state.run(other), write=False) as journal:
        others = read_facts(journal)
    with Journal(state.run(newest), write=True) as journal:
        journal.set_facts(format=written, installer="9.9\x1b[2J")
    with pytest.raises(UsageError, match=rf"{newest}.*(written by flowforge-installer 9\.9|cannot be read)") as refused:
        refuse_after_newer(state, facts.answers, facts.target)
    assert "\x1b" not in str(refused.value)
    refuse_after_newer(state, others.answers, others.target)
