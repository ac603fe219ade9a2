"""Globally unique names: free or taken, soft-deleted vaults; and throttling."""

import json
from pathlib import Path

import pytest

from installer.emulator.errors import ArmError
from installer.emulator.protocol.throttling import Throttle
from installer.jsontypes import Json
from tests.emulator.manual_clock import ManualClock
from tests.emulator.sample_templates import account
from tests.emulator.server_process import POLL, Served, serving

VERSIONS = {
    "Microsoft.Storage": "2025-06-01",
    "Microsoft.KeyVault": "2024-11-01",
    "Microsoft.ContainerRegistry": "2025-04-01",
    "Microsoft.Web": "2024-11-01",
    "Microsoft.DBforPostgreSQL": "2024-08-01",
}


def _asked(azure: Served, namespace: str, name: str, place: str = "") -> dict[str, Json]:
    where = f"{azure.scope}/providers/{namespace}{place}/checkNameAvailability?api-version={VERSIONS[namespace]}"
    answer = azure.raw("POST", where, body=json.dumps({"name": name, "type": "any"}))
    assert answer.ok, answer.text
    found: dict[str, Json] = answer.json()
    return found


def _vault(azure: Served, *, mode: str = "default", protected: bool = False) -> tuple[int, str]:
    properties: dict[str, Json] = {"tenantId": azure.info["tenant"], "createMode": mode}
    if protected:
        properties["enablePurgeProtection"] = True
    body = json.dumps({"location": "westeurope", "properties": properties})
    where = f"{azure.scope}/resourceGroups/rg-kv/providers/Microsoft.KeyVault/vaults/kv-one"
    answer = azure.raw("PUT", f"{where}?api-version={VERSIONS['Microsoft.KeyVault']}", body=body)
    return answer.status_code, answer.json().get("error", {}).get("code", "")


def _delete_group(azure: Served) -> None:
    azure.resources.resource_groups.begin_delete("rg-kv", polling_interval=POLL).result()
    azure.raw("PUT", f"{azure.scope}/resourcegroups/rg-kv?api-version=2025-04-01", body='{"location": "westeurope"}')


@pytest.mark.parametrize("namespace", VERSIONS)
def test_a_name_is_free_or_invalid(azure: Served, namespace: str) -> None:
    assert _asked(azure, namespace, "flowforge0001")["nameAvailable"] is True
    if namespace != "Microsoft.Web":
        refused = _asked(azure, namespace, "no!")
        assert refused["nameAvailable"] is False
        assert refused["reason"] != "AlreadyExists"
        assert refused["message"]


def test_a_taken_name_is_reported(azure: Served) -> None:
    azure.raw("PUT", f"{azure.scope}/resourcegroups/rg-n?api-version=2025-04-01", body='{"location": "westeurope"}')
    where = f"{azure.scope}/resourceGroups/rg-n/providers/Microsoft.Storage/storageAccounts/sttaken01"
    azure.raw("PUT", f"{where}?api-version=2025-06-01", body=json.dumps(account("sttaken01")))
    assert _asked(azure, "Microsoft.Storage", "sttaken01")["reason"] == "AlreadyExists"
    located = _asked(azure, "Microsoft.DBforPostgreSQL", "psql-x", "/locations/westeurope")
    assert (located["name"], located["nameAvailable"]) == ("psql-x", True)
    nobody = azure.raw("POST", f"{azure.scope}/providers/Microsoft.Cache/checkNameAvailability?api-version=2024-11-01")
    assert nobody.status_code == 404


def test_a_deleted_vault_keeps_its_name_until_it_is_purged_or_recovered(azure: Served) -> None:
    azure.raw("PUT", f"{azure.scope}/resourcegroups/rg-kv?api-version=2025-04-01", body='{"location": "westeurope"}')
    assert _vault(azure) == (201, "")
    _delete_group(azure)
    version = VERSIONS["Microsoft.KeyVault"]
    listed = f"{azure.scope}/providers/Microsoft.KeyVault/deletedVaults?api-version={version}"
    [remains] = azure.get(listed)["value"]
    assert remains["properties"]["vaultId"].endswith("/vaults/kv-one")
    assert _asked(azure, "Microsoft.KeyVault", "kv-one")["reason"] == "AlreadyExists"
    assert _vault(azure) == (409, "ConflictError")
    assert _vault(azure, mode="recover", protected=True) == (201, "")
    while azure.get(listed)["value"]:
        pass
    _delete_group(azure)
    [remains] = azure.get(listed)["value"]
    purge = f"{remains['id']}/purge?api-version={version}"
    assert azure.raw("POST", purge).json()["error"]["code"] == "MethodNotAllowed"
    assert _vault(azure, mode="recover") == (201, "")
    while azure.get(listed)["value"]:
        pass
    _delete_group(azure)
    assert azure.raw("POST", purge).status_code == 200
    assert azure.get(listed)["value"] == []
    assert _vault(azure) == (201, "")


def test_a_token_bucket_empties_and_refills() -> None:
    clock = ManualClock()
    throttle = Throttle(clock, 1, strict=True)
    for _ in range(250):
        throttle.count("GET", "s")
    with pytest.raises(ArmError, match="Number of 'reads' requests for subscription 's' exceeded") as refused:
        throttle.count("GET", "s")
    assert (refused.value.status, refused.value.headers["Retry-After"]) == (429, "1")
    throttle.count("PUT", "s")
    throttle.count("GET", "another")
    assert throttle.remaining("GET", "s") == (0, 3500)
    clock._now += 1
    throttle.count("GET", "s")
    assert throttle.remaining("GET", "s")[0] == 24
    lenient = Throttle(clock, 1)
    for _ in range(300):
        lenient.count("DELETE", "s")


def test_the_server_throttles_on_demand(tmp_path: Path) -> None:
    with serving(tmp_path, "--throttle", speed=0.001) as server:
        where = f"{server.scope}/resourcegroups/rg-t?api-version=2025-04-01"
        left = int(server.raw("HEAD", where).headers["x-ms-ratelimit-remaining-subscription-reads"])
        assert left == 249
        statuses = [server.raw("HEAD", where).status_code for _ in range(left + 1)]
        assert statuses == [404] * left + [429]
