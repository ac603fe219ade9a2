"""Writes of single resources: every type returns the statuses that its typed clients accept as success."""

from pathlib import Path
from typing import Final

import pytest

from installer.emulator.errors import ArmError
from installer.emulator.providers import registry
from installer.emulator.providers.status_codes import Method, statuses_of
from installer.json_access import as_object, member
from installer.jsontypes import Json
from tests.emulator.asgi_client import API, Local, local
from tests.emulator.in_memory import GROUP, run

STORAGE: Final = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/stone?api-version=2025-06-01"
ACCOUNT: Final[dict[str, Json]] = {"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
IDENTITY: Final = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-a?api-version=2024-11-30"
VAULT: Final = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv-one?api-version=2023-07-01"


async def _group(it: Local) -> None:
    await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope"})


@pytest.mark.parametrize(
    ("kind", "method", "created", "changed"),
    [
        ("Microsoft.Storage/storageAccounts", "PUT", 202, 200),
        ("Microsoft.Storage/storageAccounts/blobServices/containers", "PUT", 201, 200),
        ("Microsoft.Storage/storageAccounts/blobServices", "PUT", 200, 200),
        ("Microsoft.ContainerService/managedClusters", "PUT", 201, 200),
        ("Microsoft.KeyVault/vaults", "PUT", 201, 200),
        ("Nobody.Knows/this", "PUT", 201, 200),
    ],
)
def test_a_write_returns_the_status_that_clients_of_the_type_expect(
    kind: str, method: Method, created: int, changed: int
) -> None:
    statuses = statuses_of(kind, method)
    assert (statuses.of_write(created=True), statuses.of_write(created=False)) == (created, changed)


@pytest.mark.parametrize(
    ("kind", "removed", "absent"),
    [
        ("Microsoft.KeyVault/vaults", 200, 204),
        ("Microsoft.ContainerService/managedClusters", 202, 204),
        ("Microsoft.OperationalInsights/workspaces/linkedStorageAccounts", 200, 404),
        ("Nobody.Knows/this", 202, 204),
    ],
)
def test_a_deletion_returns_the_status_that_clients_of_the_type_expect(kind: str, removed: int, absent: int) -> None:
    statuses = statuses_of(kind, "DELETE")
    assert (statuses.of_removal(), statuses.of_absence()) == (removed, absent)


def test_an_accepted_write_can_be_polled_to_its_resource(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await _group(it)
        made = await it.ask("PUT", STORAGE, ACCOUNT)
        assert made.status == 202
        state = made.headers["azure-asyncoperation"]
        assert (await it.ask("GET", state)).json["status"] == "InProgress"
        assert (await it.ask("GET", made.headers["location"])).status == 202
        await it.done()
        assert (await it.ask("GET", state)).json["status"] == "Succeeded"
        found = await it.ask("GET", made.headers["location"])
        assert found.status == 200
        assert member(found.json, "properties", "provisioningState") == "Succeeded"
        assert found.json["name"] == "stone"

    run(story())


def test_a_write_that_fails_after_acceptance_is_reported_as_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = local(tmp_path)
    monkeypatch.setattr(registry, "ending", lambda _case: ArmError(409, "Broken", "It broke."))

    async def story() -> None:
        await _group(it)
        made = await it.ask("PUT", STORAGE, ACCOUNT)
        await it.done()
        assert (await it.ask("GET", made.headers["azure-asyncoperation"])).json["status"] == "Failed"
        assert member((await it.ask("GET", STORAGE)).json, "properties", "provisioningState") == "Failed"

    run(story())


def test_an_immediate_write_is_done_with_the_response(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await _group(it)
        made = await it.ask("PUT", IDENTITY, {"location": "westeurope"})
        assert made.status == 201
        assert member(made.json, "properties", "principalId")
        assert (await it.ask("PUT", IDENTITY, {"location": "westeurope"})).status == 200
        assert (await it.ask("DELETE", IDENTITY)).status == 200
        assert (await it.ask("GET", IDENTITY)).status == 404
        assert (await it.ask("DELETE", IDENTITY)).status == 204

    run(story())


def test_a_vault_is_deleted_at_once_and_kept(tmp_path: Path) -> None:
    it = local(tmp_path)
    tenant = it.emulator.directory.tenant_id
    properties: Json = {"tenantId": tenant, "sku": {"family": "A", "name": "standard"}, "enableRbacAuthorization": True}

    async def story() -> None:
        await _group(it)
        await it.ask("PUT", VAULT, {"location": "westeurope", "properties": properties})
        await it.done()
        assert (await it.ask("DELETE", VAULT)).status == 200
        where = VAULT.split("/resourceGroups/", maxsplit=1)[0] + "/providers/Microsoft.KeyVault/deletedVaults"
        kept = await it.ask("GET", f"{where}?api-version=2023-07-01")
        assert [vault["name"] for vault in kept.value] == ["kv-one"]

    run(story())


def test_a_patch_changes_only_the_members_in_it(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await _group(it)
        rules: Json = {"defaultAction": "Deny", "bypass": "AzureServices"}
        properties: Json = {"minimumTlsVersion": "TLS1_2", "networkAcls": rules}
        await it.ask("PUT", STORAGE, {**ACCOUNT, "tags": {"a": "1", "b": "2"}, "properties": properties})
        await it.done()
        change: Json = {"tags": {"a": "3"}, "properties": {"networkAcls": {"defaultAction": "Allow"}}}
        changed = await it.ask("PATCH", STORAGE, change)
        assert changed.status == 200
        assert changed.json["tags"] == {"a": "3"}
        assert as_object(member(changed.json, "properties", "networkAcls"))["defaultAction"] == "Allow"
        assert as_object(member(changed.json, "properties", "networkAcls"))["bypass"] == "AzureServices"
        assert member(changed.json, "properties", "minimumTlsVersion") == "TLS1_2"
        assert changed.json["sku"] == (await it.ask("GET", STORAGE)).json["sku"]

    run(story())


def test_a_missing_resource_or_a_deployment_cannot_be_patched(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await _group(it)
        missed = await it.ask("PATCH", STORAGE, {"tags": {}})
        assert (missed.status, missed.code) == (404, "ResourceNotFound")
        stack = f"{GROUP}/providers/Microsoft.Resources/deploymentStacks/s?api-version=2024-03-01"
        assert (await it.ask("PATCH", stack, {})).code == "MethodNotAllowed"

    run(story())


def test_the_records_of_a_zone_are_listed_together(tmp_path: Path) -> None:
    it = local(tmp_path)
    zone, version = f"{GROUP}/providers/Microsoft.Network/privateDnsZones/inside.example", "api-version=2024-06-01"

    async def story() -> None:
        await _group(it)
        await it.ask("PUT", f"{zone}?{version}", {"location": "global"})
        await it.done()
        records: Json = {"properties": {"ttl": 60, "aRecords": [{"ipv4Address": "10.0.0.4"}]}}
        assert (await it.ask("PUT", f"{zone}/A/www?{version}", records)).status == 201
        assert [item["name"] for item in (await it.ask("GET", f"{zone}/ALL?{version}")).value] == ["www"]
        assert [item["name"] for item in (await it.ask("GET", f"{zone}/A?{version}")).value] == ["www"]
        assert (await it.ask("DELETE", f"{zone}/A/www?{version}")).status == 200
        assert (await it.ask("GET", f"{zone}/ALL?{version}")).value == []

    run(story())


def test_api_versions_used_only_by_clients_are_served(tmp_path: Path) -> None:
    it = local(tmp_path)
    plan = f"{GROUP}/providers/Microsoft.Web/serverfarms/asp-one?api-version=2025-05-01"

    async def story() -> None:
        await _group(it)
        made = await it.ask("PUT", plan, {"location": "westeurope", "sku": {"name": "P1v3"}, "properties": {}})
        assert made.status == 202, made.text
        await it.done()
        assert (await it.ask("GET", plan)).status == 200

    run(story())
