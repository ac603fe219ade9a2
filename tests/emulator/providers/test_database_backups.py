"""On-demand backups of PostgreSQL servers: listed when they are made, and refused where the service has none."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from installer.json_access import as_text, member
from tests.emulator.asgi_client import API, Local, Reply, local
from tests.emulator.in_memory import GROUP, SUBSCRIPTION, run

if TYPE_CHECKING:
    from installer.jsontypes import Json

SERVER: Final = f"{GROUP}/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg-one"
VERSION: Final = "api-version=2025-08-01"


async def server(it: Local, tier: str = "GeneralPurpose", size: str = "Standard_D2ds_v5", disks: str = "") -> None:
    """Create the server."""
    it.emulator.registrations.set(SUBSCRIPTION, "Microsoft.DBforPostgreSQL", "Registered", 0)
    storage: dict[str, Json] = {"type": disks} if disks else {}
    body: dict[str, Json] = {
        "location": "westeurope",
        "sku": {"name": size, "tier": tier},
        "properties": {"version": "17", "storage": {"storageSizeGB": 32, **storage}},
    }
    await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope"})
    made = await it.ask("PUT", f"{SERVER}?{VERSION}", body)
    assert made.status < 300, made.text
    await it.done()


async def backup(it: Local, name: str) -> Reply:
    """Ask for a backup; the request has no body."""
    found = await it.ask("PUT", f"{SERVER}/backups/{name}?{VERSION}")
    await it.done()
    return found


def test_a_backup_is_listed_once_it_is_made(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await server(it)
        asked = await backup(it, "before-upgrade")
        assert asked.status in (201, 202), asked.text
        (listed,) = (await it.ask("GET", f"{SERVER}/backups?{VERSION}")).value
        assert as_text(member(listed, "properties", "backupType")) == "Customer On-Demand"
        assert as_text(member(listed, "properties", "completedTime"))
        assert (await it.ask("GET", f"{SERVER}/backups/before-upgrade?{VERSION}")).status == 200

    run(story())
    it.database.close()


@pytest.mark.parametrize(
    ("tier", "size", "disks", "why"),
    [
        ("Burstable", "Standard_B2ms", "", "Burstable"),
        ("GeneralPurpose", "Standard_D2ds_v5", "PremiumV2_LRS", "Premium SSD v2"),
    ],
)
def test_a_tier_or_storage_without_on_demand_backups_refuses(
    tmp_path: Path, tier: str, size: str, disks: str, why: str
) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await server(it, tier, size, disks)
        refused = await backup(it, "one")
        assert (refused.status, refused.code) == (400, "OperationNotSupported")
        assert why in refused.text

    run(story())
    it.database.close()


def test_a_stopped_server_and_an_eighth_backup_are_refused(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await server(it)
        for number in range(7):
            assert (await backup(it, f"b{number}")).status < 300
        assert "has 7 on-demand backups" in (await backup(it, "b7")).text
        await it.ask("DELETE", f"{SERVER}/backups/b0?{VERSION}")
        await it.done()
        await it.ask("POST", f"{SERVER}/stop?{VERSION}")
        assert "while it is stopped" in (await backup(it, "b7")).text
        await it.ask("POST", f"{SERVER}/start?{VERSION}")
        assert (await backup(it, "b7")).status < 300

    run(story())
    it.database.close()
