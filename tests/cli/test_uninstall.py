"""uninstall: a forecast first; nothing is deleted without the prefix of the installation."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from installer.answers.draft import Draft
from installer.cli.commands import uninstall as module
from installer.cli.commands.uninstall import uninstall
from installer.errors import UsageError
from installer.operations.removal.model import BlockedName, Forecast, GroupPlan, Item, Kept
from installer.preflight.model import Finding, WayOut
from installer.runs.facts import RunFacts
from tests.bicep.answers_matrix import MATRIX

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

    def installation(self, name: str) -> RunFacts:
        """The run."""
        answers = MATRIX["dev"]
        return RunFacts(name, Path(), answers, Draft.of(answers), {"kind": "azure"}, "failed", "")

    def begin_removal(self, facts: RunFacts, _build: object, again: str) -> object:
        """The run that removes it."""
        self.begun.append(again)
        return facts


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> FakeSession:
    """The session of the command."""
    found = FakeSession()

    @contextmanager
    def opened(_settings: dict[str, Any]) -> Iterator[FakeSession]:
        yield found

    monkeypatch.setattr(module, "opened", opened)
    monkeypatch.setattr(module, "forecast_of", lambda _session, _facts: found.made)
    monkeypatch.setattr(module, "_followed", lambda *_arguments: 0)
    return found


def test_without_confirmation_the_forecast_is_all(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    assert uninstall({}, "contoso-1", None) == 0
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
    assert uninstall({}, "contoso-1", "contoso") == 0
    assert session.begun == ["uninstall --run contoso-1 --confirm contoso"]


def test_another_prefix_is_refused(session: FakeSession) -> None:
    with pytest.raises(
        UsageError, match="--confirm fabrikam: the installation of run contoso-1 has the prefix contoso"
    ):
        uninstall({}, "contoso-1", "fabrikam")
    assert session.begun == []


@pytest.mark.parametrize(("typed", "begun"), [("contoso", 1), ("yes", 0), ("", 0)])
def test_on_a_terminal_the_prefix_is_typed(
    session: FakeSession, monkeypatch: pytest.MonkeyPatch, typed: str, begun: int
) -> None:
    monkeypatch.setattr(module, "attended", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _prompt: typed)
    assert uninstall({}, "contoso-1", None) == 0
    assert len(session.begun) == begun


def test_what_is_in_the_way_blocks(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    session.made = replace(MADE, findings=(LOCK,))
    assert uninstall({}, "contoso-1", "contoso") == 3
    shown = capsys.readouterr()
    assert "the lock by-audit of others protects rg-x: Azure refuses. Ask its owner" in shown.out
    assert "nothing was deleted" in shown.err
    assert session.begun == []


def test_the_forecast_in_json(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    assert uninstall({"output": "json"}, "contoso-1", None) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["kind"], found["installation"]) == ("forecast", "contoso")
    assert found["groups"][0]["resources"][0]["id"] == VAULT.id
    assert found["kept"][0]["until"] == "2026-12-15"
    assert session.begun == []


def test_nothing_is_left_to_remove(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    session.made = replace(MADE, groups=(), kept=(), lost=(), names=())
    assert uninstall({}, "contoso-1", "contoso") == 0
    assert "nothing of it exists" in capsys.readouterr().out
    assert session.begun == []
