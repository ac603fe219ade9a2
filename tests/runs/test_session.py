"""The session: drafts that survive, runs that are offered again, secrets that are missed in time."""

from pathlib import Path

import pytest

from installer.answers.draft import Draft
from installer.answers.files import load
from installer.answers.model import Answers
from installer.errors import UsageError
from installer.runs.run import Run
from installer.runs.session import Session, TargetOptions
from installer.runs.state_directory import StateDirectory

DEV = Path(__file__).parents[1] / "answers" / "dev.yaml"


@pytest.fixture
def state(tmp_path: Path) -> StateDirectory:
    return StateDirectory.at(str(tmp_path / "state"))


def made(session: Session, kind: str, state: str) -> str:
    """A run of a target that has ended in a state."""
    loaded = load(DEV)
    directory = session.state.new_run(loaded.answers.subscription.prefix)
    run = Run.new(directory, loaded.answers, loaded.draft, {"kind": kind}, session.secrets, attended=False)
    run.journal.set_facts(state=state)
    run.journal.close()
    return run.name


def test_the_draft_is_restored_at_the_next_start(state: StateDirectory) -> None:
    draft = Draft()
    draft.type("subscription.prefix", "contoso")
    draft.type("network.address_space", "10.0.0.0/30")  # not accepted, and kept all the same
    draft.type("subscription.environments", "dev prod")
    Session(state, TargetOptions()).drafts.save(draft)
    again = Session(state, TargetOptions()).drafts.saved()
    assert {key: given.value for key, given in again.given().items()} == {
        key: given.value for key, given in draft.given().items()
    }
    assert again.source("subscription.prefix") == "previous run"


def test_an_unfinished_run_is_offered_where_it_belongs(state: StateDirectory) -> None:
    real, rehearsal = Session(state, TargetOptions()), Session(state, TargetOptions(rehearsal=True))
    installed = made(real, "azure", "interrupted")
    rehearsed = made(rehearsal, "rehearsal", "failed")
    assert real.unfinished() == installed
    assert rehearsal.unfinished() == rehearsed
    assert real.newest() == rehearsed


def test_neither_a_succeeded_run_nor_an_earlier_one_is_offered(state: StateDirectory) -> None:
    session = Session(state, TargetOptions())
    made(session, "azure", "interrupted")
    made(session, "azure", "succeeded")
    assert session.unfinished() is None


def test_a_missing_secret_is_reported_before_the_run_starts(
    state: StateDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOT_THERE", raising=False)
    flat = load(DEV).answers.model_dump(mode="json", exclude_defaults=True)
    flat["sign_on"] = {"method": "secret", "client_id": "1" * 8 + "-1111-1111-1111-" + "1" * 12}
    flat["sign_on"]["client_secret"] = "env:NOT_THERE"
    answers = Answers.model_validate(flat)
    with pytest.raises(UsageError, match="env:NOT_THERE"):
        Session(state, TargetOptions(rehearsal=True)).begin(answers, Draft.of(answers), attended=False)
    assert not state.runs.exists()


def test_closing_twice_is_harmless(state: StateDirectory) -> None:
    session = Session(state, TargetOptions(rehearsal=True))
    session.close()
    session.close()
