"""Deletion of groups and of what other resources use: what Azure refuses, and what stays behind."""

from pathlib import Path
from typing import Final

from installer.jsontypes import Json
from tests.emulator.asgi_client import API, Local, Reply, local
from tests.emulator.in_memory import GROUP, SCOPE, run

NETWORK: Final = "2025-05-01"
LOCATION: Final = {"location": "westeurope"}
_VNETS: Final = f"{GROUP}/providers/Microsoft.Network/virtualNetworks"


async def _put(azure: Local, path: str, version: str, **body: Json) -> None:
    reply = await azure.ask("PUT", f"{path}?api-version={version}", body)
    assert reply.status < 300, reply.text
    await azure.done()


async def _delete(azure: Local, path: str, version: str) -> Reply:
    """The answer to a deletion, or to the last poll of its operation."""
    reply = await azure.ask("DELETE", f"{path}?api-version={version}")
    await azure.done()
    if reply.status != 202:
        return reply
    await azure.clock.advance(3600)
    return await azure.ask("GET", reply.headers["location"].partition("127.0.0.1:1")[2])


async def _network(azure: Local, name: str, space: str, **subnet: Json) -> str:
    where = f"{_VNETS}/{name}"
    prefix = f"{space.rpartition('.')[0]}.0/26"
    subnets: list[Json] = [{"name": "a", "properties": {"addressPrefix": prefix, **subnet}}]
    properties: dict[str, Json] = {"addressSpace": {"addressPrefixes": [space]}, "subnets": subnets}
    await _put(azure, where, NETWORK, location="westeurope", properties=properties)
    return where


def test_a_group_deletes_what_its_providers_allow_and_keeps_the_rest(tmp_path: Path) -> None:
    async def scenario() -> None:
        azure = local(tmp_path)
        other = f"{SCOPE}/resourceGroups/rg-b"
        for group in (GROUP, other):
            await _put(azure, group, API, **LOCATION)
        rules = f"{GROUP}/providers/Microsoft.Network/networkSecurityGroups/nsg"
        await _put(azure, rules, NETWORK, **LOCATION)
        network = await _network(azure, "vnet", "10.0.0.0/24", networkSecurityGroup={"id": rules})
        endpoint = f"{other}/providers/Microsoft.Network/privateEndpoints/pe"
        await _put(
            azure, endpoint, NETWORK, location="westeurope", properties={"subnet": {"id": f"{network}/subnets/a"}}
        )
        address = f"{GROUP}/providers/Microsoft.Network/publicIPAddresses/ip"
        await _put(azure, address, NETWORK, location="westeurope", sku={"name": "Standard"})
        refused = await _delete(azure, GROUP, API)
        assert (refused.status, refused.code) == (409, "ResourceGroupDeletionBlocked")
        assert "InUseSubnetCannotBeDeleted" in refused.text
        assert azure.emulator.resources.get(address) is None, "what nothing needs has gone"
        assert azure.emulator.resources.get(rules) is not None
        shown = await azure.ask("GET", f"{GROUP}?api-version={API}")
        assert shown.json["properties"] == {"provisioningState": "Succeeded"}
        assert (await _delete(azure, other, API)).status == 200
        assert (await _delete(azure, GROUP, API)).status == 200
        assert azure.emulator.resources.under(GROUP) == []

    run(scenario())


def test_what_another_resource_uses_is_not_deleted(tmp_path: Path) -> None:
    async def scenario() -> None:
        azure = local(tmp_path)
        await _put(azure, GROUP, API, **LOCATION)
        rules = f"{GROUP}/providers/Microsoft.Network/networkSecurityGroups/nsg"
        await _put(azure, rules, NETWORK, **LOCATION)
        network = await _network(azure, "vnet", "10.0.0.0/24", networkSecurityGroup={"id": rules})
        assert (await _delete(azure, rules, NETWORK)).code == "InUseNetworkSecurityGroupCannotBeDeleted"
        zone = f"{GROUP}/providers/Microsoft.Network/privateDnsZones/a.internal"
        await _put(azure, zone, "2024-06-01", location="global")
        link = f"{zone}/virtualNetworkLinks/vnet"
        linked: Json = {"registrationEnabled": False, "virtualNetwork": {"id": network}}
        await _put(azure, link, "2024-06-01", location="global", properties=linked)
        assert (await _delete(azure, zone, "2024-06-01")).code == "CannotDeleteResource"
        plan = f"{GROUP}/providers/Microsoft.Web/serverfarms/plan"
        site = f"{GROUP}/providers/Microsoft.Web/sites/site-bench-1"
        await _put(azure, plan, "2025-03-01", location="westeurope", sku={"name": "P1v3", "tier": "PremiumV3"})
        await _put(azure, site, "2025-03-01", location="westeurope", properties={"serverFarmId": plan})
        assert (await _delete(azure, plan, "2025-03-01")).status == 409
        for path, version in ((link, "2024-06-01"), (site, "2025-03-01"), (network, NETWORK)):
            assert (await _delete(azure, path, version)).status < 300
        for path, version in ((zone, "2024-06-01"), (plan, "2025-03-01"), (rules, NETWORK)):
            assert (await _delete(azure, path, version)).status < 300

    run(scenario())


