"""A run: saves its answers first, reports everything it does, and can be resumed."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from installer import waiting
from installer.answers.files import load
from installer.engine.events import Event
from installer.engine.inbox import post
from installer.engine.journal import Journal
from installer.engine.lock import is_held
from installer.engine.runner import Result
from installer.engine.step import Context, Outputs, Question
from installer.errors import DeploymentFailed, InstallerError, UsageError
from installer.jsontypes import Json
from installer.runs.run import BuildSteps, Run, read_facts
from installer.secret_store import Secrets
from tests.answers.answers_files import FEW, FOLDER
from tests.engine.scripted_steps import PATIENCE, Scripted
from tests.keyrings import NoKeyring, using
from tests.processes import until

LOADED = load(FOLDER / "dev.yaml")
TARGET: dict[str, Json] = {"kind": "rehearsal", "state": "x", "speed": 30.0}


@pytest.fixture(autouse=True)
def _no_keyring() -> Iterator[None]:
    with using(NoKeyring()):
        yield


def new(directory: Path, *, attended: bool = False, secrets: Secrets | None = None) -> Run:
    return Run.new(directory, LOADED.answers, LOADED.draft, TARGET, secrets or Secrets(), attended=attended)


def building(*steps: Scripted) -> BuildSteps:
    return lambda _run: steps


def ended(run: Run, build: BuildSteps) -> Result:
    """Run it to its end, and let it go."""
    run.start(build)
    result = run.wait(PATIENCE)
    run.close()
    assert result is not None
    return result


def failing(_context: Context) -> Outputs:
    raise DeploymentFailed("no quota")


@FEW
def test_a_run_knows_its_answers_and_where_they_came_from(tmp_path: Path, path: Path) -> None:
    loaded = load(path)
    run = Run.new(
        tmp_path / "contoso-1",
        loaded.answers,
        loaded.draft,
        {"kind": "azure", "cloud": "public"},
        Secrets(),
        attended=False,
    )
    run.journal.close()
    with Journal(tmp_path / "contoso-1", write=False) as journal:
        facts = read_facts(journal)
    assert (facts.name, facts.answers, facts.target) == (
        "contoso-1",
        loaded.answers,
        {"kind": "azure", "cloud": "public"},
    )
    assert facts.draft.given() == loaded.draft.given()
    assert load(run.exported).answers == loaded.answers


def test_a_run_that_cannot_be_created_closes_its_journal(tmp_path: Path) -> None:
    (tmp_path / "answers.yaml").mkdir()
    with pytest.raises(UsageError, match=r"answers\.yaml: cannot be written"):
        new(tmp_path)
    assert not is_held(tmp_path)


def test_a_run_reports_all_events_from_start_to_end(tmp_path: Path) -> None:
    run = new(tmp_path)
    heard: list[Event] = []
    result = ended(run, building(Scripted("a"), Scripted("b", ("a",))))
    run.listen(heard.append)  # late, and yet all of it
    assert (result.state, result.exit_code) == ("succeeded", 0)
    assert [event.number for event in heard] == list(range(1, len(heard) + 1))
    assert (heard[0].kind, heard[-1].kind) == ("run.started", "run.finished")
    assert [raw["key"] for raw in heard[0].data["steps"] if isinstance(raw, dict)] == ["a", "b"]  # type: ignore[union-attr]
    with Journal(tmp_path, write=False) as journal:
        assert journal.events() == heard
        assert journal.fact("state") == "succeeded"


def test_the_next_attempt_continues_numbering_and_receives_past_events(tmp_path: Path) -> None:
    assert ended(new(tmp_path), building(Scripted("a", does=failing))).exit_code == 4
    again = Run.reopen(tmp_path, Secrets(), attended=False)
    heard: list[Event] = []
    again.listen(heard.append, past=True)
    assert ended(again, building(Scripted("a"))).state == "succeeded"
    assert [event.number for event in heard] == list(range(1, len(heard) + 1))
    starts = [event for event in heard if event.kind == "run.started"]
    assert [event.data["resumed"] for event in starts] == [False, True]
    assert again.past == tuple(heard[: len(again.past)])
    with Journal(tmp_path, write=False) as journal:
        assert [record.state for record in journal.records()] == ["failed", "done"]


def test_a_run_whose_steps_cannot_be_built_has_failed_with_a_reason(tmp_path: Path) -> None:
    def build(_run: Run) -> list[Scripted]:
        raise UsageError("no account is signed in")

    run = new(tmp_path)
    result = ended(run, build)
    assert (result.state, result.exit_code, str(result.failures[""])) == ("failed", 2, "no account is signed in")
    with Journal(tmp_path, write=False) as journal:
        assert [event.kind for event in journal.events()] == ["step.failed", "run.finished"]


@pytest.mark.parametrize("when", ["before the steps", "after them"])
def test_a_stop_ends_a_wait_that_no_step_makes(tmp_path: Path, when: str) -> None:
    run = new(tmp_path)

    def build(_run: Run) -> list[Scripted]:
        if when == "before the steps":
            waiting.wait(86400)
        return [Scripted("a")]

    def stop_at_warning(event: Event) -> None:
        if event.kind == "warning":
            run.stop.request()

    run.before_end = lambda: waiting.wait(86400)
    run.listen(stop_at_warning)
    result = ended(run, build)
    assert (result.state, result.exit_code) == ("interrupted", 130)
    with Journal(tmp_path, write=False) as journal:
        events = journal.events()
    assert [event.text for event in events if event.kind == "warning"] == [
        "waiting 5:00 for the service, which asks for 86400 s"
    ]
    assert not [event for event in events if event.kind == "step.failed"]


def test_internal_errors_are_reported_without_secrets(tmp_path: Path) -> None:
    secrets = Secrets()
    secrets.keep("x", "hunter2")

    def buggy(_context: Context) -> Outputs:
        raise KeyError("hunter2")

    result = ended(new(tmp_path, secrets=secrets), building(Scripted("a", does=buggy)))
    assert result.exit_code == 1
    assert "KeyError" in str(result.failures["a"])
    assert "hunter2" not in str(result.failures["a"])
    assert not any(b"hunter2" in path.read_bytes() for path in tmp_path.iterdir())


def test_closing_stops_a_run_and_releases_its_lock(tmp_path: Path) -> None:
    begun = threading.Event()

    def long(context: Context) -> Outputs:
        context.remember("begun", name="d")
        begun.set()
        context.pause(PATIENCE)
        return {}

    run = new(tmp_path)
    run.start(building(Scripted("a", does=long)))
    assert begun.wait(PATIENCE)
    assert is_held(tmp_path)
    assert run.wait(0) is None
    run.close()
    assert run.result is not None
    assert run.result.exit_code == 130
    assert not is_held(tmp_path)
    with Journal(tmp_path, write=False) as journal:
        assert journal.fact("state") == "interrupted"
        assert [record.state for record in journal.records()] == ["begun"]


def asks(context: Context) -> Outputs:
    return {"answer": context.ask(Question(context.step, "Where?", default="here", form="text"))}


def test_an_unattended_run_waits_for_input(tmp_path: Path) -> None:
    assert ended(new(tmp_path), building(Scripted("a", does=asks))).exit_code == 7


def test_a_question_can_be_answered_before_it_is_asked(tmp_path: Path) -> None:
    run, heard = new(tmp_path), list[Event]()
    run.reply({"a": "there", "b": "for a question that never comes"})
    run.listen(heard.append)
    assert ended(run, building(Scripted("a", does=asks))).outputs == {"a": {"answer": "there"}}
    assert [event.text for event in heard if event.kind == "warning"] == ["--answer b: no step asked this question"]


def test_one_question_at_a_time_and_each_gets_its_own_answer(tmp_path: Path) -> None:
    run = new(tmp_path, attended=True)

    def answer(event: Event) -> None:
        if event.kind == "answer":
            answered.release()

    answered = threading.Semaphore(0)
    run.listen(answer)
    run.answer("too early, and for no question")
    run.start(building(Scripted("a", does=asks), Scripted("b", does=asks)))
    pulse = threading.Event()
    for _ in range(2):
        while (question := run.question) is None:
            pulse.wait(0.01)
        run.answer(f"for {question.key}")
        assert answered.acquire(timeout=PATIENCE)
    result = run.wait(PATIENCE)
    run.close()
    assert result is not None
    assert result.outputs == {"a": {"answer": "for a"}, "b": {"answer": "for b"}}


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({}, "was stopped before it began; start a new one"),
        ({"answers": {"subscription": {"prefix": 3}}, "target": {}}, "cannot be read: "),
    ],
)
def test_a_run_that_holds_no_answers_is_explained(
    tmp_path: Path, facts: dict[str, dict[str, object]], says: str
) -> None:
    with Journal(tmp_path, write=True) as journal:
        journal.set_facts(**facts)  # type: ignore[arg-type]
    with pytest.raises(InstallerError, match=says):
        Run.reopen(tmp_path, Secrets(), attended=False)
    assert not is_held(tmp_path)


def test_a_run_that_cannot_write_its_journal_ends_with_the_reason(tmp_path: Path) -> None:
    run = new(tmp_path / "contoso-1")

    def full(_event: Event) -> None:
        raise UsageError("the disk is full")

    run.listen(full)
    result = ended(run, building(Scripted("a")))
    assert result.state == "failed"
    assert "the disk is full" in str(result.failures[""])
    assert not is_held(tmp_path / "contoso-1")


# -- one step again --------------------------------------------------------------------------------------------------


class Twice:
    """Fails the first time."""

    def __init__(self) -> None:
        self.tries = 0

    def __call__(self, _context: Context) -> Outputs:
        self.tries += 1
        if self.tries == 1:
            raise DeploymentFailed("no quota")
        return {}


def test_a_retry_after_the_end_runs_only_the_failed_step_and_those_it_blocks(tmp_path: Path) -> None:
    run, twice = new(tmp_path), Twice()
    heard: list[Event] = []
    run.listen(heard.append)
    run.start(building(Scripted("a", does=twice), Scripted("b", ("a",)), Scripted("c", does=failing)))
    first = run.wait(PATIENCE)
    assert first is not None
    assert sorted(first.failures) == ["a", "c"]
    run.retry("a")
    second = run.wait(PATIENCE)
    assert second is not None
    assert (second.state, sorted(second.outputs)) == ("succeeded", ["a", "b"])
    assert [event.data["only"] for event in heard if event.kind == "run.started"] == [None, ["a", "b"]]
    with pytest.raises(UsageError, match="c has not failed"):
        run.retry("c")
    run.close()
    with Journal(tmp_path, write=False) as journal:
        assert journal.fact("state") == "interrupted"  # c is still to be done


def test_one_step_alone_ends_a_run_when_it_was_the_last(tmp_path: Path) -> None:
    steps = (Scripted("a"), Scripted("b", does=Twice()))
    assert ended(new(tmp_path), building(*steps)).state == "failed"
    again = Run.reopen(tmp_path, Secrets(), attended=False)
    again.start(building(*steps), ("b",))
    assert again.wait(PATIENCE) is not None
    again.close()
    with Journal(tmp_path, write=False) as journal:
        assert journal.fact("state") == "succeeded"


def test_an_unknown_step_is_rejected_with_the_known_ones(tmp_path: Path) -> None:
    run = new(tmp_path)
    run.start(building(Scripted("a"), Scripted("b")), ("x",))
    result = run.wait(PATIENCE)
    run.close()
    assert result is not None
    assert str(result.failures[""]) == "no step of this run is called x; its steps: a, b"


def test_a_retry_is_offered_when_conditions_have_improved(tmp_path: Path) -> None:
    class Deploying(Scripted):
        def conditions(self, error: InstallerError) -> dict[str, str]:  # noqa: ARG002  the step's
            return {"rights": rights[-1], "compute quota": "same"}

        def changed_conditions(self, before: Mapping[str, str]) -> list[str]:
            return [] if before["rights"] == rights[-1] else ["rights"]

    rights = ["reader"]
    run = new(tmp_path)
    run.start(building(Deploying("a", does=failing), Scripted("b")))
    run.wait(PATIENCE)
    before = run.may_retry("a")
    rights.append("owner")
    after = run.may_retry("a")
    other = run.may_retry("b")
    run.close()
    assert (before.retry, before.reason) == (
        "changed",
        "after its cause is resolved (checked: rights, compute quota)",
    )
    assert (after.retry, after.reason) == ("now", "rights changed since it failed")
    assert other.retry == "never"


def test_a_question_is_answered_from_another_terminal(tmp_path: Path) -> None:
    run = new(tmp_path, attended=True)
    run.start(building(Scripted("a", does=asks)))
    pulse = threading.Event()
    while run.question is None:
        pulse.wait(0.01)
    post(tmp_path, "a", "there")
    result = run.wait(PATIENCE)
    run.close()
    assert result is not None
    assert result.outputs["a"] == {"answer": "there"}


def test_events_reach_the_disk_though_no_other_follows(tmp_path: Path) -> None:
    told, go_on = threading.Event(), threading.Event()

    def tells(context: Context) -> Outputs:
        context.emit("log", "the last before a long silence")
        told.set()
        assert go_on.wait(PATIENCE)
        return {}

    run = new(tmp_path)
    run.start(building(Scripted("a", does=tells)))
    assert told.wait(PATIENCE)
    with Journal(tmp_path, write=False) as journal:
        until(lambda: any("silence" in event.text for event in journal.events()), "the event is on disk")
    go_on.set()
    run.wait(PATIENCE)
    run.close()


def test_a_full_disk_stops_the_run_and_it_resumes_with_free_space(tmp_path: Path) -> None:
    def fills(context: Context) -> Outputs:
        run.journal._db.execute("PRAGMA max_page_count = 1")
        context.remember("begun", name="d" * 100_000)
        raise AssertionError("sent, though it could not be remembered")

    run = new(tmp_path)
    result = ended(run, building(Scripted("a", does=fills)))
    assert result.state == "failed"
    assert any("the disk is full" in str(error) for error in result.failures.values())
    again = Run.reopen(tmp_path, Secrets(), attended=False)
    assert ended(again, building(Scripted("a"))).state == "succeeded"


def test_a_journal_that_lost_its_content_names_the_answers_that_are_left(tmp_path: Path) -> None:
    run = new(tmp_path)
    run.journal.close()
    (tmp_path / "journal.sqlite").write_bytes(b"")
    with pytest.raises(InstallerError, match=r"has lost its content; start a new run with .*answers\.yaml"):
        Run.reopen(tmp_path, Secrets(), attended=False)


KILLED_AFTER_ITS_ANSWER = """
import os, signal, sys
from pathlib import Path
from installer.engine.step import Question
from installer.runs.run import Run
from installer.secret_store import Secrets
from tests.engine.scripted_steps import Scripted

