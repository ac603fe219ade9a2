"""Migrations of tables: what is pending is shown, and applied by the steps of the installation after one backup of each server."""

import json
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from installer.cli.commands import migrate as command
from installer.cli.commands.migrate import Wanted
from installer.cloud.arm import Arm
from installer.cloud.rest import Service
from installer.engine.schedule import Schedule
from installer.errors import UsageError
from installer.estate.parameters.context import Installation
from installer.operations.migration.model import MAX_SHOWN, MigrationPlan, Tables, rendered
from installer.operations.migration.steps import ReadMigrations, migration_steps
from installer.runs.preflight import gate
from installer.secret_store import Secrets
from installer.steps.plan import installation
from tests.bicep.answers_variants import answers
from tests.cloud.no_cloud import TARGET
from tests.operations.recovery.conftest import RecoveringSession, commands  # noqa: F401  a fixture
from tests.operations.recovery.recoveries import MovingService
from tests.preflight.surveyed import sample
from tests.steps.step_context import Attempt
from tests.steps.test_flows import Printing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.answers.model import Answers
    from installer.engine.step import Step
    from installer.preflight.subject import Subject

Commands = tuple[RecoveringSession, MovingService]
PENDING: Final[dict[str, Any]] = {
    "web": True,
    "prefect": {"current": ["aa"], "newest": "cc", "pending": [["bb", "Add [red]x"], ["cc", "Two"]], "unknown": []},
}


def ordered(given: "Answers", *environments: str) -> tuple[list[str], list["Step"]]:
    """Keys of the steps to run in their order, and all steps."""
    it, arm = Installation(given), Arm(TARGET, given.subscription.subscription)
    every = (gate(arm.target, given, None, Secrets()), *installation(given, arm, secrets=Secrets(), run="run-1"))
    steps, only = migration_steps(every, it, Service.of_arm(arm.target), environments, "mark")
    return [step.key for step in Schedule(steps, only)._order if step.key in only], list(steps)


def test_tables_are_migrated_after_one_backup_of_their_server() -> None:
    order, _ = ordered(answers("dev", "qa", platform={"runtime": "container_apps"}), "dev", "qa")
    assert order[0] == "backup-pg-ff-contoso"
    assert order.count("backup-pg-ff-contoso") == 1
    assert set(order[1:]) == {"upgrade-dev", "migrate-dev", "upgrade-qa", "migrate-qa"}
    only_dev, _ = ordered(answers("dev", "qa", platform={"runtime": "container_apps"}), "dev")
    assert set(only_dev[1:]) == {"upgrade-dev", "migrate-dev"}


@pytest.mark.parametrize("runtime", ["aks", "container_apps"])
def test_a_migration_runs_again_although_its_job_has_succeeded(runtime: str) -> None:
    order, steps = ordered(answers("dev", platform={"runtime": runtime}), "dev")
    tables: list[Any] = [step for step in steps if step.key in order and not step.key.startswith("backup")]
    assert len(tables) == 2
    jobs = [step if hasattr(step, "run_always") else step.job for step in tables]
    assert all(job.run_always for job in jobs)
    assert not any(getattr(step, "run_always", False) for step in steps if step.key == "bootstrap-dev")


def test_reading_runs_the_list_and_asks_whether_the_image_has_migrated() -> None:
    web = Printing([])
    step = ReadMigrations("dev", web, Printing([{"result": PENDING["prefect"]}]), {})
    assert Attempt().run(step) == ("done", {"web": False, "prefect": PENDING["prefect"]})
    assert web.applied == 0
    assert Attempt().run(replace(step, listing=None))[1] == {"web": False, "prefect": None}


