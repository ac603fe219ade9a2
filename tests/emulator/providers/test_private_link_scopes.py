"""Rules of Azure Monitor for private link scopes: their entries, their endpoint, and telemetry from public networks."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from installer.json_access import as_list, as_text, member, objects_of
from installer.jsontypes import Json
from tests.emulator.asgi_client import API, Local, Reply, local
from tests.emulator.in_memory import GROUP, run
from tests.emulator.in_memory import SCOPE as SUBSCRIPTION_SCOPE

AUTHORIZATION = "providers/Microsoft.Authorization"
INSIGHTS = f"{GROUP}/providers/Microsoft.Insights"
SCOPE = f"{INSIGHTS}/privateLinkScopes/ampls"
WORKSPACE = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/log"
COLLECTION = f"{INSIGHTS}/dataCollectionEndpoints/dce"
NETWORK = f"{GROUP}/providers/Microsoft.Network"
VERSIONS = {
    "privatelinkscopes": "2021-09-01",
    "workspaces": "2025-07-01",
    "components": "2020-02-02",
    "privatednszones": "2024-06-01",
}


async def put(it: Local, resource_id: str, properties: Json, location: str = "westeurope") -> Reply:
    """Creates a resource and waits for it."""
    found = await send(it, resource_id, properties, location)
    await it.done()
    return found


async def send(it: Local, resource_id: str, properties: Json, location: str = "westeurope") -> Reply:
    """Sends a resource."""
    kind = resource_id.partition("/providers/")[2].split("/")[1].lower()
    version = VERSIONS.get(kind, "2025-05-01" if "Microsoft.Network" in resource_id else "2024-03-11")
    placed: dict[str, Json] = {} if resource_id.endswith("/default") else {"location": location}
    body: dict[str, Json] = {**placed, "properties": properties}
    return await it.ask("PUT", f"{resource_id}?api-version={version}", body)


async def scope_of_monitor(it: Local, ingestion: str = "Enabled") -> None:
    """A workspace, a data collection endpoint and an empty scope."""
    await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope"})
    assert (await put(it, WORKSPACE, {"publicNetworkAccessForIngestion": ingestion})).code == ""
    assert (await put(it, COLLECTION, {})).code == ""
    settings: Json = {"ingestionAccessMode": "PrivateOnly", "queryAccessMode": "PrivateOnly"}
    assert (await put(it, SCOPE, {"accessModeSettings": settings}, "global")).code == ""


async def entry(it: Local, name: str, linked: str) -> Reply:
    """An entry of the scope."""
    return await put(it, f"{SCOPE}/scopedResources/{name}", {"linkedResourceId": linked})


async def endpoint(it: Local, name: str, target: str = SCOPE, group: str = "azuremonitor", vnet: str = "hub") -> Reply:
    """A private endpoint of a scope, in a network that it creates."""
    subnets: Json = [{"name": "endpoints", "properties": {"addressPrefix": "10.0.0.0/26"}}]
    network: Json = {"addressSpace": {"addressPrefixes": ["10.0.0.0/24"]}, "subnets": subnets}
    assert (await put(it, f"{NETWORK}/virtualNetworks/{vnet}", network)).code == ""
    connection: Json = {"name": name, "properties": {"privateLinkServiceId": target, "groupIds": [group]}}
    properties: Json = {
        "subnet": {"id": f"{NETWORK}/virtualNetworks/{vnet}/subnets/endpoints"},
        "privateLinkServiceConnections": [connection],
    }
    return await put(it, f"{NETWORK}/privateEndpoints/{name}", properties)


def test_a_scope_takes_workspaces_components_and_collection_endpoints_that_exist(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await scope_of_monitor(it)
        assert (await entry(it, "workspace", WORKSPACE)).code == ""
        assert (await entry(it, "collection", COLLECTION)).code == ""
        assert (await entry(it, "group", f"{INSIGHTS}/actionGroups/people")).code == "InvalidLinkedResource"
        assert (await entry(it, "later", f"{INSIGHTS}/components/later")).code == "LinkedResourceNotFound"

    run(story())


def test_a_resource_has_one_entry_in_a_scope_and_shows_it(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await scope_of_monitor(it)
        for _ in range(2):
            assert (await entry(it, "workspace", WORKSPACE)).code == ""
        again = await entry(it, "by-policy", WORKSPACE.upper().replace("/SUBSCRIPTIONS/", "/subscriptions/"))
        assert (again.status, again.code) == (409, "Conflict")
        assert "same linked resource id already exists" in again.text
        (shown,) = objects_of(it.properties(WORKSPACE)["privateLinkScopedResources"])
        assert as_text(shown["resourceId"]) == SCOPE

    run(story())


def test_entries_are_written_one_after_another(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await scope_of_monitor(it)
        await send(it, f"{SCOPE}/scopedResources/workspace", {"linkedResourceId": WORKSPACE})
        busy = await send(it, f"{SCOPE}/scopedResources/collection", {"linkedResourceId": COLLECTION})
        assert busy.status == 409
        assert "Cannot modify resource while in provisioning state: 'Provisioning'" in busy.text
        await it.done()
        assert (await entry(it, "collection", COLLECTION)).code == ""

    run(story())


@pytest.mark.parametrize(("linked", "version"), [(WORKSPACE, "2025-07-01"), (COLLECTION, "2024-03-11")])
def test_a_resource_in_a_scope_is_not_deleted(tmp_path: Path, linked: str, version: str) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await scope_of_monitor(it)
        await entry(it, "linked", linked)
        refused = await it.ask("DELETE", f"{linked}?api-version={version}")
        assert refused.status == 409
        assert SCOPE in refused.text
        await it.ask("DELETE", f"{SCOPE}/scopedResources/linked?api-version=2021-09-01")
        await it.done()
        assert (await it.ask("DELETE", f"{linked}?api-version={version}")).code == ""

    run(story())


def test_the_endpoint_of_a_scope_has_one_group_and_a_network_one_scope(tmp_path: Path) -> None:
    it = local(tmp_path)
    other = SCOPE.replace("ampls", "second")

    async def story() -> None:
        await scope_of_monitor(it)
        await put(
            it, other, {"accessModeSettings": {"ingestionAccessMode": "Open", "queryAccessMode": "Open"}}, "global"
        )
        assert (await endpoint(it, "pe", group="vault")).status == 400
        assert (await endpoint(it, "pe")).code == ""
        assert (await endpoint(it, "pe")).code == ""
        refused = await endpoint(it, "pe-second", other)
        assert (refused.status, SCOPE in refused.text) == (400, True)
        assert (await endpoint(it, "pe-third", other, vnet="elsewhere")).code == ""

    run(story())


@pytest.mark.parametrize(("count", "accepted"), [(5, True), (6, False)])
def test_a_zone_group_takes_five_zones(tmp_path: Path, count: int, *, accepted: bool) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await scope_of_monitor(it)
        await endpoint(it, "pe")
        configs: list[Json] = []
        for number in range(count):
            zone = f"{NETWORK}/privateDnsZones/privatelink.z{number}.example"
            await put(it, zone, {}, "global")
            configs.append({"name": f"z{number}", "properties": {"privateDnsZoneId": zone}})
        group = f"{NETWORK}/privateEndpoints/pe/privateDnsZoneGroups/default"
        assert ((await put(it, group, {"privateDnsZoneConfigs": configs})).code == "") == accepted

    run(story())


@pytest.mark.parametrize(
    ("ingestion", "linked", "connected", "status"),
    [
        ("Enabled", False, False, 204),
        ("Disabled", False, False, 403),
        ("Disabled", True, False, 403),
        ("Disabled", True, True, 204),
    ],
)
def test_rows_for_a_closed_workspace_need_the_private_link(
    tmp_path: Path, ingestion: str, status: int, *, linked: bool, connected: bool
) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await scope_of_monitor(it, ingestion)
        if linked:
            await entry(it, "collection", COLLECTION)
        if connected:
            await endpoint(it, "pe")
        rule = await _rule(it)
        await _may_send(it)
        number = as_text(rule["immutableId"])
        base = as_text(member(it.properties(COLLECTION), "logsIngestion", "endpoint"))
        where = f"{base}/dataCollectionRules/{number}/streams/Custom-Rows_CL?api-version=2023-01-01"
        sent = await it.ask("POST", where, [], audience="https://monitor.azure.com")
        assert sent.status == status, sent.text

    run(story())


async def _may_send(it: Local) -> None:
    """Monitoring Metrics Publisher for the caller, in effect."""
    definition = f"{SUBSCRIPTION_SCOPE}/{AUTHORIZATION}/roleDefinitions/3913510d-42f4-4e42-8a64-420c390055eb"
    properties: Json = {"roleDefinitionId": definition, "principalId": it.azure.identity.object_id}
    role = f"{GROUP}/{AUTHORIZATION}/roleAssignments/6f3a5d0e-2b1c-4c8e-9a55-1d2e3f405162"
    given = await it.ask("PUT", f"{role}?api-version=2022-04-01", {"properties": properties})
    assert given.code == "", given.text
    await it.done()
    await it.clock.advance(3600)


async def _rule(it: Local) -> Mapping[str, Json]:
    flow: Json = {"streams": ["Custom-Rows_CL"], "destinations": ["log"], "outputStream": "Custom-Rows_CL"}
    properties: dict[str, Json] = {
        "dataCollectionEndpointId": COLLECTION,
        "streamDeclarations": {"Custom-Rows_CL": {"columns": [{"name": "TimeGenerated", "type": "datetime"}]}},
        "destinations": {"logAnalytics": [{"name": "log", "workspaceResourceId": WORKSPACE}]},
        "dataFlows": [flow],
    }
    made = await put(it, f"{INSIGHTS}/dataCollectionRules/dcr", properties)
    assert as_list(member(made.json, "properties", "dataFlows")) or made.code == ""
    return it.properties(f"{INSIGHTS}/dataCollectionRules/dcr")
