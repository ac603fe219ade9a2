"""Ranges of the installation against the networks that it connects to: refused before the first write."""

from typing import TYPE_CHECKING

import pytest

from installer.cloud.errors import AzureRefused
from installer.cloud.rest import Service
from installer.errors import CheckBlocked
from installer.estate.parameters.context import Installation
from installer.steps.address_ranges import CheckAddressRanges, checks_address_ranges
from tests.bicep.answers_variants import OTHER, answers
from tests.steps.prerequisites import put
from tests.steps.step_context import Attempt

if TYPE_CHECKING:
    from installer.jsontypes import Json

GROUP = f"/subscriptions/{OTHER}/resourceGroups/rg-ranges"
NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks"
VERSION = "2025-05-01"


def installation(hub: str, **platform: object) -> Installation:
    network = {"mode": "existing_hub", "hub_id": f"{NETWORK}/{hub}", "hub_subnet": "snet-endpoints"}
    return Installation(answers("dev", network=network, platform=platform))


def network(azure: Service, name: str, *prefixes: str, subnets: "list[Json] | None" = None) -> None:
    put(azure, GROUP, "2025-04-01", location="swedencentral")
    space: Json = {"addressSpace": {"addressPrefixes": list(prefixes)}, "subnets": subnets or []}
    put(azure, f"{NETWORK}/{name}", VERSION, location="swedencentral", properties=space)


def test_a_hub_that_overlaps_nothing_passes(azure: Service) -> None:
    network(azure, "vnet-free", "10.1.0.0/16", "fd00::/48")
    assert Attempt().run(CheckAddressRanges(azure, installation("vnet-free"))) == ("done", {})


def test_overlaps_with_the_hub_are_named_with_their_answers(azure: Service) -> None:
    network(azure, "vnet-full", "10.40.0.0/14", "10.244.0.0/15")
    with pytest.raises(CheckBlocked) as caught:
        Attempt().run(CheckAddressRanges(azure, installation("vnet-full")))
    told = str(caught.value)
    assert "the spoke of dev, 10.40.64.0/19 overlaps 10.40.0.0/14 of vnet-full: change the answer Address space" in told
    assert "the pod range 10.244.0.0/16 overlaps 10.244.0.0/15 of vnet-full: change the answer Pod range" in told
    assert "the service range 10.245.0.0/16 overlaps 10.244.0.0/15" in told


def test_peers_of_the_hub_count_and_own_spokes_do_not(azure: Service) -> None:
    network(azure, "vnet-peered", "10.2.0.0/16")
    network(azure, "vnet-office", "172.29.0.0/16")
    properties: Json = {"remoteVirtualNetwork": {"id": f"{NETWORK}/vnet-office"}}
    put(azure, f"{NETWORK}/vnet-peered/virtualNetworkPeerings/to-office", VERSION, properties=properties)
    assert Attempt().run(CheckAddressRanges(azure, installation("vnet-peered"))) == ("done", {})
    taken = installation("vnet-peered", pod_range="172.29.0.0/16")
    with pytest.raises(CheckBlocked, match=r"overlaps 172\.29\.0\.0/16 of vnet-office, a peer of vnet-peered"):
        Attempt().run(CheckAddressRanges(azure, taken))


@pytest.mark.parametrize(("mode", "checked"), [("new", False), ("public", False)])
def test_new_networks_are_not_checked(mode: str, checked: bool) -> None:
    posture = {"posture": "trial"}
    it = Installation(answers("dev", network={"mode": mode}, governance=posture, ingress={"kind": "direct"}))
    assert checks_address_ranges(it) is checked
    assert checks_address_ranges(installation("vnet-hub"))


@pytest.mark.parametrize(
    ("profile", "code"),
    [
        ({"serviceCidr": "10.3.0.0/24", "dnsServiceIP": "10.3.0.10"}, "ServiceCidrOverlapExistingSubnetsCidr"),
        ({"podCidr": "10.0.0.0/8"}, "PodCidrOverlapExistingSubnetsCidr"),
    ],
)
def test_azure_refuses_cluster_ranges_that_overlap_a_subnet(azure: Service, profile: "Json", code: str) -> None:
    subnets: list[Json] = [{"name": "nodes", "properties": {"addressPrefix": "10.3.0.0/25"}}]
    network(azure, "vnet-nodes", "10.3.0.0/16", subnets=subnets)
    subnet = f"{NETWORK}/vnet-nodes/subnets/nodes"
    pool: Json = {"name": "p", "mode": "System", "count": 2, "vmSize": "Standard_D4ds_v5", "vnetSubnetID": subnet}
    cluster = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/aks-ranges"
    assert isinstance(profile, dict)
    properties: Json = {
        "dnsPrefix": "a",
        "agentPoolProfiles": [pool],
        "networkProfile": {"networkPlugin": "azure", **profile},
    }
    azure.ask("POST", f"/subscriptions/{OTHER}/providers/Microsoft.ContainerService/register?api-version=2022-12-01")
    with pytest.raises(AzureRefused, match=code):
        put(
            azure,
            cluster,
            "2026-03-01",
            location="swedencentral",
            identity={"type": "SystemAssigned"},
            properties=properties,
        )
