"""A switch to a restored server: which servers are offered, the answer that names one, and what a plan and later runs make of it."""

from collections.abc import Iterator
from typing import Any, Final, cast

import pytest

from installer.answers.model import Answers
from installer.cloud.arm import Arm
from installer.cloud.rest import Service
from installer.engine.schedule import Schedule
from installer.errors import UsageError
from installer.estate.changes import MovedDatabases, moved_databases
from installer.estate.parameters.context import Installation
from installer.estate.parameters.data import server_of
from installer.operations.recovery.switch import (
    ServerRemoval,
    chosen_server,
    interrupts,
    kept_servers,
    named_server,
    removal_lines,
    removal_of,
    way_back,
)
from installer.operations.removal.steps import RemoveItems
from installer.resource_id import name_of
from installer.runs.preflight import gate
from installer.secret_store import Secrets
from installer.steps.plan import installation
from installer.steps.restored_servers import PROOF_TAG, has_the_databases
from installer.steps.upgrade_order import SWITCH, Upgrade, around
from tests.bicep.answers_variants import answers
from tests.cloud.no_cloud import TARGET
from tests.emulator.test_survey import ME, READER, _grant
from tests.operations.conftest import Copy
from tests.operations.recovery.recoveries import Recovery, recovering
from tests.operations.recovery.test_restore import DAY, carried_out, planned
from tests.operations.recovery.test_rights import GROUP, SERVER
from tests.preflight.surveyed import sample, subject_of

DEV: Final = "pg-ff-contoso"


def renamed(given: Answers, name: str) -> Answers:
    governance = given.governance.model_copy(update={"names": [f"postgres={name}"]})
    return given.model_copy(update={"governance": governance})


def moved(given: Answers, name: str) -> MovedDatabases:
    (found,) = moved_databases(given, renamed(given, name))
    return found


@pytest.fixture
def it(copy_of: Copy) -> Iterator[Recovery]:
    """One environment behind private endpoints, two days old."""
    with recovering(copy_of("dev")) as found:
        found.arm.on_loop(found.seen.estate.azure.clock.advance(2 * DAY))
        yield found


def restored(it: Recovery) -> str:
    """Name of a new server beside the running one."""
    plan = planned(it)
    assert carried_out(it, plan) == {}
    return plan.name


def removal(it: Recovery, name: str) -> ServerRemoval:
    with it.subject() as subject:
        return removal_of(subject, "dev", name)


def test_only_a_restore_of_the_server_counts_as_having_its_databases(it: Recovery) -> None:
    name = restored(it)
    given, arm = it.seen.answers, it.seen.arm
    assert has_the_databases(arm, moved(given, name))
    assert not has_the_databases(arm, moved(given, "pg-empty"))
    back = MovedDatabases("dev", moved(renamed(given, name), DEV).server, DEV, own=False)
    assert has_the_databases(arm, back)
    path = f"{server_of(Installation(given), Installation(given).site('dev'))}"
    other = path.replace(DEV, name)
    body = it.arm.ask("GET", f"{other}?api-version=2025-08-01").body
    tags: Any = {**cast("dict[str, Any]", body["tags"]), PROOF_TAG: "dev"}
    it.arm.ask("PATCH", f"{other}?api-version=2025-08-01", {"tags": tags})
    assert not has_the_databases(arm, moved(given, name))


def test_restored_servers_are_offered_and_no_other_name(it: Recovery) -> None:
    with it.subject() as subject, pytest.raises(UsageError, match="no server was restored from pg-ff-contoso and kept"):
        chosen_server(subject, "dev", "")
    name = restored(it)
    with it.subject() as subject:
        (one,) = kept_servers(subject, "dev")
        assert (one.name, bool(one.point)) == (name, True)
        assert chosen_server(subject, "dev", "").name == name
        with pytest.raises(UsageError, match=f"not a server beside {DEV}, which is in use; those are: {name}"):
            chosen_server(subject, "dev", "pg-other")


