"""Locks on the networks of new PostgreSQL servers: the embedded Azure refuses the server, the check finds it, a way out removes it."""

from pathlib import Path
from typing import Final

import pytest

from installer.answers.model import Answers
from installer.estate.parameters import stages
from installer.json_access import JsonObject
from installer.preflight.model import Finding, Result
from installer.preflight.scopes import SCOPES
from installer.resource_id import extended_id_of
from tests.emulator.asgi_client import API, local
from tests.emulator.deployments.deployed_estate import new_estate
from tests.emulator.in_memory import GROUP, SCOPE, SUBSCRIPTION, run
from tests.preflight.surveyed import checked, sample, with_way

PLATFORM: Final = f"{SCOPE}/resourceGroups/rg-ff-contoso-platform"
HUB: Final = f"{PLATFORM}/providers/Microsoft.Network/virtualNetworks/vnet-ff-contoso-hub"
UNTIL_DATA: Final = [spec.key for spec in stages(sample())].index("data") + 1
"""Stages to the one that creates the servers."""
CREATED: Final = f"{PLATFORM}/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg-ff-contoso"


def lock(scope: str, level: str = "CanNotDelete") -> JsonObject:
    return {"id": f"{scope}/providers/Microsoft.Authorization/locks/keep", "properties": {"level": level}}


def injected(locks: str = "none") -> Answers:
    return sample(data={"postgres_network": "injected"}, governance={"locks": locks})


def found(folder: Path, given: Answers, *resources: JsonObject) -> Result:
    return checked(folder, SCOPES, given, resources=[*resources])


def only(result: Result) -> Finding:
    (finding,) = result.findings
    return finding


@pytest.mark.parametrize("scope", [SCOPE, PLATFORM, HUB, f"{HUB}/subnets/snet-postgres"])
def test_a_delete_lock_keeps_a_new_server_out_of_its_network(tmp_path: Path, scope: str) -> None:
    finding = only(found(tmp_path / "locked", injected(), lock(scope)))
    assert finding.what.endswith(" keeps new PostgreSQL servers out of vnet-ff-contoso-hub")
    assert (finding.code, finding.where) == ("OperationFailed", scope)
    assert f"az lock delete --ids {lock(scope)['id']}" in finding.ways[0].text
    assert found(tmp_path / "removed", injected()).findings == ()
    assert found(tmp_path / "endpoint", with_way(injected(), finding, 1), lock(scope)).findings == ()


def test_locks_of_whole_groups_come_after_the_servers_and_are_in_the_way_of_further_ones(tmp_path: Path) -> None:
    assert found(tmp_path / "first", injected("groups")).findings == ()
    own = {"id": f"{PLATFORM}/providers/Microsoft.Authorization/locks/lock-ff-contoso"}
    finding = only(found(tmp_path / "again", injected("groups"), {**own, "properties": {"level": "CanNotDelete"}}))
    assert "lock-ff-contoso of rg-ff-contoso-platform" in finding.what
    assert f"az lock delete --ids {own['id']}" in finding.ways[0].text


@pytest.mark.parametrize(
    ("given", "resources"),
    [
        (sample(), [lock(SCOPE)]),
        (injected(), [lock(f"{HUB}-other")]),
        (injected(), [lock(PLATFORM), {"id": CREATED, "location": "swedencentral", "properties": {}}]),
    ],
    ids=["private endpoints", "another network", "an existing server"],
)
def test_other_servers_and_locks_are_no_obstacle(tmp_path: Path, given: Answers, resources: list[JsonObject]) -> None:
    assert found(tmp_path, given, *resources).findings == ()


def test_a_read_only_lock_is_named_once(tmp_path: Path) -> None:
    assert only(found(tmp_path, injected(), lock(PLATFORM, "ReadOnly"))).code == "ScopeLocked"


NETWORK: Final = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet"
SERVER: Final = f"{GROUP}/providers/Microsoft.DBforPostgreSQL/flexibleServers/psql-one"
SPACE: Final[JsonObject] = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
SUBNET: Final[JsonObject] = {
    "addressPrefix": "10.0.0.0/24",
    "delegations": [{"name": "d", "properties": {"serviceName": "Microsoft.DBforPostgreSQL/flexibleServers"}}],
}


@pytest.mark.parametrize(("where", "status"), [(GROUP, 409), (NETWORK, 409), (f"{NETWORK}/subnets/db", 409), ("", 201)])
def test_the_embedded_azure_creates_no_server_in_a_locked_network(tmp_path: Path, where: str, status: int) -> None:
    it = local(tmp_path)

    async def story() -> None:
        for namespace in ("Microsoft.DBforPostgreSQL", "Microsoft.Network"):
            it.emulator.registrations.set(SUBSCRIPTION, namespace, "Registered", 0)
        await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope"})
        await it.ask("PUT", f"{NETWORK}?api-version=2025-05-01", {"location": "westeurope", "properties": SPACE})
        await it.done()
        await it.ask("PUT", f"{NETWORK}/subnets/db?api-version=2025-05-01", {"properties": SUBNET})
        await it.done()
        if where:
            one = lock(where)
            reply = await it.ask("PUT", f"{one['id']}?api-version=2020-05-01", {"properties": one["properties"]})
            assert reply.status in (200, 201), reply.text
        properties: JsonObject = {"network": {"delegatedSubnetResourceId": f"{NETWORK}/subnets/db"}}
        body: JsonObject = {
            "location": "westeurope",
            "sku": {"name": "Standard_D2ds_v5", "tier": "GeneralPurpose"},
            "properties": properties,
        }
        answer = await it.ask("PUT", f"{SERVER}?api-version=2025-08-01", body)
        assert answer.status in ({201, 202} if status == 201 else {status}), answer.text
        assert ("OperationFailed" in answer.text) is (status == 409)

    run(story())


def test_servers_are_deployed_before_their_groups_are_locked(tmp_path: Path) -> None:
    estate = new_estate(tmp_path, injected("groups"))
    run(estate.deploy(injected("groups"), all_stages=True, first=UNTIL_DATA))
    resources = estate.azure.emulator.resources
    locked = {extended_id_of(one.id) for one in resources.of_type("Microsoft.Authorization/locks")}
    assert PLATFORM in locked
    assert resources.get(CREATED) is not None
    estate.azure.database.close()
