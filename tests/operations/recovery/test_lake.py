"""The command restore lake: a list first, with until when each item is kept; refusals and missing rights are named."""

import json
from typing import Any, Final

import pytest

from installer.cli.commands import restore_lake as command
from installer.cli.commands.restore_lake import Chosen
from installer.errors import UsageError, VerificationFailed
from installer.estate.parameters.context import Installation
from installer.json_access import objects_of
from installer.operations.recovery.lake import (
    MAX_SHOWN,
    LakeRestore,
    ReadLake,
    RestoreLake,
    rendered,
    with_items,
)
from tests.operations.recovery.conftest import RecoveringSession
from tests.operations.recovery.recoveries import MovingService
from tests.preflight.surveyed import sample
from tests.steps.step_context import Attempt
from tests.steps.test_flows import Printing

Commands = tuple[RecoveringSession, MovingService]
AT: Final = 1_780_000_000.0
LINE: Final[dict[str, Any]] = {"deleted": "file", "name": "gold/[red]x", "at": AT, "days": 6, "size": 5}
PLAN: Final = LakeRestore("dev", "gold", "orders/", 0.0, AT + 60)


def listed(*lines: dict[str, Any], found: int = 1) -> LakeRestore:
    step = ReadLake(Printing([*lines, {"result": {"found": found, "size": 5}}]), "dev")
    return with_items(PLAN, Attempt().run(step)[1], AT)


def left(attempt: Attempt) -> list[str]:
    return [str(event.data["left"]) for event in attempt.events if "left" in event.data]


def test_the_plan_names_each_item_with_until_when_it_is_kept() -> None:
    plan = listed(LINE)
    text = rendered(plan)
    assert "gold, paths that begin with orders/" in text
    assert "file gold/[red]x, deleted 2026-05-28 20:26 UTC, kept until 2026-06-03 20:26 UTC at least" in text
    (item,) = objects_of(plan.as_json()["items"])
    assert (item["kind"], item["restorableUntil"]) == ("file", "2026-06-03 20:26 UTC")
    many = listed(*[{**LINE, "name": f"gold/{number}"} for number in range(MAX_SHOWN + 5)], found=900)
    assert f"and {900 - MAX_SHOWN} more" in rendered(many)


def test_the_order_is_for_the_lake_of_the_environment() -> None:
    order = PLAN.order(Installation(sample()), "restore")
    assert order.account.startswith("https://")
    assert not order.account.endswith("/")
    assert (order.mode, order.container, order.prefix, order.before) == ("restore", "gold", "orders/", AT + 60)


def test_what_the_lake_refuses_is_left_and_named() -> None:
    lines: list[dict[str, Any]] = [
        {"event": "created", "kind": "directory", "name": "gold/a", "text": "directory gold/a restored"},
        {"event": "kept", "kind": "file", "name": "gold/x", "text": "file gold/x: BlobAlreadyExists"},
        {"result": {"restored": 3, "size": 9, "refused": 1}},
    ]
    attempt = Attempt()
    _, outputs = attempt.run(RestoreLake(Printing(lines), "dev"))
    assert outputs["restored"] == 3
    assert left(attempt) == ["Not restored: file gold/x: BlobAlreadyExists"]
    assert attempt.texts("resource.finished") == ["directory gold/a restored"]
    with pytest.raises(VerificationFailed, match="cannot be reached"):
        Attempt().run(RestoreLake(Printing([{"error": "the lake cannot be reached"}], fails=True), "dev"))


def called(chosen: Chosen, *, yes: bool = False) -> int:
    return command.restore_lake({"output": "json"}, chosen, None, yes=yes)


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Outputs of the list, which needs the network of an environment."""
    outputs: dict[str, Any] = {"found": 1, "items": [LINE]}
    monkeypatch.setattr(command, "read_in_network", lambda *_: (0, {"deleted-in-lake-dev": outputs}))
    return outputs


@pytest.mark.usefixtures("found")
def test_without_a_confirmation_the_list_is_all(commands: Commands, capsys: pytest.CaptureFixture[str]) -> None:
    assert called(Chosen("dev", "gold/orders", after="2026-01-01T00:00:00Z")) == 0
    shown = capsys.readouterr()
    plan = json.loads(shown.out)
    assert (plan["part"], plan["container"], plan["prefix"], plan["found"]) == ("lake", "gold", "orders", 1)
    assert plan["after"] == "2026-01-01 00:00 UTC"
    assert "--yes carries out the plan" in shown.err
    assert commands[1].changes == []


@pytest.mark.usefixtures("commands")
def test_nothing_deleted_is_nothing_to_restore(found: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    found.update(found=0, items=[])
    assert called(Chosen("dev"), yes=True) == 0
    assert "nothing to restore" in capsys.readouterr().err


@pytest.mark.usefixtures("commands", "found")
def test_a_wrong_time_or_environment_is_refused() -> None:
    with pytest.raises(UsageError, match="--before yesterday: write a time such as"):
        called(Chosen("dev", before="yesterday"))
    with pytest.raises(UsageError, match="--env qa: the installation has dev"):
        called(Chosen("qa"))
