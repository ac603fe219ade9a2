"""Members that reference() reads beside those of the template: ids of children, and every read-only member."""

from pathlib import Path

import pytest

from installer.emulator.providers.read_members import complete
from installer.json_access import as_object, as_text, member, objects_of
from installer.jsontypes import Json
from tests.emulator.deployments.live_outputs import deployed, output_error, outputs
from tests.emulator.in_memory import GROUP
from tests.emulator.sample_templates import resource

NETWORK = f"{GROUP}/providers/Microsoft.Network"


def _network(kind: str, name: str, properties: dict[str, Json], *after: str, **more: Json) -> dict[str, Json]:
    return {
        **resource(f"Microsoft.Network/{kind}", name, version="2024-05-01", properties=properties, after=after),
        **more,
    }


def _id(kind: str, *names: str) -> str:
    quoted = ", ".join(f"'{name}'" for name in names)
    return f"[resourceId('Microsoft.Network/{kind}', {quoted})]"


ADDRESS = _network("publicIPAddresses", "pip", {"publicIPAllocationMethod": "Static"}, sku={"name": "Standard"})
SUBNET: Json = {"name": "s", "properties": {"addressPrefix": "10.0.0.0/29", "delegations": []}}
SPACE: Json = {"addressPrefixes": ["10.0.0.0/16"]}
VNET = _network("virtualNetworks", "vn", {"addressSpace": SPACE, "subnets": [SUBNET]})
BALANCER = _network(
    "loadBalancers",
    "lb",
    {
        "frontendIPConfigurations": [
            {"name": "fe", "properties": {"publicIPAddress": {"id": _id("publicIPAddresses", "pip")}}}
        ],
        "backendAddressPools": [{"name": "be"}],
        "probes": [{"name": "p", "properties": {"protocol": "Tcp", "port": 80}}],
        "loadBalancingRules": [
            {
                "name": "r",
                "properties": {
                    "frontendIPConfiguration": {"id": _id("loadBalancers/frontendIPConfigurations", "lb", "fe")},
                    "probe": {"id": _id("loadBalancers/probes", "lb", "p")},
                    "protocol": "Tcp",
                    "frontendPort": 80,
                    "backendPort": 80,
                },
            }
        ],
    },
    "pip",
    sku={"name": "Standard"},
)


def test_children_of_a_load_balancer_have_ids_tags_states_and_back_references(tmp_path: Path) -> None:
    arrays = ("frontendIPConfigurations", "backendAddressPools", "probes", "loadBalancingRules")
    found = outputs(
        deployed(tmp_path, ADDRESS, BALANCER, values={name: f"reference('lb').{name}[0]" for name in arrays})
    )
    names = dict(zip(arrays, ("fe", "be", "p", "r"), strict=True))
    own = f"{NETWORK}/loadBalancers/lb"
    for array, name in names.items():
        assert member(found[array], "id") == f"{own}/{array}/{name}"
        assert member(found[array], "type") == f"Microsoft.Network/loadBalancers/{array}"
        assert member(found[array], "properties", "provisioningState") == "Succeeded"
    assert len({as_text(member(found[array], "etag")) for array in arrays}) == 1
    rule: Json = [{"id": f"{own}/loadBalancingRules/r"}]
    assert member(found["probes"], "properties", "loadBalancingRules") == rule
    assert member(found["frontendIPConfigurations"], "properties", "loadBalancingRules") == rule
    assert member(found["frontendIPConfigurations"], "properties", "privateIPAllocationMethod") == "Dynamic"
    assert member(found["backendAddressPools"], "properties", "loadBalancingRules") == []


def test_what_a_part_refers_to_shows_its_id_only(tmp_path: Path) -> None:
    call = "reference('lb').frontendIPConfigurations[0].properties.publicIPAddress"
    assert outputs(deployed(tmp_path, ADDRESS, BALANCER, values={"o": call})) == {
        "o": {"id": f"{NETWORK}/publicIPAddresses/pip"}
    }


def _configuration(name: str, **more: Json) -> dict[str, Json]:
    return {"name": name, "properties": {"subnet": {"id": _id("virtualNetworks/subnets", "vn", "s")}, **more}}