@pytest.mark.parametrize(
    ("names", "environment", "to", "found"),
    [
        ([], "dev", "pg-new", "postgres=pg-new"),
        (["budget=b", "postgres=pg-old"], "dev", "pg-new", "budget=b, postgres=pg-new"),
        (["budget=b", "postgres=pg-old"], "dev", DEV, "budget=b"),
        (["postgres=pg-old"], "prod", "pg-new", "postgres=pg-old, own_postgres.prod=pg-new"),
        (["own_postgres.prod=pg-new"], "prod", "pg-ff-contoso-prod", ""),
    ],
)
def test_the_answer_names_one_server_and_keeps_other_names(
    names: list[str], environment: str, to: str, found: str
) -> None:
    given = answers("dev", "prod", data={"prod_server": True}, governance={"names": names})
    assert named_server(Installation(given), environment, to) == found


def test_the_plan_names_what_is_lost_and_the_way_back() -> None:
    it = Installation(answers("dev", "qa"))
    assert any(
        "dev, qa wrote to pg-ff-contoso after the restore point" in one for one in interrupts(it, "qa", "pg-new")
    )
    back, gone = way_back(it, "qa")
    assert "restore postgres --env qa --switch --to pg-ff-contoso" in back
    assert "restore postgres --env qa --remove pg-ff-contoso" in gone


def test_pools_are_paused_around_a_switch_and_no_backup_is_made() -> None:
    given = answers("dev", platform={"runtime": "container_apps"})
    it, arm = Installation(given), Arm(TARGET, given.subscription.subscription)
    every = (gate(arm.target, given, None, Secrets()), *installation(given, arm, secrets=Secrets(), run="run-1"))
    steps = around(Upgrade(SWITCH, "mark", 60.0), every, it, Service.of_arm(arm.target), {})
    order = [step.key for step in Schedule(steps, None)._order]
    assert not [key for key in order if key.startswith("backup-")]
    assert (
        order.index("drain-dev") < order.index("runtime-dev") < order.index("migrate-dev") < order.index("resume-dev")
    )


def test_the_server_in_use_is_not_deleted_and_another_one_is_with_its_endpoint(it: Recovery) -> None:
    name = restored(it)
    with pytest.raises(UsageError, match="pg-ff-contoso is in use"):
        removal(it, DEV)
    plan = removal(it, name)
    assert plan.findings == ()
    assert [name_of(one.id) for one in plan.items][-1] == name
    assert f"Deletes {name} with its data; {DEV} is in use" in next(removal_lines(plan))
    steps = [
        RemoveItems(it.arm, f"r{n}", one.shown, (one,), (f"r{n - 1}",) if n else ()) for n, one in enumerate(plan.items)
    ]
    assert it.run(steps, kill_after=0).state != "succeeded"
    assert it.run(steps).state == "succeeded"
    with it.subject() as subject:
        assert kept_servers(subject, "dev") == ()


def test_missing_rights_and_locks_of_others_block_a_deletion(tmp_path_factory: pytest.TempPathFactory) -> None:
    other = {**SERVER, "id": SERVER["id"].replace(DEV, "pg-r"), "tags": {"flowforge-restored-from": DEV}}
    lock = {"id": f"{GROUP}/providers/Microsoft.Authorization/locks/theirs", "properties": {"level": "CanNotDelete"}}
    survey: dict[str, Any] = {
        "caller": {"objectId": ME, "principalIds": []},
        "resources": [{"id": GROUP, "location": "swedencentral"}, SERVER, other, lock, _grant(READER, ME)],
    }
    with subject_of(tmp_path_factory.mktemp("survey"), sample(), **survey) as subject:
        plan = removal_of(subject, "dev", "pg-r")
    assert plan.blocks
    texts = " ".join(one.what for one in plan.findings)
    assert "the lock theirs (CanNotDelete) protects" in texts
    assert "Microsoft.DBforPostgreSQL/flexibleServers/delete" in texts
