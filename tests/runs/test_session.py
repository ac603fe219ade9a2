"""The session: drafts that survive, runs that are offered again, secrets that are missed in time."""

import json
from pathlib import Path
from typing import Final

import pytest

from installer.answers.draft import Draft, answers_as_json
from installer.answers.files import load
from installer.answers.model import Answers
from installer.answers.trial import tried
from installer.cloud.models import Deployment
from installer.conventions.naming import INSTALLATION_TAG
from installer.errors import DeploymentFailed, InstallerError, UsageError
from installer.jsontypes import Json
from installer.preflight.report import result_of
from installer.preflight.rights.check import RIGHTS
from installer.runs import preflight
from installer.runs.run import Run
from installer.runs.session import Session, TargetOptions
from installer.runs.state_directory import StateDirectory
from tests.cloud.no_cloud import RECORDED

DEV = Path(__file__).parents[1] / "answers" / "dev.yaml"


@pytest.fixture
def state(tmp_path: Path) -> StateDirectory:
    return StateDirectory.at(str(tmp_path / "state"))


TARGETS: Final[dict[str, dict[str, Json]]] = {
    "azure": RECORDED,
    "rehearsal": {"kind": "rehearsal", "state": "/nowhere"},
}


def made(session: Session, kind: str, state: str) -> str:
    """A run of a target that has ended in a state."""
    loaded = load(DEV)
    directory = session.state.new_run(loaded.answers.subscription.prefix)
    run = Run.new(directory, loaded.answers, loaded.draft, TARGETS[kind], session.secrets, attended=False)
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
    assert again.source("subscription.prefix") == "given"


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


# -- rehearsals of a survey ----------------------------------------------------------------------------------------------


def surveyed(folder: Path, subscription: str) -> Path:
    """A survey that names the caller and nothing of its rights."""
    file = folder / "survey.json"
    content = {
        "version": 1,
        "subscriptionId": subscription,
        "caller": {"objectId": "11111111-1111-4111-8111-111111111111"},
    }
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def test_a_rehearsal_of_a_survey_shows_what_the_survey_leaves_out_as_not_checked(
    state: StateDirectory, tmp_path: Path
) -> None:
    given = load(DEV).answers
    file = surveyed(tmp_path, given.subscription.subscription)
    session = Session(state, TargetOptions(rehearsal=True, speed=100_000, survey=str(file)))
    try:
        states = {result.key: result.state for result in session.check(given).results}
        assert {states[key] for key in ("rights", "sizes", "quota", "names", "policy")} == {"not checked"}
        plan = session.plan(given, checks=True)
        assert not plan.blocks
        assert any(line.startswith("Rights: permissions at ") for line in plan.not_checked)
        facts = session.target_facts
    finally:
        session.close()
    file.unlink()  # a later attempt has the copy
    later = Session(state, TargetOptions(rehearsal=True))
    try:
        later._connection.reconnect(facts)
        target = later.target()
        with preflight._subject(target, given, None, later.secrets, later._connection.survey) as subject:
            assert subject.surveyed
            assert result_of(RIGHTS, subject).state == "not checked"
    finally:
        later.close()


def test_a_survey_of_another_subscription_is_no_rehearsal_of_the_answers(tmp_path: Path) -> None:
    given = load(DEV).answers
    with pytest.raises(UsageError, match=r"it is of the subscription 99999999.*the answers are for 4f2c8a5e"):
        preflight.limits_of(surveyed(tmp_path, "99999999-0000-4000-8000-000000000000"), given)
    assert preflight.limits_of(None, given) is None


class OneDeployment:
    """Azure Resource Manager with one deployment, or one that refuses."""

    def __init__(self, found: Deployment | InstallerError | None) -> None:
        self.subscription = load(DEV).answers.subscription.subscription
        self.found = found

    def deployment(self, _name: str) -> Deployment | None:
        if isinstance(self.found, InstallerError):
            raise self.found
        return self.found


def recorded_by(run: str, answers: Json) -> Deployment:
    """The record of a run."""
    sent: dict[str, Json] = {"answers": answers, "given": {}, "run": run, "installer": "1"}
    return Deployment("ff-contoso-answers", "succeeded", tags={INSTALLATION_TAG: "contoso"}, sent=sent)


def test_the_last_answers_of_an_installation_are_those_that_any_machine_has_recorded(
    state: StateDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, loaded = Session(state, TargetOptions()), load(DEV)
    own = made(session, "azure", "succeeded")
    elsewhere = tried(loaded.draft, [("sizing.worker_nodes", 5)])
    assert elsewhere is not None
    for found, run, nodes in (
        (recorded_by("contoso-9", answers_as_json(elsewhere)), "contoso-9", 5),
        (recorded_by("contoso-9", {"of": "another version"}), own, loaded.answers.sizing.worker_nodes),
        (None, own, loaded.answers.sizing.worker_nodes),
        (DeploymentFailed("Azure cannot be reached"), own, loaded.answers.sizing.worker_nodes),
    ):
        monkeypatch.setattr(session, "arm", lambda *_where, found=found: OneDeployment(found))
        applied = session.applied(loaded.draft)
        assert applied is not None
        assert (applied[0], applied[1].sizing.worker_nodes) == (run, nodes)


def test_open_answers_are_compared_with_the_runs_of_this_machine(state: StateDirectory) -> None:
    session = Session(state, TargetOptions())
    own = made(session, "azure", "succeeded")
    draft = Draft()
    draft.type("subscription.prefix", "contoso")
    applied = session.applied(draft)
    assert applied is not None
    assert applied[0] == own


def test_only_the_newest_run_is_one_that_can_be_changed(state: StateDirectory) -> None:
    session = Session(state, TargetOptions())
    assert session.completed() is None
    done = made(session, "azure", "succeeded")
    file = state.run(done) / "answers.yaml"
    assert session.completed() == (done, file)
    file.rename(file.with_suffix(".bak"))
    assert session.completed() is None
    file.with_suffix(".bak").rename(file)
    made(session, "azure", "failed")
    assert session.completed() is None
