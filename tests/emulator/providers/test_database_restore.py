"""Restore of a PostgreSQL server: a new server of the same kind, from a time within the retention; backups on demand."""

from pathlib import Path
from typing import Any, Final

import pytest

from installer.emulator.clock import instant
from installer.json_access import as_object, as_text, member
from tests.emulator.asgi_client import API, Local, Reply, local
from tests.emulator.in_memory import GROUP, SUBSCRIPTION, run

SERVERS: Final = f"{GROUP}/providers/Microsoft.DBforPostgreSQL/flexibleServers"
SOURCE: Final = f"{SERVERS}/psql-one"
VERSION: Final = "api-version=2025-08-01"
DAY: Final = 86_400.0
SETTINGS: Final = {
    "version": "17",
    "storage": {"storageSizeGB": 128},
    "authConfig": {"activeDirectoryAuth": "Enabled", "passwordAuth": "Disabled"},
    "backup": {"backupRetentionDays": 7},
    "highAvailability": {"mode": "ZoneRedundant"},
    "network": {"publicNetworkAccess": "Disabled"},
}


async def _put(it: Local, path: str, body: Any = None) -> Reply:
    found = await it.ask("PUT", f"{path}?{VERSION}", body)
    await it.done()
    return found


async def _read(it: Local, path: str) -> Reply:
    return await it.ask("GET", f"{path}?{VERSION}")


async def _source(it: Local, tier: str = "GeneralPurpose", size: str = "Standard_D2ds_v5") -> None:
    """A server with a database, an administrator, a rule and a parameter, two days old."""
    it.emulator.registrations.set(SUBSCRIPTION, "Microsoft.DBforPostgreSQL", "Registered", 0)
    await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "swedencentral"})
    settings = SETTINGS if tier != "Burstable" else {**SETTINGS, "highAvailability": {"mode": "Disabled"}}
    body = {"location": "swedencentral", "sku": {"name": size, "tier": tier}, "properties": settings}
    assert (await _put(it, SOURCE, body)).status < 300
    principal = {"principalName": "admins", "principalType": "Group", "tenantId": it.emulator.directory.tenant_id}
    children: list[tuple[str, Any]] = [
        ("databases/flowforge_dev", {"charset": "UTF8"}),
        ("administrators/99999999-0000-0000-0000-000000000009", principal),
        ("configurations/azure.extensions", {"value": "PG_TRGM", "source": "user-override"}),
        ("firewallRules/all", {"startIpAddress": "0.0.0.0", "endIpAddress": "0.0.0.0"}),  # noqa: S104  no socket
    ]
    for name, properties in children:
        assert (await _put(it, f"{SOURCE}/{name}", {"properties": properties})).status < 300
    await it.clock.advance(2 * DAY)


def _body(it: Local, hours: float = 1.0, **properties: Any) -> Any:
    """The body of a restore to so many hours ago."""
    return {
        "location": "swedencentral",
        "properties": {
            "createMode": "PointInTimeRestore",
            "sourceServerResourceId": SOURCE,
            "pointInTimeUTC": instant(it.clock.now() - hours * 3600),
            **properties,
        },
    }