def test_the_plan_names_each_pending_migration_and_what_is_unknown() -> None:
    tables = Tables.of("dev", "flowforge/web@sha256:1", PENDING, "First: an on-demand backup of pg")
    text = rendered(MigrationPlan((tables,)))
    assert "Tables of Prefect: 2 migrations pending" in text
    assert "bb  Add [red]x" in text
    assert "First: an on-demand backup of pg" in text
    many = replace(tables, pending=tuple((f"r{number}", "t") for number in range(MAX_SHOWN + 3)))
    assert "and 3 more" in rendered(MigrationPlan((many,)))
    newer = MigrationPlan((replace(tables, pending=(), unknown=("ff",)),))
    assert newer.blocks
    assert "ff is of a newer Prefect than the image" in rendered(newer)
    done = MigrationPlan((replace(tables, pending=()),))
    assert (done.blocks, done.wanted, "up to date (aa)" in rendered(done)) == (False, (), True)
    assert replace(done, again=True).wanted == done.tables
    assert "Tables of Prefect" not in rendered(MigrationPlan((Tables.of("dev", "w", {"web": False}, ""),)))


@pytest.fixture
def found(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:  # noqa: F811  the fixture
    """Outputs of the reads, which need the network of an environment."""
    outputs: dict[str, Any] = {"dev": PENDING}
    monkeypatch.setattr(command, "_read", lambda *_: (0, outputs))
    return outputs


def called(*, yes: bool = False, again: bool = False) -> int:
    return command.migrate({"output": "json"}, Wanted("dev", again), None, yes=yes)


@pytest.mark.usefixtures("found")
def test_without_a_confirmation_the_plan_is_all(
    commands: Commands,  # noqa: F811  the fixture
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert called() == 0
    shown = capsys.readouterr()
    (dev,) = json.loads(shown.out)["environments"]
    assert [one["revision"] for one in dev["prefect"]["pending"]] == ["bb", "cc"]
    assert "recorded: no backup of pg-ff-contoso" in dev["backup"]
    assert "--yes carries out the plan" in shown.err
    assert commands[1].changes == []


@pytest.mark.usefixtures("commands")
def test_nothing_pending_changes_nothing_and_a_newer_prefect_blocks(
    found: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    found["dev"] = {"web": True, "prefect": {**PENDING["prefect"], "pending": []}}
    assert called(yes=True) == 0
    assert "no migration is pending" in capsys.readouterr().err
    found["dev"] = {"web": True, "prefect": {**PENDING["prefect"], "pending": [], "unknown": ["ff"]}}
    assert called(yes=True, again=True) == 3


@pytest.mark.usefixtures("found")
def test_another_operation_that_has_not_ended_is_named(
    commands: Commands,  # noqa: F811  the fixture
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun = {"rotate": "sign-on", "command": "rotate sign-on --env dev --run contoso-1"}
    monkeypatch.setattr(commands[0], "operation_of", lambda _name: begun)
    with pytest.raises(UsageError, match=r"another operation has not ended: .*rotate sign-on --env dev"):
        called(yes=True)


def test_missing_rights_block_before_a_job_starts(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from tests.emulator.test_survey import ME, READER, _grant
    from tests.operations.recovery.test_rights import GROUP
    from tests.preflight.surveyed import subject_of

    survey: dict[str, Any] = {
        "caller": {"objectId": ME, "principalIds": []},
        "resources": [{"id": GROUP, "location": "swedencentral"}, _grant(READER, ME)],
    }

    class Untouched:
        @staticmethod
        def operation_of(_name: str) -> None:
            return None

    with subject_of(tmp_path_factory.mktemp("survey"), sample(), **survey) as subject:
        facts = type("Facts", (), {"answers": subject.answers, "state": "succeeded", "name": "contoso-1"})

        @contextmanager
        def reading(*_: object) -> "Iterator[tuple[Any, Any, Subject]]":
            yield Untouched(), facts, subject

        monkeypatch.setattr(command, "subject_of", reading)
        assert command.migrate({}, Wanted("dev"), None, yes=True) == 3
    assert "Microsoft.ContainerService/managedClusters/runCommand/action" in capsys.readouterr().out
