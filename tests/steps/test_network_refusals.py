"""The embedded Azure refuses what the checks of networks find before the first write."""

from typing import TYPE_CHECKING

import pytest

from installer.cloud.errors import AzureRefused
from installer.cloud.rest import Service
from installer.json_access import member
from installer.resource_id import name_of
from tests.bicep.answers_variants import HUB, OTHER
from tests.processes import until
from tests.steps.prerequisites import put

if TYPE_CHECKING:
    from installer.jsontypes import Json

THEIRS = f"/subscriptions/{OTHER}/resourceGroups/rg-dns-links"
ZONE = "privatelink.blob.core.windows.net"
GROUP = f"/subscriptions/{OTHER}/resourceGroups/rg-ranges"
NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks"


def link(azure: Service, network: str) -> None:
    put(azure, THEIRS, "2025-04-01", location="swedencentral")
    zone = f"{THEIRS}/providers/Microsoft.Network/privateDnsZones/{ZONE}"
    put(azure, zone, "2024-06-01", location="global")
    properties: Json = {"registrationEnabled": False, "virtualNetwork": {"id": network}}
    put(azure, f"{zone}/virtualNetworkLinks/{name_of(network)}", "2024-06-01", location="global", properties=properties)


def test_a_second_zone_of_the_same_name(azure: Service) -> None:
    network = HUB.replace("vnet-hub", "vnet-twice")
    link(azure, network)
    group = THEIRS.replace("rg-dns-links", "rg-ours")
    put(azure, group, "2025-04-01", location="swedencentral")
    zone = f"{group}/providers/Microsoft.Network/privateDnsZones/{ZONE}"
    put(azure, zone, "2024-06-01", location="global")
    with pytest.raises(AzureRefused, match="multiple zones with overlapping namespaces") as caught:
        put(
            azure,
            f"{zone}/virtualNetworkLinks/ours",
            "2024-06-01",
            location="global",
            properties={"registrationEnabled": False, "virtualNetwork": {"id": network}},
        )
    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("profile", "code"),
    [
        ({"serviceCidr": "10.3.0.0/24", "dnsServiceIP": "10.3.0.10"}, "ServiceCidrOverlapExistingSubnetsCidr"),
        ({"podCidr": "10.0.0.0/8"}, "PodCidrOverlapExistingSubnetsCidr"),
    ],
)
def test_cluster_ranges_that_overlap_a_subnet(azure: Service, profile: "Json", code: str) -> None:
    put(azure, GROUP, "2025-04-01", location="swedencentral")
    subnets: list[Json] = [{"name": "nodes", "properties": {"addressPrefix": "10.3.0.0/25"}}]
    space: Json = {"addressSpace": {"addressPrefixes": ["10.3.0.0/16"]}, "subnets": subnets}
    put(azure, f"{NETWORK}/vnet-nodes", "2025-05-01", location="swedencentral", properties=space)
    subnet = f"{NETWORK}/vnet-nodes/subnets/nodes"
    pool: Json = {"name": "p", "mode": "System", "count": 2, "vmSize": "Standard_D4ds_v5", "vnetSubnetID": subnet}
    cluster = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/aks-ranges"
    assert isinstance(profile, dict)
    properties: Json = {
        "dnsPrefix": "a",
        "agentPoolProfiles": [pool],
        "networkProfile": {"networkPlugin": "azure", **profile},
    }
    provider = f"/subscriptions/{OTHER}/providers/Microsoft.ContainerService"
    azure.ask("POST", f"{provider}/register?api-version=2022-12-01")
    until(
        lambda: member(azure.find(f"{provider}?api-version=2022-12-01"), "registrationState") == "Registered",
        "the namespace is registered",
    )
    with pytest.raises(AzureRefused, match=code):
        put(
            azure,
            cluster,
            "2026-03-01",
            location="swedencentral",
            identity={"type": "SystemAssigned"},
            properties=properties,
        )
