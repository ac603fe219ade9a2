"""The command restore: a plan first, nothing without a confirmation, and the same command continues."""

import json
from typing import Any, Final, TypeAlias

import pytest

from installer.cli.commands.restore import restore_postgres
from installer.errors import UsageError
from installer.runs.started_runs import newest_installation
from tests.operations.recovery.conftest import RecoveringSession
from tests.operations.recovery.recoveries import MovingService

Commands: TypeAlias = tuple[RecoveringSession, MovingService]
JSON: Final[dict[str, Any]] = {"output": "json"}


def restored(*, at: str = "", proof: bool = False, yes: bool = True, settings: dict[str, Any] | None = None) -> int:
    return restore_postgres(settings or {}, "dev", at, None, proof=proof, yes=yes)


def test_without_a_confirmation_the_plan_is_all(commands: Commands, capsys: pytest.CaptureFixture[str]) -> None:
    assert restored(yes=False, settings=JSON) == 0
    shown = capsys.readouterr()
    plan = json.loads(shown.out)
    assert (plan["kind"], plan["environment"], plan["databases"]) == (
        "restore plan",
        "dev",
        ["flowforge_dev", "prefect_dev"],
    )
    assert "--yes carries out the plan" in shown.err
    assert commands[1].changes == []


def test_a_confirmed_plan_is_carried_out_beside_the_installation(
    commands: Commands, capsys: pytest.CaptureFixture[str]
) -> None:
    session, azure = commands
    assert restored() == 0
    assert "Done." in capsys.readouterr().out
    assert any(change.startswith("PUT pg-ff-contoso-r") for change in azure.changes)
    assert newest_installation(session.state) == "contoso-1"


def test_a_killed_restore_continues_with_the_same_command(
    commands: Commands, capsys: pytest.CaptureFixture[str]
) -> None:
    session, azure = commands
    azure.left = 2
    assert restored() != 0
    assert "Continue with: " in capsys.readouterr().out
    azure.left = None
    azure.on_loop(session.seen.estate.azure.clock.advance(600.0))
    assert restored() == 0
    servers = {change for change in azure.changes if change.startswith("PUT pg-ff-contoso-r")}
    assert len(servers) == 1
    with pytest.raises(UsageError, match=r"run contoso-2 is complete; resume RUN checks"):
        session.resume("contoso-2", attended=False)


def test_a_proof_is_recorded_and_leaves_nothing(commands: Commands) -> None:
    session, _ = commands
    before = session.seen.contents().keys()
    assert restored(proof=True, settings=JSON) == 0
    assert session.seen.contents().keys() == before
    (proof,) = session.__dict__["proofs"]
    assert (proof["server"], "flowforge_dev" in proof["proved"]) == ("pg-ff-contoso", True)


def test_a_time_without_backups_ends_with_3_and_changes_nothing(
    commands: Commands, capsys: pytest.CaptureFixture[str]
) -> None:
    assert restored(at="2020-01-01T00:00:00Z") == 3
    shown = capsys.readouterr()
    assert "choose a time between" in shown.out.lower()
    assert "nothing was changed" in shown.err
    assert commands[1].changes == []


def test_a_proof_has_no_time(commands: Commands) -> None:
    with pytest.raises(UsageError, match="leave out --at"):
        restored(at="2026-01-01T00:00:00Z", proof=True)
