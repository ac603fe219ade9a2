"""The embedded Azure refuses references across regions where Azure does, and only there."""

from pathlib import Path
from typing import Final

import pytest

from installer.emulator.errors import ArmError
from installer.emulator.providers import registry
from installer.emulator.state.resources import Resource
from installer.jsontypes import Json
from installer.regional_ties import ties
from tests.emulator.in_memory import GROUP, bench

NETWORK: Final = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/v"
SUBNET: Final = f"{NETWORK}/subnets/s"
WORKSPACE: Final = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/w"
TABLE: Final = f"{GROUP}/providers/Microsoft.Network/routeTables/t"
IN_SUBNET: Final[Json] = {"subnet": {"id": SUBNET}}
CASES: Final[dict[str, tuple[str, Json, str]]] = {
    "endpoint": ("Microsoft.Network/privateEndpoints", IN_SUBNET, "InvalidResourceReference"),
    "gateway": (
        "Microsoft.Network/applicationGateways",
        {"gatewayIPConfigurations": [{"name": "g", "properties": IN_SUBNET}]},
        "InvalidResourceReference",
    ),
    "cluster": (
        "Microsoft.ContainerService/managedClusters",
        {"agentPoolProfiles": [{"name": "system", "vnetSubnetID": SUBNET}]},
        "InvalidParameter",
    ),
    "environment": (
        "Microsoft.App/managedEnvironments",
        {"vnetConfiguration": {"infrastructureSubnetId": SUBNET}},
        "ManagedEnvironmentInvalidNetworkConfiguration",
    ),
    "app": (
        "Microsoft.Web/sites",
        {"virtualNetworkSubnetId": SUBNET.upper().replace("/SUBSCRIPTIONS", "/subscriptions")},
        "BadRequest",
    ),
    "server": (
        "Microsoft.DBforPostgreSQL/flexibleServers",
        {"network": {"delegatedSubnetResourceId": SUBNET}},
        "InvalidParameterValue",
    ),
    "rule": (
        "Microsoft.Insights/dataCollectionRules",
        {"destinations": {"logAnalytics": [{"name": "w", "workspaceResourceId": WORKSPACE}]}},
        "InvalidPayload",
    ),
    "network": (
        "Microsoft.Network/virtualNetworks",
        {
            "addressSpace": {"addressPrefixes": ["10.9.0.0/16"]},
            "subnets": [{"name": "a", "properties": {"addressPrefix": "10.9.0.0/24", "routeTable": {"id": TABLE}}}],
        },
        "InvalidResourceReference",
    ),
}
DELEGATED: Final = {
    "environment": "Microsoft.App/environments",
    "app": "Microsoft.Web/serverFarms",
    "server": "Microsoft.DBforPostgreSQL/flexibleServers",
}


def refusal(folder: Path, case: str, there: str, here: str = "westeurope") -> str:
    """Error code of a write in one region that refers to resources in another, "" if it is accepted."""
    folder.mkdir(exist_ok=True)
    it = bench(folder)
    service = DELEGATED.get(case)
    delegations: Json = [{"name": "d", "properties": {"serviceName": service}}] if service else []
    subnet: dict[str, Json] = {"properties": {"addressPrefix": "10.1.0.0/24", "delegations": delegations}}
    space: Json = {"addressSpace": {"addressPrefixes": ["10.1.0.0/16"]}}
    existing: tuple[tuple[str, str, dict[str, Json]], ...] = (
        (NETWORK, "Microsoft.Network/virtualNetworks", {"location": there, "properties": space}),
        (SUBNET, "Microsoft.Network/virtualNetworks/subnets", subnet),
        (WORKSPACE, "Microsoft.OperationalInsights/workspaces", {"location": there, "properties": {}}),
        (TABLE, "Microsoft.Network/routeTables", {"location": there, "properties": {}}),
    )
    for resource_id, kind, body in existing:
        name = resource_id.rpartition("/")[2]
        it.emulator.resources.save(Resource(resource_id, kind, name, "2025-05-01", "Succeeded", 0, 0, desired=body))
    kind, properties, _ = CASES[case]
    made = Resource(
        f"{GROUP}/providers/{kind}/one",
        kind,
        "one",
        "2025-05-01",
        "Creating",
        0,
        0,
        desired={"location": here, "properties": properties},
    )
    try:
        registry.check(it.emulator.provider_context(made))
    except ArmError as refused:
        return refused.code
    finally:
        it.database.close()
    return ""


@pytest.mark.parametrize("case", CASES)
def test_a_reference_into_another_region_is_refused(tmp_path: Path, case: str) -> None:
    assert refusal(tmp_path / "other", case, "northeurope") == CASES[case][2]
    assert refusal(tmp_path / "same", case, "westeurope") == ""
    assert refusal(tmp_path / "spelled", case, "westeurope", here="West Europe") == ""
    assert refusal(tmp_path / "unknown", case, "") == ""


VAULT: Final = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("Microsoft.Network/virtualNetworks/virtualNetworkPeerings", {"remoteVirtualNetwork": {"id": NETWORK}}),
        ("Microsoft.Network/privateDnsZones/virtualNetworkLinks", {"virtualNetwork": {"id": NETWORK}}),
        ("Microsoft.Network/privateEndpoints", {"privateLinkServiceConnections": [{"privateLinkServiceId": VAULT}]}),
        ("Microsoft.Insights/diagnosticSettings", {"workspaceId": WORKSPACE}),
        ("Microsoft.Insights/components", {"WorkspaceResourceId": WORKSPACE}),
    ],
)
def test_what_azure_connects_across_regions_has_no_tie(kind: str, body: Json) -> None:
    assert list(ties(kind, f"{GROUP}/providers/{kind}/one", body)) == []
