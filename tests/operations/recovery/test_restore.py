"""Restore of PostgreSQL: a server beside the running one with its network, rights and databases; refused before anything is written."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import pytest

from installer.errors import UsageError
from installer.json_access import as_object, as_text, member
from installer.operations.recovery.restore_checks import needs_of
from installer.operations.recovery.restore_model import RestorePlan
from installer.operations.recovery.restore_plan import parse_time, restore_plan, target_name
from installer.operations.recovery.restore_report import rendered
from installer.operations.recovery.restore_steps import COMPARE, restore_steps
from tests.operations.conftest import Copy
from tests.operations.recovery.recoveries import Recovery, recovering

HOUR: Final = 3600.0
DAY: Final = 24 * HOUR
KINDS: Final = (("19-postgres-injected-prod", "prod"), ("01-trial-public", "dev"), ("03-trial-private", "dev"))
"""Answers with a server in a subnet, with public access, and with a customer-managed key."""


@pytest.fixture
def it(copy_of: Copy) -> Iterator[Recovery]:
    """One environment behind private endpoints, two days old."""
    with recovering(copy_of("dev")) as found:
        found.arm.on_loop(found.seen.estate.azure.clock.advance(2 * DAY))
        yield found


def planned(it: Recovery, hours: float | None = 1.0, environment: str = "dev", *, proof: bool = False) -> RestorePlan:
    """The plan of a restore to so many hours ago."""
    at = None if hours is None else it.seen.estate.azure.clock.now() - hours * HOUR
    with it.subject() as subject:
        return restore_plan(subject, environment, at, proof=proof)


def carried_out(it: Recovery, plan: RestorePlan, kill_after: int | None = None) -> dict[str, str]:
    """Failures of the steps of a plan."""
    result = it.run(restore_steps(plan, it.arm, it.record), kill_after)
    return {key: str(error) for key, error in result.failures.items()}


def found(it: Recovery, path: str) -> dict[str, Any]:
    return it.arm.ask("GET", f"{path}?api-version={'2025-08-01' if 'DBfor' in path else '2025-05-01'}").body


def test_a_restored_server_is_reached_and_administered_as_the_running_one(it: Recovery) -> None:
    plan = planned(it)
    assert (plan.findings, plan.not_checked) == ((), ())
    before = found(it, plan.source.id)
    assert carried_out(it, plan) == {}
    server, endpoint = found(it, plan.server.id), found(it, plan.endpoints[0].id)
    assert server["sku"] == before["sku"]
    assert member(server, "properties", "network", "publicNetworkAccess") == "Disabled"
    assert member(endpoint, "properties", "privateLinkServiceConnections") != []
    records = it.arm.every(f"{plan.endpoints[1].id.rpartition('/')[0]}?api-version=2025-05-01")
    zone = as_text(member(records[0], "properties", "privateDnsZoneConfigs", 0, "properties", "privateDnsZoneId"))  # type: ignore[arg-type]
    assert zone == "" or zone.endswith("privatelink.postgres.database.azure.com")
    for kind in ("administrators", "configurations", "databases"):
        own, theirs = (
            {one["name"] for one in found(it, f"{one}/{kind}")["value"]} for one in (plan.server.id, plan.source.id)
        )
        assert own == theirs != set()
    assert found(it, plan.source.id) == before
    assert as_object(server["tags"])["flowforge-restored-from"] == plan.source.name


@pytest.mark.parametrize(("name", "environment"), KINDS)
def test_the_kind_of_network_and_the_key_stay_as_they_are(copy_of: Copy, name: str, environment: str) -> None:
    with recovering(copy_of(name)) as it:
        it.arm.on_loop(it.seen.estate.azure.clock.advance(DAY))
        plan = planned(it, environment=environment)
        assert (plan.findings, plan.not_checked) == ((), ())
        assert carried_out(it, plan) == {}
        before, after = found(it, plan.source.id), found(it, plan.server.id)
        for path in (("network",), ("dataEncryption", "primaryKeyURI"), ("authConfig", "passwordAuth")):
            assert member(after, "properties", *path) == member(before, "properties", *path)
        rules = [
            {one["name"] for one in found(it, f"{one}/firewallRules")["value"]}
            for one in (plan.source.id, plan.server.id)
        ]
        assert rules[0] == rules[1]
        assert bool(plan.endpoints) is (not plan.source.is_injected and not plan.source.rules)


@pytest.mark.parametrize("after", range(0, 6, 2))
def test_a_killed_restore_is_continued_by_the_same_plan(it: Recovery, after: int) -> None:
    plan = planned(it)
    assert carried_out(it, plan, kill_after=after) != {}
    again = planned(it, (it.seen.estate.azure.clock.now() - plan.at) / HOUR)
    assert (again.name, again.findings) == (plan.name, ())
    assert carried_out(it, again) == {}
    assert it.arm.changes.count(f"PUT {plan.name}") == 1


def test_a_proof_leaves_nothing_but_its_record(it: Recovery) -> None:
    before = it.seen.contents().keys()
    plan = planned(it, None, proof=True)
    assert carried_out(it, plan) == {}
    assert it.seen.contents().keys() == before
    (record,) = it.recorded
    assert record["server"] == plan.source.name
    assert "flowforge_dev" in as_text(record["proved"])
    assert any(event.startswith("not-checked tables and rows") for event in it.events)


def test_a_proof_that_finds_a_difference_fails_deletes_its_server_and_records_nothing(it: Recovery) -> None:
    before = it.seen.contents().keys()
    plan = planned(it, proof=True)
    lost = replace(plan, source=replace(plan.source, databases=(*plan.source.databases, "lost")))
    failures = carried_out(it, lost)
    assert "it has no database lost" in failures[COMPARE]
    assert it.seen.contents().keys() == before
    assert it.recorded == []


def test_the_server_of_an_interrupted_proof_is_named(it: Recovery) -> None:
    plan = planned(it, 5.0, proof=True)
    assert it.run(restore_steps(plan, it.arm, it.record)[:1]).state == "succeeded"
    later = planned(it, 1.0)
    (finding,) = later.findings
    assert (later.blocks, plan.name in finding.what) == (False, True)


def test_a_proof_whose_server_is_deleted_is_recorded_without_another_one(it: Recovery) -> None:
    plan = planned(it, proof=True)
    assert it.run(restore_steps(plan, it.arm, it.record, "as before")).state == "succeeded"
    assert it.arm.changes == []
    assert it.recorded[0]["proved"] == "as before"


@pytest.mark.parametrize("hours", [-1.0, 49.0, 24.0 * 40])
def test_a_time_that_azure_does_not_have_is_refused_with_those_that_it_has(it: Recovery, hours: float) -> None:
    plan = planned(it, hours)
    (finding,) = plan.findings
    assert plan.blocks
    assert "is no restore point" in finding.what
    refused = carried_out(it, plan)["restore-server"]
    assert "The point in time" in refused  # Azure would refuse it, too


@pytest.mark.parametrize("hours", [0.0, 47.0])
def test_no_finding_for_a_time_that_azure_accepts(it: Recovery, hours: float) -> None:
    plan = planned(it, hours)
    assert plan.findings == ()
    assert carried_out(it, plan) == {}


def test_a_name_of_another_server_is_refused(it: Recovery) -> None:
    plan = planned(it)
    other = replace(
        plan, server=replace(plan.server, body={**plan.server.body, "tags": {"flowforge-restored-from": "x"}})
    )
    assert it.run(restore_steps(other, it.arm, it.record)[:1]).state == "succeeded"
    again = planned(it, (it.seen.estate.azure.clock.now() - plan.at) / HOUR)
    assert [one.what for one in again.findings] == [f"the name {plan.name} is taken"]


@pytest.mark.parametrize(
    ("level", "proof", "blocks"),
    [("CanNotDelete", True, True), ("CanNotDelete", False, False), ("ReadOnly", False, True)],
)
def test_locks_of_others_block_what_azure_would_refuse(it: Recovery, level: str, *, proof: bool, blocks: bool) -> None:
    group = planned(it).source.group
    it.arm.ask(
        "PUT",
        f"{group}/providers/Microsoft.Authorization/locks/by-audit?api-version=2020-05-01",
        {"properties": {"level": level}},
    )
    plan = planned(it, proof=proof)
    assert plan.blocks is blocks
    assert (carried_out(it, plan) != {}) is blocks


def test_the_rights_are_those_of_what_is_sent(it: Recovery) -> None:
    actions = {need.action for need in needs_of(planned(it, proof=True))}
    assert {
        "Microsoft.DBforPostgreSQL/flexibleServers/write",
        "Microsoft.DBforPostgreSQL/flexibleServers/delete",
        "Microsoft.DBforPostgreSQL/flexibleServers/administrators/write",
        "Microsoft.DBforPostgreSQL/flexibleServers/configurations/write",
        "Microsoft.Network/privateEndpoints/write",
        "Microsoft.Network/privateEndpoints/delete",
        "Microsoft.Network/virtualNetworks/subnets/join/action",
    } <= actions
    assert "Microsoft.DBforPostgreSQL/flexibleServers/delete" not in {need.action for need in needs_of(planned(it))}


def test_a_second_server_needs_free_cores(it: Recovery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("installer.operations.recovery.restore_checks.free_of", lambda _usage: 1)
    (finding,) = planned(it).findings
    assert "1 core of PostgreSQL are free in swedencentral, and a second server needs 2" in finding.what
    monkeypatch.setattr("installer.operations.recovery.restore_checks.free_of", lambda _usage: 2)
    assert planned(it).findings == ()


def test_the_plan_in_words(it: Recovery) -> None:
    text = rendered(planned(it))
    for part in (
        "is not changed",
        "Restore points: ",
        "flowforge_dev",
        "changes after ",
        "pg_dump",
        "restore postgres --env dev --remove pg-ff-contoso-r",
    ):
        assert part in text
    assert "Afterwards" not in rendered(planned(it, proof=True))


def test_unknown_environments_and_times_are_refused(it: Recovery) -> None:
    with pytest.raises(UsageError, match="--env prod: the installation has dev"):
        planned(it, environment="prod")
    with pytest.raises(UsageError, match="--at yesterday: write a time such as"):
        parse_time("yesterday")
    assert (
        parse_time("2026-12-01T14:30:00Z")
        == parse_time("2026-12-01T14:30:00")
        == parse_time("2026-12-01T15:30:00+01:00")
    )


def test_names_are_short_enough_and_differ_by_the_second() -> None:
    names = {target_name("pg-" + "x" * 60, at, proof=proof) for at in (0.0, 1.0) for proof in (True, False)}
    assert len(names) == 4
    assert {len(name) for name in names} == {63}
