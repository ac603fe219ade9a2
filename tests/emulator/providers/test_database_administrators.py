"""Database administrators: names that become roles, object IDs, types of principals, sign-in of the server."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from installer.json_access import as_text, member
from tests.emulator.asgi_client import API, Local, Reply, local
from tests.emulator.in_memory import GROUP, SUBSCRIPTION, run

if TYPE_CHECKING:
    from installer.jsontypes import Json


SERVER: Final = f"{GROUP}/providers/Microsoft.DBforPostgreSQL/flexibleServers/psql-one"
VERSION: Final = "api-version=2025-08-01"
GROUP_ID: Final = "99999999-0000-0000-0000-000000000009"


async def _serve(it: Local, sign_in: str = "Enabled") -> None:
    """Create a server."""
    for namespace in ("Microsoft.DBforPostgreSQL", "Microsoft.ManagedIdentity"):
        it.emulator.registrations.set(SUBSCRIPTION, namespace, "Registered", 0)
    sku: Json = {"name": "Standard_D2ds_v5", "tier": "GeneralPurpose"}
    properties: Json = {"authConfig": {"activeDirectoryAuth": sign_in}} if sign_in else {}
    await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope"})
    await it.ask("PUT", f"{SERVER}?{VERSION}", {"location": "westeurope", "sku": sku, "properties": properties})
    await it.done()


async def _add(it: Local, object_id: str, kind: str = "Group", name: str = "admins") -> Reply:
    principal: Json = {"principalName": name, "principalType": kind, "tenantId": it.emulator.directory.tenant_id}
    found = await it.ask("PUT", f"{SERVER}/administrators/{object_id}?{VERSION}", {"properties": principal})
    await it.done()
    return found


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("id-dbadmin", 201),
        ("Database administrators", 201),
        ("x" * 63, 201),
        ("x" * 64, 400),
        ("ä" * 32, 400),
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

    async def story() -> None:
        await _serve(it)
        answer = await _add(it, GROUP_ID, name=name)
        assert answer.status in ({201, 202} if status == 201 else {status}), answer.text

    run(story())


@pytest.mark.parametrize("object_id", ["admins", "99999999-0000-0000-0000-00000000000", "admins@contoso.com"])
def test_an_administrator_is_named_by_its_object_id(tmp_path: Path, object_id: str) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await _serve(it)
        answer = await _add(it, object_id)
        assert answer.status == 400, answer.text
        assert "object ID" in answer.text

    run(story())


@pytest.mark.parametrize(("sign_in", "accepted"), [("Enabled", True), ("Disabled", False), ("", False)])
def test_a_server_without_sign_in_by_entra_has_no_administrators(
    tmp_path: Path, sign_in: str, *, accepted: bool
) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await _serve(it, sign_in)
        answer = await _add(it, GROUP_ID)
        assert (answer.status == 400) != accepted, answer.text

    run(story())


@pytest.mark.parametrize(("kind", "accepted"), [("ServicePrincipal", True), ("User", False), ("Group", False)])
def test_a_managed_identity_is_a_service_principal(tmp_path: Path, kind: str, *, accepted: bool) -> None:
    it = local(tmp_path)
    identity = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-dbadmin"

    async def story() -> None:
        await _serve(it)
        await it.ask("PUT", f"{identity}?api-version=2024-11-30", {"location": "westeurope"})
        await it.done()
        read = await it.ask("GET", f"{identity}?api-version=2024-11-30")
        answer = await _add(it, as_text(member(read.json, "properties", "principalId")), kind)
        assert (answer.status == 400) != accepted, answer.text

    run(story())
