"""Directory, regions, providers, groups and resources through the real SDKs."""

import json
from pathlib import Path

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from tests.emulator.server_process import API, POLL, Served, serving
from tests.processes import until

OTHER_TENANT = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
OTHER = "12345678-1234-1234-1234-123456789abc"


def test_the_directory_has_a_default_subscription_another_and_a_disabled_one(azure: Served) -> None:
    found = list(azure.subscriptions.subscriptions.list())
    assert [(str(item.display_name), str(item.state)) for item in found] == [
        ("Contoso Data Platform", "Enabled"),
        ("Contoso Shared Services", "Enabled"),
        ("Contoso Legacy", "Disabled"),
    ]
    assert str(found[0].subscription_id) == azure.subscription
    assert found[0].additional_properties["tenantId"] == azure.info["tenant"]
    assert [item.tenant_id for item in azure.subscriptions.tenants.list()] == [azure.info["tenant"]]


def test_a_given_id_of_a_seeded_subscription_keeps_its_name(tmp_path: Path, azure: Served) -> None:
    with serving(tmp_path, "--subscription", azure.subscription) as server:
        found = [str(item.display_name) for item in server.subscriptions.subscriptions.list()]
    assert found == ["Contoso Data Platform", "Contoso Shared Services", "Contoso Legacy"]


def test_ids_given_at_the_start_are_added_to_the_seeded_ones_and_kept(tmp_path: Path) -> None:
    with serving(tmp_path, "--tenant", OTHER_TENANT, "--subscription", f"{OTHER}=Mine") as server:
        assert (server.info["tenant"], server.subscription) == (OTHER_TENANT, OTHER)
        assert [item["name"] for item in server.info["subscriptions"]][:2] == ["Mine", "Contoso Data Platform"]
        assert server.subscriptions.subscriptions.get(OTHER).display_name == "Mine"
    with serving(tmp_path) as again:
        assert (again.info["tenant"], again.subscription) == (OTHER_TENANT, OTHER)


def test_regions_have_names_pairs_and_zones(azure: Served) -> None:
    listed = {item.name: item for item in azure.subscriptions.subscriptions.list_locations(azure.subscription)}
    assert len(listed) >= 12
    assert listed["westeurope"].display_name == "West Europe"
    raw = {item["name"]: item for item in azure.get(f"{azure.scope}/locations?api-version=2022-12-01")["value"]}
    zones = raw["swedencentral"]["availabilityZoneMappings"]
    assert sorted(zone["physicalZone"] for zone in zones) == [f"swedencentral-az{n}" for n in (1, 2, 3)]
    assert "availabilityZoneMappings" not in raw["ukwest"]
    assert raw["westeurope"]["metadata"]["pairedRegion"][0]["name"] == "northeurope"


def test_an_unknown_subscription_and_a_disabled_one(azure: Served) -> None:
    unknown = azure.raw("GET", f"/subscriptions/{OTHER}/resourcegroups?api-version={API}")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "SubscriptionNotFound")
    disabled = azure.info["subscriptions"][-1]["id"]
    path = f"/subscriptions/{disabled}/resourcegroups/rg?api-version={API}"
    refused = azure.raw("PUT", path, body='{"location": "westeurope"}')
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "ReadOnlyDisabledSubscription")


def test_a_namespace_is_registered_after_a_moment(azure: Served) -> None:
    providers = azure.resources.providers
    before = providers.get("microsoft.app")
    assert (before.namespace, before.registration_state) == ("Microsoft.App", "NotRegistered")
    assert providers.register("Microsoft.App").registration_state == "Registering"
    until(lambda: providers.get("Microsoft.App").registration_state == "Registered", "the namespace is registered")
    kinds = {item.resource_type: item for item in before.resource_types or []}
    assert "2025-07-01" in (kinds["managedEnvironments"].api_versions or [])
    assert "West Europe" in (kinds["managedEnvironments"].locations or [])
    states = {item.namespace: item.registration_state for item in providers.list()}
    assert states["Microsoft.Network"] == "Registered"
    with pytest.raises(ResourceNotFoundError, match="InvalidResourceNamespace"):
        providers.get("Microsoft.Nonsense")


def test_groups_are_created_listed_and_deleted(azure: Served) -> None:
    groups = azure.resources.resource_groups
    path = f"{azure.scope}/resourcegroups/rg-life?api-version={API}"
    assert azure.raw("PUT", path, body='{"location": "West Europe", "tags": {"a": "b"}}').status_code == 201
    assert azure.raw("PUT", path, body='{"location": "westeurope", "tags": {"a": "b"}}').status_code == 200
    found = groups.get("RG-LIFE")
    assert (found.name, found.location, found.tags) == ("rg-life", "westeurope", {"a": "b"})
    assert [item.name for item in groups.list(filter="tagName eq 'a' and tagValue eq 'b'")] == ["rg-life"]
    assert list(groups.list(filter="tagName eq 'a' and tagValue eq 'c'")) == []
    with pytest.raises(HttpResponseError, match="InvalidResourceGroupLocation"):
        groups.create_or_update("rg-life", {"location": "eastus"})
    assert groups.check_existence("rg-life")
    groups.begin_delete("rg-life", polling_interval=POLL).result()
    assert not groups.check_existence("rg-life")


