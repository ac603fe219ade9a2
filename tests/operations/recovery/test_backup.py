"""Backups on demand: taken once, proved by their restore points; and what could be restored already."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from installer.cli.commands.backup import Wanted, back_up, list_backups
from installer.errors import CheckBlocked
from installer.json_access import as_text, member
from installer.operations.recovery.backup_model import Backups, Kind
from installer.operations.recovery.backup_plan import backups_of, needs_of
from installer.operations.recovery.backup_report import rendered
from installer.operations.recovery.backup_steps import backup_steps
from installer.steps.flow_programs import FlowPrograms
from tests.operations.conftest import Copy
from tests.operations.recovery.conftest import RecoveringSession
from tests.operations.recovery.recoveries import MovingService, Recovery, recovering

WITH_BACKUP: Final = "28-purview-new"
DAY: Final = 86_400.0
IN_AZURE: Final[tuple[Kind, ...]] = ("postgres", "lake")


def read(it: Recovery, mark: str = "one", environment: str = "") -> Backups:
    with it.subject() as subject:
        return backups_of(subject, environment, mark, Path("none"), IN_AZURE)


def no_programs(environment: str) -> FlowPrograms:
    raise AssertionError(f"no job runs in {environment}")


def taken(it: Recovery, found: Backups, kill_after: int | None = None) -> dict[str, str]:
    since = it.seen.estate.azure.clock.now()
    result = it.run(backup_steps(found, it.arm, since, no_programs), kill_after)
    return {key: str(error) for key, error in result.failures.items()}


def test_server_and_lake_are_backed_up_and_can_be_restored(copy_of: Copy) -> None:
    with recovering(copy_of(WITH_BACKUP)) as it:
        before = read(it)
        assert (before.findings, before.not_checked) == ((), ())
        kinds = {part.kind: part for part in before.parts}
        assert set(kinds) == {"postgres", "lake"}
        assert all(part.points == () for part in before.parts)
        assert kinds["postgres"].range
        assert taken(it, before) == {}
        after = read(it, "two")
        for part in after.parts:
            assert len(part.points) == (1 if part.action else 0)
        assert [event for event in it.events if "can be restored to" in event]
        assert "restore point" in rendered(after, plan=False)


def test_a_server_that_azure_does_not_back_up_on_demand_is_named_with_its_automatic_backups(copy_of: Copy) -> None:
    with recovering(copy_of("dev")) as it:
        found = read(it)
        (server,) = [part for part in found.parts if part.kind == "postgres"]
        assert (server.action, "Burstable" in server.why_not) == ("", True)
        assert server.range.startswith("any time from ")
        assert taken(it, found) == {}
        assert it.arm.changes == []


def test_a_lake_whose_protection_is_stopped_is_not_asked_for(copy_of: Copy) -> None:
    with recovering(copy_of(WITH_BACKUP)) as it:
        instance = next(part.action for part in read(it).parts if part.kind == "lake" and part.action)
        store = it.seen.estate.azure.emulator.resources
        stored = store.get(instance)
        assert stored is not None
        store.save(replace(stored, computed={"properties": {"currentProtectionState": "ProtectionStopped"}}))
        (stopped,) = [part for part in read(it).parts if part.name == instance.rpartition("/")[2]]
        assert (stopped.action, "ProtectionStopped" in stopped.why_not) == ("", True)
        refused = it.arm._azure.ask("POST", f"{instance}/backup?api-version=2025-07-01", {})
        assert it.arm.on_loop(refused).code == "UserErrorProtectionStopped"


def test_seven_backups_on_demand_are_enough(copy_of: Copy) -> None:
    with recovering(copy_of(WITH_BACKUP)) as it:
        server = next(part for part in read(it).parts if part.kind == "postgres" and part.action)
        for number in range(7):
            it.arm.ask("PUT", f"{server.id}/backups/b{number}?api-version=2025-08-01")
        (finding,) = [one for one in read(it).findings if server.name in one.what]
        assert finding.severity == "blocks"
        assert finding.ways[0].text.endswith(" -n b0")


def test_the_rights_are_those_of_what_is_sent(copy_of: Copy) -> None:
    with recovering(copy_of(WITH_BACKUP)) as it:
        assert {need.action for need in needs_of(list(read(it).parts))} == {
            "Microsoft.DBforPostgreSQL/flexibleServers/backups/write",
            "Microsoft.DataProtection/backupVaults/backupInstances/backup/action",
        }


def test_an_interrupted_backup_takes_no_second_one(copy_of: Copy) -> None:
    with recovering(copy_of(WITH_BACKUP)) as it:
        found, since = read(it), it.seen.estate.azure.clock.now()
        steps = backup_steps(found, it.arm, since, no_programs)
        assert it.run(steps, kill_after=0).state != "succeeded"
        assert it.run(steps).state == "succeeded"
        for part in read(it, "two").parts:
            assert len(part.points) == (1 if part.action else 0)


def test_the_command_lists_without_writing(
    commands: tuple[RecoveringSession, MovingService], capsys: pytest.CaptureFixture[str]
) -> None:
    settings: dict[str, Any] = {"output": "json"}
    assert list_backups(settings, Wanted(), None) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["kind"] == "backups"
    server = next(one for one in found["parts"] if one["kind"] == "postgres")
    assert server["earliest"] < server["latest"]
    assert back_up({}, Wanted("dev", ("postgres", "lake")), None, yes=True) == CheckBlocked.exit_code
    assert "no backup on demand can be taken" in capsys.readouterr().err
    assert commands[1].changes == []


def test_a_recovery_point_is_of_the_policy(copy_of: Copy) -> None:
    with recovering(copy_of(WITH_BACKUP)) as it:
        instance = next(part.action for part in read(it).parts if part.kind == "lake" and part.action)
        path = f"{instance}/backup?api-version=2025-07-01"
        body: Any = {"backupRuleOptions": {"ruleName": "Weekly", "triggerOption": {}}}
        assert it.arm.on_loop(it.arm._azure.ask("POST", path, body)).status == 400
        body["backupRuleOptions"]["ruleName"] = "BackupDaily"
        assert it.arm.ask("POST", path, body).status == 202
        (point,) = it.arm.every(f"{instance}/recoveryPoints?api-version=2025-07-01")
        assert as_text(member(point, "properties", "objectType")) == "AzureBackupDiscreteRecoveryPoint"
