"""A session resumes runs; it refuses a step that a run does not have, and a wrong reply, before it touches the run."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from installer.answers.files import load
from installer.engine.journal import Journal
from installer.engine.step import Step
from installer.errors import UsageError
from installer.runs.run import Run
from installer.runs.session import Session, TargetOptions
from installer.runs.state_directory import StateDirectory
from installer.secret_store import Secrets
from tests.answers.answers_files import FOLDER
from tests.engine.scripted_steps import Scripted
from tests.keyrings import NoKeyring, using

if TYPE_CHECKING:
    from installer.jsontypes import Json

LOADED = load(FOLDER / "dev.yaml")


class TwoSteps(Session):
    """A session whose runs have two steps."""

    @override
    def _steps(self, run: Run) -> Sequence[Step]:
        return Scripted("foundation"), Scripted("network")


@pytest.fixture(autouse=True)
def _no_keyring() -> Iterator[None]:
    with using(NoKeyring()):
        yield


@pytest.mark.parametrize(
    ("key", "hint"), [("netwrok", "did you mean network"), ("x", "its steps are foundation, network")]
)
def test_an_unknown_step_is_refused_and_the_run_stays_as_it_was(tmp_path: Path, key: str, hint: str) -> None:
    state = StateDirectory.at(str(tmp_path))
    directory = state.new_run("contoso")
    target: dict[str, Json] = {"kind": "rehearsal", "state": str(tmp_path), "speed": 30.0}
    Run.new(directory, LOADED.answers, LOADED.draft, target, Secrets(), attended=False).journal.close()
    with Journal(directory, write=True) as journal:
        journal.set_facts(state="succeeded")
    with pytest.raises(UsageError, match=f"has no step {key}; {hint}"):
        TwoSteps(state, TargetOptions(rehearsal=True)).resume(directory.name, attended=False, only=key)
    with Journal(directory, write=False) as journal:
        assert journal.fact("state") == "succeeded"


def test_a_wrong_reply_is_refused_and_the_question_stays_open(tmp_path: Path) -> None:
    state = StateDirectory.at(str(tmp_path))
    directory = state.new_run("contoso")
    target: dict[str, Json] = {"kind": "rehearsal", "state": str(tmp_path), "speed": 30.0}
    run = Run.new(directory, LOADED.answers, LOADED.draft, target, Secrets(), attended=False)
    run.stream.emit("question", "Which client ID?", step="network", key="client", choices=[], form="id")
    run.journal.set_facts(state="waiting")
    run.journal.close()
    session = TwoSteps(state, TargetOptions(rehearsal=True))
    session.replies = {"client": "abc", "other": "abc"}
    with pytest.raises(UsageError, match='--answer client: "abc" is not accepted; expected: an ID of the form 0'):
        session.resume(directory.name, attended=False)
    with Journal(directory, write=False) as journal:
        assert journal.fact("state") == "waiting"