def asks(context):
    context.ask(Question("where", "Where?", form="text"))
    os.kill(os.getpid(), signal.SIGKILL)

run = Run.reopen(Path(sys.argv[1]), Secrets(), attended=True)
run.start(lambda _run: (Scripted("a", does=asks),))
while run.question is None:
    pass
run.answer("there")
run.wait()
"""


def test_an_answer_to_a_killed_step_is_reused(tmp_path: Path) -> None:
    new(tmp_path).journal.close()
    killed = subprocess.run([sys.executable, "-c", KILLED_AFTER_ITS_ANSWER, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL

    def asks_again(context: Context) -> Outputs:
        return {"answer": context.ask(Question("where", "Where?", form="text"))}

    result = ended(Run.reopen(tmp_path, Secrets(), attended=False), building(Scripted("a", does=asks_again)))
    assert result.outputs == {"a": {"answer": "there"}}


def test_a_wrong_answer_is_requested_again(tmp_path: Path) -> None:
    def refuses(context: Context) -> Outputs:
        context.ask(Question("where", "Where?", form="text"))
        raise DeploymentFailed("not there")

    run = new(tmp_path, attended=True)
    run.start(building(Scripted("a", does=refuses)))
    until(lambda: run.question is not None, "it asks")
    run.answer("there")
    run.wait(PATIENCE)
    run.close()
    again = Run.reopen(tmp_path, Secrets(), attended=False)
    assert ended(again, building(Scripted("a", does=refuses))).exit_code == 7


def test_what_depends_on_the_steps_is_reported_before_the_end(tmp_path: Path) -> None:
    run = new(tmp_path / "run")

    def report() -> None:
        run.stream.emit("warning", "one process", left="Not proved: several")

    run.before_end = report
    assert ended(run, building(Scripted("a"))).state == "succeeded"
    with Journal(tmp_path / "run", write=False) as journal:
        kinds = [event.kind for event in journal.events()]
    assert kinds[-2:] == ["warning", "run.finished"]