def test_a_network_interface_gets_an_address_of_its_subnet(tmp_path: Path) -> None:
    card = _network("networkInterfaces", "nic", {"ipConfigurations": [_configuration("one")]}, "vn")
    fixed = _network(
        "networkInterfaces",
        "fixed",
        {"ipConfigurations": [_configuration("one", privateIPAddress="10.0.0.5", privateIPAllocationMethod="Static")]},
        "vn",
    )
    calls = {name: f"reference('{name}').ipConfigurations[0]" for name in ("nic", "fixed")}
    found = outputs(deployed(tmp_path, VNET, card, fixed, values=calls))
    address = as_text(member(found["nic"], "properties", "privateIPAddress"))
    assert address in {"10.0.0.4", "10.0.0.5", "10.0.0.6"}
    assert member(found["nic"], "properties", "privateIPAllocationMethod") == "Dynamic"
    assert member(found["nic"], "id") == f"{NETWORK}/networkInterfaces/nic/ipConfigurations/one"
    assert member(found["fixed"], "properties", "privateIPAddress") == "10.0.0.5"
    assert member(found["fixed"], "properties", "privateIPAllocationMethod") == "Static"


def test_children_whose_type_has_another_name_than_their_array(tmp_path: Path) -> None:
    wide: Json = {"name": "AzureBastionSubnet", "properties": {"addressPrefix": "10.0.1.0/26"}}
    net = _network("virtualNetworks", "vn", {"addressSpace": SPACE, "subnets": [wide]})
    place: Json = {
        "subnet": {"id": _id("virtualNetworks/subnets", "vn", "AzureBastionSubnet")},
        "publicIPAddress": {"id": _id("publicIPAddresses", "pip")},
    }
    bastion = _network(
        "bastionHosts",
        "bas",
        {"ipConfigurations": [{"name": "c", "properties": place}]},
        "vn",
        "pip",
        sku={"name": "Standard"},
    )
    it = deployed(tmp_path, ADDRESS, net, bastion, values={"o": "reference('bas').ipConfigurations[0].id"})
    assert outputs(it) == {"o": f"{NETWORK}/bastionHosts/bas/bastionHostIpConfigurations/c"}


def test_rules_and_subnets_of_any_version_have_ids(tmp_path: Path) -> None:
    rule: Json = {
        "name": "in",
        "properties": {
            "priority": 100,
            "direction": "Inbound",
            "access": "Allow",
            "protocol": "*",
            "sourceAddressPrefix": "*",
            "sourcePortRange": "*",
            "destinationAddressPrefix": "*",
            "destinationPortRange": "443",
        },
    }
    delegated: Json = {"name": "d", "properties": {"serviceName": "Microsoft.Web/serverFarms"}}
    subnet: Json = {"name": "s", "properties": {"addressPrefix": "10.0.0.0/24", "delegations": [delegated]}}
    it = deployed(
        tmp_path,
        _network("networkSecurityGroups", "nsg", {"securityRules": [rule]}),
        _network("virtualNetworks", "vn", {"addressSpace": SPACE, "subnets": [subnet]}),
        values={
            "rule": "reference('nsg').securityRules[0].id",
            "subnet": "reference('vn').subnets[0].id",
            "delegation": "reference('vn').subnets[0].properties.delegations[0].id",
        },
    )
    assert outputs(it) == {
        "rule": f"{NETWORK}/networkSecurityGroups/nsg/securityRules/in",
        "subnet": f"{NETWORK}/virtualNetworks/vn/subnets/s",
        "delegation": f"{NETWORK}/virtualNetworks/vn/subnets/s/delegations/d",
    }


