"""Functions of templates that read the catalogue of Azure: evaluated during a deployment, never left as text."""

from pathlib import Path

import pytest

from installer.emulator.providers.region_catalogue import zone_mappings
from installer.emulator.survey import NOTHING
from installer.json_access import as_list, as_object, member
from installer.jsontypes import Json
from tests.emulator.deployments.live_outputs import deployed, output_error, outputs
from tests.emulator.in_memory import SCOPE, SUBSCRIPTION

ADDRESSES = "'Microsoft.Network', 'publicIPAddresses'"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"


@pytest.mark.parametrize(
    ("call", "zones"),
    [
        (f"pickZones({ADDRESSES}, 'westeurope')", ["1"]),
        (f"pickZones({ADDRESSES}, 'West Europe', 3)", ["1", "2", "3"]),
        (f"pickZones({ADDRESSES}, 'westeurope', 1, 2)", ["3"]),
        (f"pickZones({ADDRESSES}, 'westus')", []),
        ("pickZones('Microsoft.Compute', 'virtualMachines', 'westeurope')", ["1"]),
        ("pickZones('Microsoft.Cdn', 'profiles', 'westeurope')", []),
        ("pickZones('Microsoft.Storage', 'storageAccounts', 'westeurope', 3)", []),
    ],
)
def test_zones_are_picked_where_type_and_region_have_them(tmp_path: Path, call: str, zones: Json) -> None:
    assert outputs(deployed(tmp_path, values={"o": call})) == {"o": zones}


@pytest.mark.parametrize("rest", ["4", "0", "2, 2", "1, 3", "1, -1"])
def test_more_zones_than_there_are_fail(tmp_path: Path, rest: str) -> None:
    it = deployed(tmp_path, values={"o": f"pickZones({ADDRESSES}, 'westeurope', {rest})"})
    assert "pickZones" in output_error(it)


def test_zones_are_converted_as_the_subscription_sees_them(tmp_path: Path) -> None:
    where = f"'{SUBSCRIPTION}', 'westeurope'"
    mapping = zone_mappings(SUBSCRIPTION, "westeurope", NOTHING)
    found = outputs(
        deployed(
            tmp_path,
            values={
                "physical": f"toPhysicalZone({where}, '2')",
                "all": f"toPhysicalZones({where}, createArray('1', '2', '3'))",
                "none": f"toPhysicalZones({where}, createArray())",
                "back": f"toLogicalZone({where}, toPhysicalZone({where}, '2'))",
                "logical": f"toLogicalZones({where}, toPhysicalZones({where}, createArray('3', '1')))",
            },
        )
    )
    assert found == {
        "physical": mapping["2"],
        "all": list(mapping.values()),
        "none": [],
        "back": "2",
        "logical": ["3", "1"],
    }


def test_an_unknown_zone_fails(tmp_path: Path) -> None:
    it = deployed(tmp_path, values={"o": f"toLogicalZone('{SUBSCRIPTION}', 'westeurope', 'westeurope-az9')"})
    assert "westeurope-az9" in output_error(it)


def test_roles_have_an_id_and_a_guid_by_name(tmp_path: Path) -> None:
    found = outputs(deployed(tmp_path, values={"o": "roleDefinitions('contributor')"}))
    assert found["o"] == {
        "id": f"{SCOPE}/providers/Microsoft.Authorization/roleDefinitions/{CONTRIBUTOR}",
        "roleDefinitionId": CONTRIBUTOR,
    }


def test_an_unknown_role_fails(tmp_path: Path) -> None:
    assert "No such role" in output_error(deployed(tmp_path, values={"o": "roleDefinitions('No such role')"}))


def test_providers_lists_types_with_locations_and_versions(tmp_path: Path) -> None:
    calls = {"one": "providers('microsoft.network', 'publicipaddresses')", "every": "providers('Microsoft.Network')"}
    found = outputs(deployed(tmp_path, values=calls))
    one = as_object(found["one"])
    assert (one["resourceType"], set(one)) == ("publicIPAddresses", {"resourceType", "locations", "apiVersions"})
    assert "West Europe" in as_list(one["locations"])
    assert "2024-05-01" in as_list(one["apiVersions"])
    assert one in as_list(member(found["every"], "resourceTypes"))


@pytest.mark.parametrize("call", ["providers('No.Such')", "providers('Microsoft.Network', 'nothing')"])
def test_an_unknown_provider_fails(tmp_path: Path, call: str) -> None:
    assert "Unable to evaluate" in output_error(deployed(tmp_path, values={"o": call}))


def test_subscription_tenant_and_deployer_are_known(tmp_path: Path) -> None:
    it = deployed(
        tmp_path,
        values={
            "subscription": "subscription()",
            "tenant": "tenant()",
            "deployer": "deployer().tenantId",
            "object": "length(deployer().objectId)",
            "tags": "resourceGroup().tags",
        },
    )
    directory = it.emulator.directory
    assert outputs(it) == {
        "subscription": {
            "id": SCOPE,
            "subscriptionId": SUBSCRIPTION,
            "tenantId": directory.tenant_id,
            "displayName": "Bench",
        },
        "tenant": {
            "countryCode": directory.country,
            "displayName": directory.tenant_name,
            "id": f"/tenants/{directory.tenant_id}",
            "tenantId": directory.tenant_id,
        },
        "deployer": directory.tenant_id,
        "object": 36,
        "tags": {},
    }


def test_names_of_resources_use_them(tmp_path: Path) -> None:
    address: dict[str, Json] = {
        "type": "Microsoft.Network/publicIPAddresses",
        "apiVersion": "2024-05-01",
        "name": "[toLower(concat('pip-', subscription().displayName))]",
        "location": "westeurope",
        "zones": "[pickZones('Microsoft.Network', 'publicIPAddresses', 'westeurope', 2)]",
        "sku": {"name": "Standard"},
        "properties": {"publicIPAllocationMethod": "Static"},
    }
    it = deployed(tmp_path, address, values={"o": "reference('pip-bench', '2024-05-01', 'full').zones"})
    assert outputs(it) == {"o": ["1", "2"]}