def test_a_restored_server_has_configuration_and_databases_and_nothing_else(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await _source(it)
        assert (await _put(it, f"{SERVERS}/psql-two", _body(it))).status < 300
        found = (await _read(it, f"{SERVERS}/psql-two")).json
        properties = as_object(found["properties"])
        assert properties["provisioningState"] == "Succeeded"
        assert found["sku"] == {"name": "Standard_D2ds_v5", "tier": "GeneralPurpose"}
        for name in ("version", "storage", "authConfig"):
            assert properties[name] == SETTINGS[name]
        assert member(properties, "highAvailability", "mode") == "Disabled"
        assert not {"createMode", "pointInTimeUTC"} & set(properties)
        assert [one["name"] for one in (await _read(it, f"{SERVERS}/psql-two/databases")).value] == ["flowforge_dev"]
        for kind in ("administrators", "configurations", "firewallRules"):
            assert (await _read(it, f"{SERVERS}/psql-two/{kind}")).value == []

    run(story())


@pytest.mark.parametrize(
    ("change", "status", "text"),
    [
        ({"pointInTimeUTC": "2022-08-23 07:14:24 +0000 UTC"}, 500, "unexpected error"),
        ({"pointInTimeUTC": ""}, 500, "unexpected error"),
        ({"sourceServerResourceId": f"{SERVERS}/psql-gone"}, 404, "psql-gone"),
        ({"network": {"delegatedSubnetResourceId": "/x/subnets/s"}}, 400, "virtual network"),
        ({"version": "16"}, 400, "'version' is invalid"),
        ({"storage": {"storageSizeGB": 64}}, 400, "'storageSizeGB' is invalid"),
        ({"highAvailability": {"mode": "ZoneRedundant"}}, 400, "High availability"),
        ({"createMode": "ReviveDropped"}, 501, "does not restore"),
    ],
)
def test_a_restore_that_changes_what_it_cannot_is_refused(
    tmp_path: Path, change: dict[str, Any], status: int, text: str
) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await _source(it)
        refused = await _put(it, f"{SERVERS}/psql-two", _body(it, **change))
        assert (refused.status, text in refused.text) == (status, True), refused.text
        assert (await _read(it, f"{SERVERS}/psql-two")).status == 404

    run(story())


def test_the_size_can_be_another_one(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await _source(it)
        larger = {"name": "Standard_D4ds_v5", "tier": "GeneralPurpose"}
        assert (await _put(it, f"{SERVERS}/psql-two", {**_body(it), "sku": larger})).status < 300
        assert (await _read(it, f"{SERVERS}/psql-two")).json["sku"] == larger

    run(story())


def test_another_region_and_a_name_in_use_are_refused(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await _source(it)
        elsewhere = await _put(it, f"{SERVERS}/psql-two", {**_body(it), "location": "westeurope"})
        assert (elsewhere.status, "location" in elsewhere.text) == (400, True)
        other = f"{GROUP[:-1]}b"
        await it.ask("PUT", f"{other}?api-version={API}", {"location": "swedencentral"})
        taken = await _put(it, SOURCE.replace(GROUP, other), _body(it))
        assert (taken.status, taken.code) == (409, "ServerNameAlreadyExists")

    run(story())


@pytest.mark.parametrize(
    ("age", "hours", "accepted"),
    [(0, 47, True), (0, 49, False), (10, 7 * 24 - 1, True), (10, 7 * 24 + 1, False), (0, -1, False)],
)
def test_the_time_is_between_the_earliest_restore_point_and_now(
    tmp_path: Path, age: float, hours: float, *, accepted: bool
) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await _source(it)
        await it.clock.advance(age * DAY)
        shown = as_text(member((await _read(it, SOURCE)).json, "properties", "backup", "earliestRestoreDate"))
        answer = await _put(it, f"{SERVERS}/psql-two", _body(it, hours))
        assert (answer.status < 300) is accepted, answer.text
        assert accepted or shown in answer.text

    run(story())


def test_backups_on_demand_are_taken_one_at_a_time_under_new_names(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await _source(it)
        assert (await it.ask("PUT", f"{SOURCE}/backups/before?{VERSION}")).status == 202
        assert (await it.ask("PUT", f"{SOURCE}/backups/other?{VERSION}")).code in {
            "InternalServerError",
            "ServerIsBusy",
        }
        await it.done()
        assert (await _put(it, f"{SOURCE}/backups/before")).code == "InternalServerError"
        (found,) = (await _read(it, f"{SOURCE}/backups")).value
        assert member(found, "properties", "backupType") == "Customer On-Demand"
        for number in range(6):
            assert (await _put(it, f"{SOURCE}/backups/b{number}")).status == 202
        assert (await _put(it, f"{SOURCE}/backups/b7")).status == 400

    run(story())


def test_a_burstable_server_has_no_backups_on_demand(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await _source(it, "Burstable", "Standard_B2s")
        assert (await _put(it, f"{SOURCE}/backups/before")).status == 400

    run(story())
