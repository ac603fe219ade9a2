"""environment remove: the forecast first, its confirmation, the removal, and then a run of the others; continued by the same command."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from installer.answers.draft import Draft
from installer.answers.model import Answers
from installer.cli.commands import remove_environment as module
from installer.cli.commands import uninstall
from installer.cli.commands.remove_environment import remove_environment
from installer.cli.commands.uninstall import Meant
from installer.engine.runner import Result
from installer.errors import DeploymentFailed, UsageError
from installer.operations.removal.model import Forecast
from installer.planning.model import Change, Plan, counts
from installer.runs.facts import RunFacts
from installer.runs.purpose import Purpose
from installer.runs.started_runs import REMOVAL
from tests.bicep.answers_matrix import MATRIX
from tests.cli.test_uninstall import LOCK, MADE
from tests.operations.removal.environments import without

TWO = MATRIX["18-postgres-injected"]
CHANGED = Change("/x/la", "Microsoft.OperationalInsights/workspaces", "la", "rg", "foundation", "change")
LEFT = Change("/x/y", "Microsoft.Network/virtualNetworks", "vnet-dev", "rg", "network", "left over")
UNKNOWN = Change("directory:x", "App registration", "x", "", "directory-prod", "unknown")
NOTHING = replace(MADE, groups=(), kept=(), lost=(), names=(), environment="dev")


@dataclass
class FakeSession:
    """A session whose removal and run have these results."""

    answers: Answers = TWO
    state: str = "succeeded"
    made: Forecast = field(default_factory=lambda: replace(MADE, environment="dev"))
    changes: tuple[Change, ...] = (CHANGED, LEFT)
    blocked: tuple[str, ...] = ()
    removes: str = ""
    recorded: Answers = TWO
    fails: bool = False
    done: list[str] = field(default_factory=list)

    def installation(self, name: str) -> RunFacts:
        """The run."""
        return RunFacts(name, Path(), self.answers, Draft.of(self.answers), {"kind": "azure"}, self.state, "")

    def plan(self, answers: Answers, _say: object, *, draft: Draft, checks: bool) -> Plan:
        """The plan of the answers without the environment."""
        assert checks
        assert draft.answers() == answers
        assert [*answers.subscription.environments] == ["prod"]
        plan = Plan(subscription="", target="public", usual=0.0, changes=self.changes, counts=counts(self.changes))
        return replace(plan, blocked=self.blocked)

    def applied(self, _draft: Draft) -> tuple[str, Answers]:
        """The answers that are recorded in Azure."""
        return "contoso-1", self.recorded

    def removal_of(self, _name: str) -> str:
        """The environment whose removal the run completes."""
        return self.removes

    def begin_beside(self, _facts: RunFacts, _build: object, about: Mapping[str, str]) -> object:
        """The run that removes the environment."""
        self.done.append(about[REMOVAL])
        return self

    def end_run(self) -> None:
        """Its end."""
        self.done.append("end")

    def begin(self, answers: Answers, _draft: Draft, *, attended: bool, purpose: Purpose) -> object:
        """The run of the others."""
        assert not attended
        self.done.append(f"{purpose.removes}: run of {', '.join(answers.subscription.environments)}")
        return self

    def resume(self, name: str, *, attended: bool) -> object:
        """The run that was interrupted."""
        assert not attended
        self.done.append(f"resume {name}")
        return self


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> FakeSession:
    """The session of the command."""
    found = FakeSession()

    @contextmanager
    def opened(_settings: dict[str, Any]) -> Iterator[FakeSession]:
        yield found

    def followed(_settings: object, _run: object) -> Result:
        return Result(failures={"removal-locks": DeploymentFailed("refused")} if found.fails else {})

    monkeypatch.setattr(uninstall, "opened", opened)
    monkeypatch.setattr(module, "forecast_of", lambda _session, _extent: found.made)
    monkeypatch.setattr(module, "follow_removal", followed)
    monkeypatch.setattr(module, "follow_to_end", lambda _settings, _run: 0)
    return found


AGAIN = "environment remove dev --run contoso-1 --confirm contoso-dev"


def test_without_confirmation_the_forecast_and_the_changes_are_all(
    session: FakeSession, capsys: pytest.CaptureFixture[str]
) -> None:
    assert remove_environment({}, "dev", Meant("contoso-1"), None) == 0
    shown = capsys.readouterr()
    assert session.done == []
    assert "Removal of dev of installation contoso" in shown.out
    assert "kv-x: all secrets and keys" in shown.out
    assert "~ change la" in shown.out
    assert "vnet-dev" not in shown.out
    assert "nothing was deleted; --confirm contoso-dev removes it" in shown.err


def test_it_is_removed_and_then_the_others_are_brought_up_to_date(session: FakeSession) -> None:
    assert remove_environment({}, "dev", Meant("contoso-1"), "contoso-dev") == 0
    assert session.done == [AGAIN, "end", "dev: run of prod"]


def test_a_removal_that_fails_is_followed_by_no_run(session: FakeSession) -> None:
    session.fails = True
    assert remove_environment({}, "dev", Meant("contoso-1"), "contoso-dev") == DeploymentFailed.exit_code
    assert session.done == [AGAIN, "end"]


def test_what_was_removed_before_only_needs_the_run(session: FakeSession) -> None:
    session.made = NOTHING
    assert remove_environment({}, "dev", Meant("contoso-1"), "contoso-dev") == 0
    assert session.done == ["dev: run of prod"]


def test_a_run_that_was_interrupted_is_resumed(session: FakeSession) -> None:
    session.answers, session.state, session.removes = MATRIX["dev"], "interrupted", "qa"
    assert remove_environment({}, "qa", Meant("contoso-2"), "contoso-qa") == 0
    assert session.done == ["resume contoso-2"]


def test_a_removal_that_is_complete_is_nothing_to_do(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    session.made, session.changes, session.recorded = NOTHING, (UNKNOWN,), without(TWO, "dev")
    assert remove_environment({}, "dev", Meant("contoso-1"), "contoso-dev") == 0
    assert session.done == []
    assert "nothing to do: the installation is recorded without dev" in capsys.readouterr().err


@pytest.mark.parametrize("by", ["forecast", "plan"])
def test_what_is_in_the_way_blocks(session: FakeSession, capsys: pytest.CaptureFixture[str], by: str) -> None:
    if by == "forecast":
        session.made = replace(session.made, findings=(LOCK,))
    else:
        session.blocked = ("a change that Azure does not make",)
    assert remove_environment({}, "dev", Meant("contoso-1"), "contoso-dev") == 3
    shown = capsys.readouterr()
    reason = "the lock by-audit of others protects rg-x" if by == "forecast" else "a change that Azure does not make"
    assert reason in shown.out
    assert "nothing was deleted" in shown.err
    assert session.done == []


def test_the_forecast_in_json(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    assert remove_environment({"output": "json"}, "dev", Meant("contoso-1"), None) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["kind"], found["installation"], found["environment"]) == ("forecast", "contoso", "dev")
    assert found["then"] == [{"id": "/x/la", "change": "change"}]
    assert session.done == []


@pytest.mark.parametrize(
    ("environment", "confirm", "answers", "text"),
    [
        ("qa", None, TWO, "qa: the installation has dev, prod"),
        ("dev", None, MATRIX["dev"], "dev is the only environment: .*uninstall removes the installation"),
        ("dev", "contoso", TWO, "--confirm contoso: the removal of dev is confirmed by contoso-dev"),
    ],
    ids=["unknown", "last", "other text"],
)
def test_what_cannot_be_removed_is_refused(
    session: FakeSession, environment: str, confirm: str | None, answers: Answers, text: str
) -> None:
    session.answers = answers
    with pytest.raises(UsageError, match=text):
        remove_environment({}, environment, Meant("contoso-1"), confirm)
    assert session.done == []


@pytest.mark.parametrize(("typed", "begun"), [("contoso-dev", True), ("contoso", False), ("yes", False)])
def test_on_a_terminal_prefix_and_environment_are_typed(
    session: FakeSession, monkeypatch: pytest.MonkeyPatch, typed: str, *, begun: bool
) -> None:
    monkeypatch.setattr(uninstall, "attended", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _prompt: typed)
    assert remove_environment({}, "dev", Meant("contoso-1"), None) == 0
    assert bool(session.done) is begun


def test_what_azure_lets_go_later_is_removed_without_another_run(session: FakeSession) -> None:
    """A backup vault stays until Azure forgets its deleted backups; the installation is recorded without the environment by then."""
    session.changes, session.recorded = (), without(TWO, "dev")
    assert remove_environment({}, "dev", Meant("contoso-1"), "contoso-dev") == 0
    assert session.done == [AGAIN, "end"]
