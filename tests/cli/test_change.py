"""scale and environment add: a plan first, carried out only when it was confirmed, and refused where it cannot be."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from installer.answers.draft import Draft
from installer.answers.model import Answers
from installer.cli.commands import change
from installer.errors import InstallerError, InvalidAnswers, UsageError
from installer.planning.model import Change, Plan, counts
from installer.runs.facts import RunFacts
from tests.bicep.answers_matrix import MATRIX

GIVEN = MATRIX["dev"]
CHANGED = Change("/x/aks", "Microsoft.ContainerService/managedClusters", "aks", "rg", "runtime-dev", "change")


@dataclass
class FakeSession:
    """A session whose plan has one change, or none if the answers stay."""

    answers: Answers = GIVEN
    state: str = "succeeded"
    blocks: bool = False
    always: tuple[Change, ...] = ()
    planned: list[Answers] = field(default_factory=list)
    begun: list[Answers] = field(default_factory=list)

    def installation(self, name: str) -> RunFacts:
        """The run."""
        return RunFacts(name, Path(), self.answers, Draft.of(self.answers), {"kind": "azure"}, self.state, "")

    def plan(self, answers: Answers, _say: object, *, draft: Draft, checks: bool) -> Plan:
        """The plan."""
        assert checks
        assert draft.answers() == answers
        self.planned.append(answers)
        changes = self.always if answers == self.answers else (CHANGED,)
        found = Plan(subscription="", target="public", usual=0.0, changes=changes, counts=counts(changes))
        return replace(found, blocked=("a refusal",)) if self.blocks else found

    def begin(self, answers: Answers, draft: Draft, *, attended: bool) -> object:
        """The run that carries it out."""
        assert not attended
        assert draft.answers() == answers
        self.begun.append(answers)
        return object()


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> FakeSession:
    """The session of the commands."""
    found = FakeSession()

    @contextmanager
    def opened(_settings: dict[str, Any]) -> Iterator[FakeSession]:
        yield found

    monkeypatch.setattr(change, "opened", opened)
    monkeypatch.setattr(change, "follow_to_end", lambda _settings, _run: 0)
    return found


def test_a_size_is_planned_and_changed_only_with_yes(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    assert change.scale({}, ["worker_nodes_most=8"], "", "contoso-1", yes=False) == 0
    shown = capsys.readouterr()
    assert "aks" in shown.out
    assert "nothing was changed; --yes carries out the plan" in shown.err
    assert session.begun == []
    assert change.scale({}, ["sizing.worker_nodes_most=8"], "", "contoso-1", yes=True) == 0
    (begun,) = session.begun
    assert begun.sizing.worker_nodes_most == 8
    assert begun == session.planned[0]


def test_a_size_of_one_environment_leaves_the_others(session: FakeSession) -> None:
    session.answers = MATRIX["04-standard-four"]
    assert change.scale({}, ["worker_nodes_most=9"], "prod", "contoso-1", yes=True) == 0
    (begun,) = session.begun
    assert begun.of_environment("prod").worker_nodes_most == 9
    assert begun.sizing == session.answers.sizing
    assert set(begun.subscription.differ) == {*session.answers.subscription.differ, "prod"}


def test_the_plan_names_the_changed_answer_and_who_has_its_own(
    session: FakeSession, capsys: pytest.CaptureFixture[str]
) -> None:
    session.answers = MATRIX["04-standard-four"]
    before = session.answers.sizing.worker_nodes_most
    change.scale({}, ["worker_nodes_most=9"], "prod", "contoso-1", yes=True)
    capsys.readouterr()
    (session.answers,) = session.begun
    change.scale({}, [f"worker_nodes_most={before + 1}"], "", "contoso-1", yes=False)
    shown = capsys.readouterr().out
    assert f"~ sizing.worker_nodes_most: {before} → {before + 1}" in shown
    assert (
        f"prod has its own worker_nodes_most, 9; flowforge-install scale worker_nodes_most={before + 1} --env prod"
        in shown
    )
    change.scale({"output": "json"}, [f"worker_nodes_most={before + 1}"], "", "contoso-1", yes=False)
    assert len(json.loads(capsys.readouterr().out)["stays"]) == 1


def test_an_app_registration_that_the_account_cannot_read_is_nothing_to_do(
    session: FakeSession, capsys: pytest.CaptureFixture[str]
) -> None:
    unread = replace(CHANGED, change="unknown", family="directory")
    session.always = (unread,)
    same = [f"worker_nodes_most={GIVEN.sizing.worker_nodes_most}"]
    assert change.scale({}, same, "", "contoso-1", yes=True) == 0
    assert session.begun == []
    assert "nothing to do: everything is so already" in capsys.readouterr().err
    session.always = (replace(unread, family="azure"),)
    assert change.scale({}, same, "", "contoso-1", yes=True) == 0
    assert len(session.begun) == 1  # what-if did not know what becomes of a resource: a run finds out


def test_the_same_size_is_nothing_to_do(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    most = GIVEN.sizing.worker_nodes_most
    assert change.scale({}, [f"worker_nodes_most={most}"], "", "contoso-1", yes=True) == 0
    assert "nothing to do" in capsys.readouterr().err
    assert session.begun == []


def test_a_plan_that_is_blocked_is_not_carried_out(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    session.blocks = True
    assert change.scale({}, ["worker_nodes_most=8"], "", "contoso-1", yes=True) == 3
    assert "the plan is blocked: nothing was changed" in capsys.readouterr().err
    assert session.begun == []


def test_an_environment_is_added_with_its_own_answers(session: FakeSession) -> None:
    assert change.add_environment({}, "qa", ["qa.worker_nodes_most=4"], "contoso-1", yes=True) == 0
    (begun,) = session.begun
    assert [*begun.subscription.environments] == ["dev", "qa"]
    assert begun.of_environment("qa").worker_nodes_most == 4
    assert begun.of_environment("dev") == GIVEN.of_environment("dev")


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: change.scale({}, ["worker_nodes_most"], "", "r", yes=True), "write it as KEY=VALUE"),
        (lambda: change.scale({}, ["worker_nods=8"], "", "r", yes=True), "no answer sizing.worker_nods; did you mean"),
        (lambda: change.scale({}, ["worker_nodes_most=many"], "", "r", yes=True), "many"),
        (lambda: change.scale({}, ["worker_nodes_most=8"], "qa", "r", yes=True), "the installation has dev"),
        (lambda: change.add_environment({}, "dev", [], "r", yes=True), "has it already"),
        (lambda: change.add_environment({}, "test", [], "r", yes=True), "accepted: dev, qa, uat, prod"),
        (lambda: change.add_environment({}, "qa", ["region"], "r", yes=True), "write it as KEY=VALUE"),
    ],
)
def test_what_cannot_be_changed_is_refused_before_the_plan(session: FakeSession, call: Any, text: str) -> None:
    with pytest.raises((UsageError, InvalidAnswers, InstallerError)) as refused:
        call()
    assert text in str(refused.value)
    assert session.planned == []


def test_a_run_that_has_not_succeeded_is_continued_instead(session: FakeSession) -> None:
    session.state = "failed"
    with pytest.raises(UsageError, match=r"run contoso-1 has not succeeded: .*resume contoso-1"):
        change.scale({}, ["worker_nodes_most=8"], "", "contoso-1", yes=True)