@pytest.mark.parametrize(
    ("kind", "version", "body", "values"),
    [
        (
            "Microsoft.ApiManagement/service",
            "2024-05-01",
            {
                "sku": {"name": "Developer", "capacity": 1},
                "properties": {"publisherEmail": "a@example.com", "publisherName": "x"},
            },
            {"gatewayUrl": "https://one.gatewayurl.rehearsal.invalid/"},
        ),
        ("Microsoft.Devices/IotHubs", "2023-06-30", {"properties": {}}, {"hostName": "one.hostname.rehearsal.invalid"}),
        ("Microsoft.Kusto/clusters", "2024-04-13", {"properties": {}}, {"uri": "https://one.uri.rehearsal.invalid/"}),
        (
            "Microsoft.StorageSync/storageSyncServices",
            "2022-09-01",
            {"properties": {}},
            {"storageSyncServiceUid": None},
        ),
        ("Microsoft.Maps/accounts", "2024-07-01-preview", {"location": "global", "properties": {}}, {"uniqueId": None}),
        ("Microsoft.Search/searchServices", "2025-05-01", {"properties": {}}, {"status": "running"}),
    ],
)
def test_services_without_hooks_show_their_read_only_members(
    tmp_path: Path, kind: str, version: str, body: dict[str, Json], values: dict[str, Json]
) -> None:
    made = resource(kind, "one", version=version, **body)  # type: ignore[arg-type]
    calls = {name: f"reference('one').{name}" for name in values}
    found = outputs(deployed(tmp_path, made, values=calls, namespaces=[kind.partition("/")[0]]))
    for name, value in values.items():
        assert found[name] == value if value is not None else len(as_text(found[name])) == 36


def test_a_member_that_the_schema_does_not_have_is_still_missing(tmp_path: Path) -> None:
    hub = resource("Microsoft.Devices/IotHubs", "one", version="2023-06-30", properties={})
    it = deployed(tmp_path, hub, values={"o": "reference('one').nothing"}, namespaces=["Microsoft.Devices"])
    assert "property 'nothing' doesn't exist" in output_error(it)


def test_errors_and_members_of_other_situations_are_absent(tmp_path: Path) -> None:
    account = resource(
        "Microsoft.Storage/storageAccounts",
        "stone",
        version="2024-01-01",
        kind="StorageV2",
        sku={"name": "Standard_LRS"},
    )
    it = deployed(tmp_path, account)
    found = it.properties(f"{GROUP}/providers/Microsoft.Storage/storageAccounts/stone")
    assert member(found, "primaryEndpoints", "blob") == "https://stone.blob.core.windows.net/"
    assert not {"secondaryEndpoints", "secondaryLocation", "failoverInProgress", "lastGeoFailoverTime"} & {
        name for name, value in found.items() if value
    }


def test_a_read_stores_nothing_and_is_the_same_twice(tmp_path: Path) -> None:
    it = deployed(tmp_path, ADDRESS, BALANCER)
    stored = it.emulator.resources.get(f"{NETWORK}/loadBalancers/lb")
    assert stored is not None
    first, second = it.emulator.view(stored), it.emulator.view(stored)
    assert first == second
    assert complete(it.emulator.provider_context(stored), first) == first
    assert "id" not in objects_of(as_object(stored.desired["properties"])["probes"])[0]
    assert "probes" not in as_object(stored.computed.get("properties"))


def test_tags_exist_with_every_scope(tmp_path: Path) -> None:
    tags = "'Microsoft.Resources/tags', 'default'"
    read = outputs(
        deployed(
            tmp_path,
            {**ADDRESS, "tags": {"team": "a"}},
            values={
                "subscription": f"reference(subscriptionResourceId({tags}), '2021-04-01')",
                "group": f"reference(resourceId({tags}), '2021-04-01')",
                "resource": "reference(extensionResourceId("
                f"resourceId('Microsoft.Network/publicIPAddresses', 'pip'), {tags}), '2021-04-01')",
            },
        )
    )
    assert read == {"subscription": {"tags": {}}, "group": {"tags": {}}, "resource": {"tags": {"team": "a"}}}


def test_tags_of_a_scope_that_does_not_exist_are_not_found(tmp_path: Path) -> None:
    nothing = "resourceId('Microsoft.Network/publicIPAddresses', 'no'), 'Microsoft.Resources/tags', 'default'"
    it = deployed(tmp_path, values={"o": f"reference(extensionResourceId({nothing}), '2021-04-01')"})
    assert "was not found" in output_error(it)
