"""uninstall: a forecast first; nothing is deleted without the prefix of the installation."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from installer.answers.draft import Draft
from installer.answers.files import load
from installer.answers.model import Answers
from installer.cli.commands import uninstall as module
from installer.cli.commands.uninstall import Meant, uninstall
from installer.errors import UsageError
from installer.operations.removal.model import BlockedName, Forecast, GroupPlan, Item, Kept
from installer.preflight.model import Finding, WayOut
from installer.runs.facts import RunFacts
from installer.runs.run import Run
from installer.runs.started_runs import REMOVAL
from installer.runs.state_directory import StateDirectory
from installer.secret_store import Secrets
from tests.answers.answers_files import FOLDER
from tests.bicep.answers_matrix import MATRIX
from tests.cloud.no_cloud import RECORDED
from tests.keyrings import NoKeyring, using

VAULT = Item(
    "/subscriptions/s/resourceGroups/rg-x/providers/Microsoft.KeyVault/vaults/kv-x", "Microsoft.KeyVault/vaults", "v"
)
MADE = Forecast(
    prefix="contoso",
    groups=(GroupPlan("/subscriptions/s/resourceGroups/rg-x", whole=True, items=(VAULT,), shared=False),),
    outside=(),
    locks=(),
    backups=(),
    applications=(),
    deployments=(),
    kept=(Kept("/v", "bvault (Backup vault)", "it has deleted backups", "2026-12-15", own=True),),
    lost=("kv-x: all secrets and keys",),
    names=(BlockedName(VAULT.id, "kv-x (Key vault)", "2026-12-08", "recover it"),),
)
LOCK = Finding(
    "blocks", "the lock by-audit of others protects rg-x", "rg-x", "Azure refuses", (WayOut("ask its owner"),)
)


@dataclass
class FakeSession:
    """A session of an installation with this forecast."""

    state: object = None
    made: Forecast = MADE
    begun: list[str] = field(default_factory=list)
    marked: list[str] = field(default_factory=list)
    recorded: Answers | None = None

    def installation(self, name: str) -> RunFacts:
        """The run."""
        answers = MATRIX["dev"]
        return RunFacts(name, Path(), answers, Draft.of(answers), RECORDED, "failed", "")

    def applied(self, draft: Draft, *, certain: bool) -> tuple[str, Answers] | None:
        """The answers that are recorded in Azure."""
        assert certain
        assert draft.answers().subscription.prefix == "contoso"
        return ("contoso-7", self.recorded) if self.recorded is not None else None

    def mark_removed(self, _facts: RunFacts, by: str) -> list[str]:
        """The run that has removed it."""
        self.marked.append(by)
        return []

    def begin_beside(self, facts: RunFacts, _build: object, about: Mapping[str, str]) -> object:
        """The run that removes it."""
        self.begun.append(about[REMOVAL])
        self.removed = facts.answers
        return facts


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> FakeSession:
    """The session of the command."""
    found = FakeSession()

    @contextmanager
    def opened(_settings: dict[str, Any]) -> Iterator[FakeSession]:
        yield found

    monkeypatch.setattr(module, "opened", opened)
    monkeypatch.setattr(module, "forecast_of", lambda _session, _extent: found.made)
    monkeypatch.setattr(module, "without_own_account", lambda _session, extent: extent)
    monkeypatch.setattr(module, "_followed", lambda *_arguments: 0)
    return found


def test_without_confirmation_the_forecast_is_all(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    assert uninstall({}, Meant("contoso-1"), None) == 0
    shown = capsys.readouterr()
    assert session.begun == []
    for text in (
        "Resource group rg-x: deleted, with everything in it",
        "1  Key vault",
        "kv-x: all secrets and keys",
        "bvault (Backup vault): it has deleted backups, until 2026-12-15",
        "kv-x (Key vault), until 2026-12-08: recover it",
    ):
        assert text in shown.out
    assert "nothing was deleted; --confirm contoso removes it" in shown.err


def test_the_prefix_removes_it(session: FakeSession) -> None:
    assert uninstall({}, Meant("contoso-1"), "contoso") == 0
    assert session.begun == ["uninstall --run contoso-1 --confirm contoso"]


def test_another_prefix_is_refused(session: FakeSession) -> None:
    with pytest.raises(UsageError, match="--confirm fabrikam: the installation has the prefix contoso"):
        uninstall({}, Meant("contoso-1"), "fabrikam")
    assert session.begun == []


@pytest.mark.parametrize("confirm", ["contoso", None])
@pytest.mark.parametrize("again", ["uninstall --run contoso-1 --confirm contoso", "environment remove dev", ""])
def test_a_removal_that_was_killed_after_its_last_deletion_is_completed(
    session: FakeSession, tmp_path: Path, again: str, confirm: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    session.state = StateDirectory(tmp_path)
    session.made = replace(MADE, groups=(), kept=(), lost=(), names=())
    place = session.state.new_run("contoso")
    with using(NoKeyring()):
        run = Run.new(place, MATRIX["dev"], Draft.of(MATRIX["dev"]), RECORDED, Secrets(), attended=False)
    run.journal.set_facts(**({REMOVAL: again} if again else {}), state="interrupted")
    run.journal.close()
    assert uninstall({}, Meant("contoso-1"), confirm) == 0
    completed = bool(confirm) and again.startswith("uninstall")
    assert session.marked == ([place.name] if completed else [])
    assert (f"Removed: run {place.name} had deleted everything." in capsys.readouterr().out) == completed


@pytest.mark.parametrize(("typed", "begun"), [("contoso", 1), ("yes", 0), ("", 0)])
def test_on_a_terminal_the_prefix_is_typed(
    session: FakeSession, monkeypatch: pytest.MonkeyPatch, typed: str, begun: int
) -> None:
    monkeypatch.setattr(module, "attended", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _prompt: typed)
    assert uninstall({}, Meant("contoso-1"), None) == 0
    assert len(session.begun) == begun


def test_what_is_in_the_way_blocks(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    session.made = replace(MADE, findings=(LOCK,))
    assert uninstall({}, Meant("contoso-1"), "contoso") == 3
    shown = capsys.readouterr()
    assert "the lock by-audit of others protects rg-x: Azure refuses. Ask its owner" in shown.out
    assert "nothing was deleted" in shown.err
    assert session.begun == []


def test_the_forecast_in_json(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    assert uninstall({"output": "json"}, Meant("contoso-1"), None) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["kind"], found["installation"]) == ("forecast", "contoso")
    assert found["groups"][0]["resources"][0]["id"] == VAULT.id
    assert found["kept"][0]["until"] == "2026-12-15"
    assert session.begun == []


def test_nothing_is_left_to_remove(session: FakeSession, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    session.state = StateDirectory(tmp_path)
    session.made = replace(MADE, groups=(), kept=(), lost=(), names=())
    assert uninstall({}, Meant("contoso-1"), "contoso") == 0
    assert "nothing of it exists" in capsys.readouterr().out
    assert session.begun == []


FILE = FOLDER / "dev.yaml"


@pytest.mark.parametrize("recorded", [None, MATRIX["dev"]], ids=["not recorded", "recorded"])
def test_an_answers_file_names_an_installation_of_another_machine(
    session: FakeSession, capsys: pytest.CaptureFixture[str], recorded: Answers | None
) -> None:
    session.recorded = recorded
    assert uninstall({}, Meant(answers=FILE), "contoso") == 0
    assert session.begun == [f"uninstall --answers {FILE} --confirm contoso"]
    assert session.removed == (recorded or load(FILE).answers)
    said = capsys.readouterr().err
    assert ("answers of run contoso-7" in said) is (recorded is not None)
    assert ("those of the file are used" in said) is (recorded is None)


def test_a_record_of_another_subscription_is_not_meant(session: FakeSession) -> None:
    other = load(FILE).answers
    where = other.subscription.model_copy(update={"subscription": "4f2c8a5e-1b39-4d0c-8c55-0d2f6a770000"})
    session.recorded = other.model_copy(update={"subscription": where})
    assert uninstall({}, Meant(answers=FILE), "contoso") == 0
    assert session.removed == load(FILE).answers


def test_a_run_and_an_answers_file_are_not_named_together(session: FakeSession) -> None:
    with pytest.raises(UsageError, match="name --run or --answers, not both"):
        uninstall({}, Meant("contoso-1", FILE), "contoso")
    assert session.begun == []