def test_a_deleted_workspace_keeps_its_name_for_its_own_group(tmp_path: Path) -> None:
    async def scenario() -> None:
        azure = local(tmp_path)
        other = f"{SCOPE}/resourceGroups/rg-b"
        for group in (GROUP, other):
            await _put(azure, group, API, **LOCATION)
        kind, version = "providers/Microsoft.OperationalInsights", "2025-07-01"
        here, there = (f"{group}/{kind}/workspaces/log-bench" for group in (GROUP, other))
        await _put(azure, here, version, **LOCATION)
        assert (await _delete(azure, GROUP, API)).status == 200
        listed = await azure.ask("GET", f"{SCOPE}/{kind}/deletedWorkspaces?api-version={version}")
        assert [(one["id"], one["name"]) for one in listed.value] == [(here, "log-bench")]
        await _put(azure, GROUP, API, **LOCATION)
        refused = await azure.ask("PUT", f"{there}?api-version={version}", {**LOCATION})
        assert (refused.status, "not unique" in refused.text) == (409, True)
        await _put(azure, here, version, **LOCATION)
        assert (await azure.ask("GET", f"{SCOPE}/{kind}/deletedWorkspaces?api-version={version}")).value == []
        assert (await _delete(azure, here, version)).status < 300
        await azure.clock.advance(14 * 86_400 + 60)
        await _put(azure, there, version, **LOCATION)

    run(scenario())


def test_half_a_peering_is_disconnected_and_refuses_a_new_other_half(tmp_path: Path) -> None:
    async def scenario() -> None:
        azure = local(tmp_path)
        await _put(azure, GROUP, API, **LOCATION)
        hub, spoke = await _network(azure, "hub", "10.0.0.0/24"), await _network(azure, "spoke", "10.1.0.0/24")
        halves = {
            f"{hub}/virtualNetworkPeerings/to-spoke": spoke,
            f"{spoke}/virtualNetworkPeerings/to-hub": hub,
        }
        for half, remote in halves.items():
            await _put(azure, half, NETWORK, properties={"remoteVirtualNetwork": {"id": remote}})
        assert (await _delete(azure, spoke, NETWORK)).status < 300
        first = next(iter(halves))
        shown = await azure.ask("GET", f"{first}?api-version={NETWORK}")
        assert '"peeringState":"Disconnected"' in shown.text.replace(" ", "")
        await _network(azure, "spoke", "10.1.0.0/24")
        back = f"{spoke}/virtualNetworkPeerings/to-hub?api-version={NETWORK}"
        body: Json = {"properties": {"remoteVirtualNetwork": {"id": hub}}}
        assert (await azure.ask("PUT", back, body)).code == "RemotePeeringIsDisconnected"
        await _put(azure, first, NETWORK, properties={"remoteVirtualNetwork": {"id": spoke}})
        assert (await azure.ask("PUT", back, body)).status < 300
        await azure.done()

    run(scenario())


def test_a_group_whose_lock_was_just_deleted_is_still_locked(tmp_path: Path) -> None:
    async def scenario() -> None:
        azure = local(tmp_path)
        await _put(azure, GROUP, API, **LOCATION)
        lock = f"{GROUP}/providers/Microsoft.Authorization/locks/own"
        await _put(azure, lock, "2020-05-01", properties={"level": "CanNotDelete"})
        assert (await _delete(azure, lock, "2020-05-01")).status == 200
        assert (await _delete(azure, GROUP, API)).code == "ScopeLocked"
        await azure.clock.advance(30)
        assert (await _delete(azure, GROUP, API)).status == 200

    run(scenario())
