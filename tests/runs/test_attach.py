"""Watching a run from another terminal: shows the newest attempt, can answer questions, does not affect the run."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from installer.engine.events import Event
from installer.engine.step import Context, Outputs, Question
from installer.errors import DeploymentFailed
from installer.runs.attach import JournalFollower
from installer.runs.run import Run
from installer.secret_store import Secrets
from tests.e2e.conftest import run as command_run
from tests.engine.scripted_steps import PATIENCE, Scripted
from tests.keyrings import NoKeyring, using
from tests.processes import until
from tests.runs.test_run import building, new


@pytest.fixture(autouse=True)
def _no_keyring() -> Iterator[None]:
    with using(NoKeyring()):
        yield


def never() -> bool:
    return False


def watched(follower: JournalFollower, leave: Callable[[], bool] = never) -> threading.Thread:
    thread = threading.Thread(target=follower.follow, args=(leave,))
    thread.start()
    return thread


def asks(context: Context) -> Outputs:
    return {"answer": context.ask(Question("where", "Where?", default="here", form="text"))}


def test_events_are_shown_live_and_the_end_is_reported(tmp_path: Path) -> None:
    seen: list[Event] = []
    go_on = threading.Event()

    def waits(_context: Context) -> Outputs:
        assert go_on.wait(PATIENCE)
        raise DeploymentFailed("no quota")

    run = new(tmp_path)
    run.start(building(Scripted("a"), Scripted("b", ("a",), does=waits)))
    follower = JournalFollower(tmp_path, [seen.append])
    thread = watched(follower)
    until(lambda: any(event.step == "b" for event in seen), "the beginning of b is seen")
    go_on.set()
    thread.join(PATIENCE)
    run.close()
    assert follower.code == 4
    assert (seen[0].kind, seen[-1].kind) == ("run.started", "run.finished")
    assert [event.number for event in seen] == list(range(1, len(seen) + 1))


def test_only_the_newest_attempt_is_shown(tmp_path: Path) -> None:
    for _ in range(2):
        run = Run.reopen(tmp_path, Secrets(), attended=False) if (tmp_path / "answers.yaml").exists() else new(tmp_path)
        run.start(building(Scripted("a")))
        run.wait(PATIENCE)
        run.close()
    seen: list[Event] = []
    follower = JournalFollower(tmp_path, [seen.append])
    follower.follow(never)
    assert [event.kind for event in seen].count("run.started") == 1
    assert seen[0].data["resumed"] is True
    assert follower.code == 0


def test_an_attached_terminal_can_answer_a_question(tmp_path: Path) -> None:
    seen: list[Event] = []
    run = new(tmp_path, attended=True)
    run.start(building(Scripted("a", does=asks)))
    thread = watched(
        JournalFollower(tmp_path, [seen.append], lambda question, _settled: f"there, for {question.data['key']}")
    )
    result = run.wait(PATIENCE)
    thread.join(PATIENCE)
    run.close()
    assert result is not None
    assert result.outputs["a"] == {"answer": "there, for where"}
    assert [event.text for event in seen if event.kind == "answer"] == ["where: there, for where"]


def test_a_question_answered_elsewhere_is_settled(tmp_path: Path) -> None:
    asked = threading.Event()

    def slow(_question: Event, settled: Callable[[], bool]) -> str | None:
        asked.set()
        until(settled, "answered in another terminal")
        return "too late"

    run = new(tmp_path, attended=True)
    run.start(building(Scripted("a", does=asks)))
    thread = watched(JournalFollower(tmp_path, [], slow))
    assert asked.wait(PATIENCE)
    run.answer("first")
    result = run.wait(PATIENCE)
    thread.join(PATIENCE)
    run.close()
    assert result is not None
    assert result.outputs["a"] == {"answer": "first"}
    assert not list(tmp_path.glob("inbox/*.json"))


def test_detaching_does_not_affect_the_run(tmp_path: Path) -> None:
    go_on = threading.Event()

    def waits(_context: Context) -> Outputs:
        assert go_on.wait(PATIENCE)
        return {}

    run = new(tmp_path)
    run.start(building(Scripted("a", does=waits)))
    follower = JournalFollower(tmp_path, [])
    follower.follow(lambda: True)
    go_on.set()
    result = run.wait(PATIENCE)
    run.close()
    assert follower.code is None
    assert result is not None
    assert result.state == "succeeded"


# -- the commands ----------------------------------------------------------------------------------------------------


def finished(state: Path) -> None:
    """A run that has failed, in a state directory."""
    run = new(state / "runs" / "contoso-1")

    def fails(_context: Context) -> Outputs:
        raise DeploymentFailed("no quota")

    run.start(building(Scripted("a"), Scripted("b", does=fails)))
    run.wait(PATIENCE)
    run.close()


def test_attach_shows_the_newest_run_and_ends_as_it_did(tmp_path: Path) -> None:
    finished(tmp_path)
    ended = command_run("attach", "--state-dir", str(tmp_path))
    assert ended.code == 4
    assert "b: no quota" in ended.out


def test_attach_to_a_killed_run_shows_how_to_resume(tmp_path: Path) -> None:
    run = new(tmp_path / "runs" / "contoso-1")
    run.journal.close()
    ended = command_run("attach", "contoso-1", "--state-dir", str(tmp_path))
    assert (ended.code, ended.out) == (2, "")
    assert "no process works on contoso-1 any more; resume it with flowforge-install resume contoso-1" in ended.err


def test_attach_to_an_unknown_run_searches_azure_after_sign_in(tmp_path: Path) -> None:
    ended = command_run("attach", "--state-dir", str(tmp_path), more={"AZURE_CONFIG_DIR": str(tmp_path)})
    assert ended.code == 2
    assert "not signed in" in ended.err


def test_unlock_releases_only_runs_without_an_owner(tmp_path: Path) -> None:
    run = new(tmp_path / "runs" / "contoso-1")
    refused = command_run("runs", "unlock", "contoso-1", "--state-dir", str(tmp_path))
    run.journal.close()
    freed = command_run("runs", "unlock", "contoso-1", "--state-dir", str(tmp_path))
    assert refused.code == 2
    assert f"process {os.getpid()} on" in refused.err
    assert "stop it there first" in refused.err
    assert (freed.code, freed.out) == (0, "contoso-1 is free: it has no holder\n")
    unknown = command_run("runs", "unlock", "other-1", "--state-dir", str(tmp_path))
    assert unknown.code == 2
    assert "run other-1 does not exist" in unknown.err
