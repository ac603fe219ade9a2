"""The command restore prefect: files and rights are checked before a job starts, and nothing changes without a confirmation."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from installer.cli.commands import restore_prefect as command
from installer.cli.commands.restore_prefect import Chosen
from installer.errors import UsageError
from installer.operations.recovery.prefect_files import write_backup
from tests.operations.recovery.conftest import RecoveringSession
from tests.operations.recovery.recoveries import MovingService
from tests.operations.recovery.test_prefect_files import backup

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.jsontypes import Json

JSON: Final[dict[str, Any]] = {"output": "json"}
LINE: Final[dict[str, Any]] = {
    "diff": "update",
    "kind": "variable",
    "name": "text",
    "text": "~ variable text",
    "secrets": [],
}


def called(source: Path | None, *, yes: bool = False, environment: str = "dev") -> int:
    return command.restore_prefect(JSON, Chosen(environment, source, (), delete=False), None, yes=yes)


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> "list[Mapping[str, Json]]":
    """Outputs of the comparison, which needs the network of an environment."""
    found: list[Mapping[str, Json]] = [{"lines": [LINE], "numbers": {"update": 1, "unchanged": 4}}]
    monkeypatch.setattr(command, "_compared", lambda *_: (0, found[0]))
    return found


@pytest.mark.usefixtures("compared")
def test_the_plan_is_one_object_and_changes_nothing(
    commands: tuple[RecoveringSession, MovingService], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_backup(backup(tmp_path))
    assert called(tmp_path) == 0
    shown = capsys.readouterr()
    plan = json.loads(shown.out)
    assert (plan["kind"], plan["part"], plan["numbers"]["update"]) == ("restore plan", "prefect", 1)
    assert plan["changes"][0]["action"] == "update"
    assert "--yes carries out the plan" in shown.err
    assert commands[1].changes == []


@pytest.mark.usefixtures("commands")
def test_an_equal_server_needs_no_restore(
    compared: "list[Mapping[str, Json]]", tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_backup(backup(tmp_path))
    compared[0] = {"lines": [], "numbers": {"unchanged": 5}}
    assert called(tmp_path, yes=True) == 0
    assert "nothing to restore" in capsys.readouterr().err


@pytest.mark.usefixtures("commands", "compared")
def test_what_cannot_be_restored_is_named_before_a_job_starts(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no backup of Prefect of dev in it"):
        called(tmp_path)
    with pytest.raises(UsageError, match="--env qa: the installation has dev"):
        called(tmp_path, environment="qa")
    write_backup(backup(tmp_path))
    (tmp_path / "dev" / "20261201T080000Z" / "variables.json").write_text("{")
    with pytest.raises(UsageError, match=r"variables\.json: not valid JSON"):
        called(tmp_path)
