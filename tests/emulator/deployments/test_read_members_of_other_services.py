"""Read-only members of types that the estate does not have, and of accounts with a copy in another region."""

import re
from pathlib import Path

import pytest

from installer.json_access import as_object, as_text, member
from tests.emulator.deployments.live_outputs import deployed, outputs
from tests.emulator.in_memory import GROUP
from tests.emulator.sample_templates import resource


@pytest.mark.parametrize(
    ("kind", "version", "expression"),
    [
        ("Microsoft.Compute/galleries", "2024-03-03", "reference('made').identifier.uniqueName"),
        ("Microsoft.Cdn/profiles/endpoints", "2024-09-01", "reference('made').hostName"),
        ("Microsoft.DBforMySQL/flexibleServers/configurations", "2023-12-30", "reference('made').dataType"),
        ("Microsoft.BotService/botServices/connections", "2022-09-15", "reference('made').settingId"),
        ("Microsoft.AppConfiguration/configurationStores/replicas", "2024-05-01", "reference('made').endpoint"),
    ],
)
def test_types_of_services_that_the_estate_does_not_have_show_their_read_only_members(
    tmp_path: Path, kind: str, version: str, expression: str
) -> None:
    name, made = "", []
    segments = kind.split("/")
    for depth in range(2, len(segments) + 1):
        former, name = name, f"{name}/made" if name else "made"
        after = [f"[resourceId('{'/'.join(segments[: depth - 1])}', '{former.replace('/', chr(39) + ',' + chr(39))}')]"]
        body = resource("/".join(segments[:depth]), name, version=version, after=after if former else [])
        made.append(body)
    own = f"resourceId('{kind}', '{name.replace('/', chr(39) + ',' + chr(39))}')"
    it = deployed(tmp_path, *made, values={"read": expression.replace("'made'", own)}, namespaces=[segments[0]])
    assert as_text(outputs(it)["read"])


@pytest.mark.parametrize(
    ("sku", "location", "endpoint"),
    [
        ("Standard_GRS", "northeurope", ""),
        ("Standard_RAGZRS", "northeurope", "https://stpaired1-secondary.blob.core.windows.net/"),
        ("Standard_ZRS", "", ""),
    ],
)
def test_an_account_with_a_copy_in_the_paired_region_shows_it(
    tmp_path: Path, sku: str, location: str, endpoint: str
) -> None:
    account = resource("Microsoft.Storage/storageAccounts", "stpaired1", sku={"name": sku}, kind="StorageV2")
    found = as_object(outputs(deployed(tmp_path, account, values={"read": "reference('stpaired1')"}))["read"])
    assert as_text(found.get("secondaryLocation")) == location
    assert as_text(member(found, "secondaryEndpoints", "blob")) == endpoint


@pytest.mark.parametrize(
    ("add_on", "enabled", "name"),
    [
        ("azureKeyvaultSecretsProvider", True, "azurekeyvaultsecretsprovider-aks-addons"),
        ("omsagent", True, "omsagent-aks-addons"),
        ("omsagent", False, ""),
    ],
)
def test_add_ons_show_their_identity_where_they_are_switched_on(
    tmp_path: Path, add_on: str, enabled: bool, name: str
) -> None:
    cluster = resource(
        "Microsoft.ContainerService/managedClusters",
        "AKS-addons",
        identity={"type": "SystemAssigned"},
        properties={
            "dnsPrefix": "a",
            "agentPoolProfiles": [{"name": "system", "count": 1, "vmSize": "Standard_D4s_v5", "mode": "System"}],
            "addonProfiles": {add_on: {"enabled": enabled}},
        },
    )
    read = f"reference('AKS-addons').addonProfiles.{add_on}"
    it = deployed(tmp_path, cluster, values={"read": read}, namespaces=["Microsoft.ContainerService"])
    identity = as_object(as_object(outputs(it)["read"]).get("identity"))
    assert set(identity) == ({"resourceId", "clientId", "objectId"} if name else set())
    assert as_text(identity.get("resourceId")).rpartition("/")[2] == name


def test_a_virtual_machine_shows_the_disk_that_it_was_created_with(tmp_path: Path) -> None:
    machine = resource(
        "Microsoft.Compute/virtualMachines",
        "vm",
        properties={
            "hardwareProfile": {"vmSize": "Standard_B2s"},
            "storageProfile": {"osDisk": {"name": "vm-os", "createOption": "FromImage"}},
        },
    )
    read = "reference('vm').storageProfile.osDisk.managedDisk.id"
    it = deployed(tmp_path, machine, values={"read": read}, namespaces=["Microsoft.Compute"])
    assert as_text(outputs(it)["read"]).endswith("/providers/Microsoft.Compute/disks/vm-os")


def test_a_part_of_a_path_that_is_no_resource_need_not_exist(tmp_path: Path) -> None:
    hub = resource("Microsoft.Devices/IotHubs", "hub1", version="2023-06-30", sku={"name": "S1", "capacity": 1})
    group = resource(
        "Microsoft.Devices/IotHubs/eventHubEndpoints/ConsumerGroups",
        "hub1/events/cg",
        version="2023-06-30",
        location=None,
        after=["[resourceId('Microsoft.Devices/IotHubs', 'hub1')]"],
        properties={"name": "cg"},
    )
    outputs(deployed(tmp_path, hub, group, namespaces=["Microsoft.Devices"]))


def test_the_endpoint_of_a_hub_has_a_namespace_with_ten_characters_of_its_name(tmp_path: Path) -> None:
    hub = resource(
        "Microsoft.Devices/IotHubs", "hub-of-machines", version="2023-06-30", sku={"name": "S1", "capacity": 1}
    )
    read = "reference('hub-of-machines').eventHubEndpoints.events"
    found = outputs(deployed(tmp_path, hub, values={"read": read}, namespaces=["Microsoft.Devices"]))["read"]
    assert re.fullmatch(
        r"sb://iothub-ns-hub-of-mac-\d+-[0-9a-f]{10}\.servicebus\.windows\.net/", as_text(member(found, "endpoint"))
    )
    assert member(found, "path") == "hub-of-machines"


def test_the_first_resource_above_such_a_part_must_exist(tmp_path: Path) -> None:
    group = resource(
        "Microsoft.Devices/IotHubs/eventHubEndpoints/ConsumerGroups",
        "hub1/events/cg",
        version="2023-06-30",
        location=None,
        properties={"name": "cg"},
    )
    it = deployed(tmp_path, group, namespaces=["Microsoft.Devices"])
    [failed] = [one.error for one in it.operations(scope=GROUP).values() if one.error]
    assert as_text(member(failed, "code")) == "ParentResourceNotFound"
    assert "IotHubs/hub1' could not be found" in as_text(member(failed, "message"))