def test_a_resource_is_written_listed_and_deleted(azure: Served) -> None:
    azure.raw("PUT", f"{azure.scope}/resourcegroups/rg-own?api-version={API}", body='{"location": "westeurope"}')
    where = f"{azure.scope}/resourceGroups/rg-own/providers/Microsoft.Network/virtualNetworks/vnet"
    body = {
        "location": "westeurope",
        "properties": {
            "addressSpace": {"addressPrefixes": ["10.1.0.0/16"]},
            "subnets": [{"name": "one", "properties": {"addressPrefix": "10.1.0.0/24"}}],
        },
    }
    client = azure.resources.resources
    client.begin_create_or_update_by_id(
        where, parameters=body, api_version="2025-05-01", polling_interval=POLL
    ).result()
    azure.raw(
        "PUT", f"{where}/subnets/two?api-version=2025-05-01", body='{"properties": {"addressPrefix": "10.1.1.0/24"}}'
    )
    subnets = azure.get(f"{where}?api-version=2025-05-01")["properties"]["subnets"]
    assert [item["name"] for item in subnets] == ["one", "two"]
    assert [item["name"] for item in azure.get(f"{where}/subnets?api-version=2025-05-01")["value"]] == ["one", "two"]
    assert [item.name for item in client.list_by_resource_group("rg-own")] == ["vnet"]
    assert [item.name for item in client.list(filter="resourceType eq 'Microsoft.Network/virtualNetworks'")] == ["vnet"]
    assert azure.raw("HEAD", f"{where}?api-version=2025-05-01").status_code == 204
    client.begin_delete_by_id(where, api_version="2025-05-01", polling_interval=POLL).result()
    with pytest.raises(ResourceNotFoundError, match="ResourceNotFound"):
        client.get_by_id(f"{where}/subnets/one", api_version="2025-05-01")


@pytest.mark.parametrize(
    ("space", "subnet", "message"),
    [
        ("10.2.0.0/16", "10.3.0.0/24", "is not valid in virtual network 'vnet'"),
        ("10.2.0.0/16", "10.2.0.0/33", "is not a valid CIDR notation"),
        ("10.2.0.0/16", "10.2.0.128/25", "overlaps with that of an existing subnet"),
    ],
)
def test_a_subnet_must_fit_into_its_network(azure: Served, space: str, subnet: str, message: str) -> None:
    azure.raw("PUT", f"{azure.scope}/resourcegroups/rg-net?api-version={API}", body='{"location": "westeurope"}')
    subnets = [
        {"name": name, "properties": {"addressPrefix": prefix}}
        for name, prefix in (("a", "10.2.0.0/24"), ("b", subnet))
    ]
    body = {"location": "westeurope", "properties": {"addressSpace": {"addressPrefixes": [space]}, "subnets": subnets}}
    where = f"{azure.scope}/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/vnet"
    with pytest.raises(HttpResponseError, match=message):
        azure.resources.resources.begin_create_or_update_by_id(where, parameters=body, api_version="2025-05-01")


def test_a_storage_name_is_globally_unique(azure: Served) -> None:
    body = '{"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {}}'
    answers = []
    for group in ("rg-first", "rg-second"):
        azure.raw("PUT", f"{azure.scope}/resourcegroups/{group}?api-version={API}", body='{"location": "westeurope"}')
        where = f"{azure.scope}/resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts/stworld"
        answers.append(azure.raw("PUT", f"{where}?api-version=2025-06-01", body=body))
    assert answers[0].status_code == 202
    assert answers[1].json()["error"]["code"] == "StorageAccountAlreadyTaken"
    assert answers[1].headers["x-ms-failure-cause"] == "service"
    path = f"{azure.scope}/resourceGroups/rg-first/providers/Microsoft.Storage/storageAccounts/stworld"
    keys = azure.raw("POST", f"{path}/listKeys?api-version=2025-06-01").json()["keys"]
    assert [key["keyName"] for key in keys] == ["key1", "key2"]


def test_a_role_is_assigned_once_to_a_principal_at_a_scope(azure: Served) -> None:
    role = f"{azure.scope}/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c"
    body = json.dumps({"properties": {"roleDefinitionId": role, "principalId": OTHER}})
    where = f"{azure.scope}/providers/Microsoft.Authorization/roleAssignments"
    names = ("6f0d1c2b-0000-4000-8000-000000000001", "6f0d1c2b-0000-4000-8000-000000000002")
    first, second = (azure.raw("PUT", f"{where}/{name}?api-version=2022-04-01", body=body) for name in names)
    assert first.status_code == 201
    assert (second.status_code, second.json()["error"]["code"]) == (409, "RoleAssignmentExists")
    assert names[0].replace("-", "") in second.json()["error"]["message"]
    listed = azure.get(f"{where}?api-version=2022-04-01&$filter=atScope()")["value"]
    assert [item["name"] for item in listed] == [names[0]]


def test_the_caller_is_an_owner(azure: Served) -> None:
    path = f"{azure.scope}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01"
    assert azure.get(path)["value"][0]["actions"] == ["*"]
