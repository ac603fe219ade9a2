"""Names of database administrators, which become roles of PostgreSQL."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.emulator.asgi_client import API, local
from tests.emulator.in_memory import GROUP, SUBSCRIPTION, run

if TYPE_CHECKING:
    from installer.jsontypes import Json


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("id-dbadmin", 201),
        ("Database administrators", 201),
        ("x" * 300, 201),
        ("pg_admins", 400),
        ("PG_ADMINS", 400),
        ("azuresu", 400),
        ("azure_pg_admin", 400),
        ("public", 400),
        ("a\x00b", 400),
        ("", 400),
    ],
)
def test_names_that_are_no_role_are_refused(tmp_path: Path, name: str, status: int) -> None:
    it = local(tmp_path)
    it.emulator.registrations.set(SUBSCRIPTION, "Microsoft.DBforPostgreSQL", "Registered", 0)
    server = f"{GROUP}/providers/Microsoft.DBforPostgreSQL/flexibleServers/psql-one"
    version = "api-version=2025-08-01"
    sku: Json = {"name": "Standard_D2ds_v5", "tier": "GeneralPurpose"}
    principal: Json = {"principalName": name, "principalType": "Group", "tenantId": it.emulator.directory.tenant_id}

    async def story() -> None:
        await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope"})
        await it.ask("PUT", f"{server}?{version}", {"location": "westeurope", "sku": sku, "properties": {}})
        await it.done()
        where = f"{server}/administrators/99999999-0000-0000-0000-000000000009?{version}"
        answer = await it.ask("PUT", where, {"properties": principal})
        assert answer.status in ({201, 202} if status == 201 else {status}), answer.text

    run(story())
