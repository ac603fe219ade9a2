"""Azure's rules about networks and zones that are not the installation's: Container Apps and fallback of DNS."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from installer.emulator.state.resources import Resource
from tests.emulator.in_memory import GROUP, SUBSCRIPTION, Bench, bench, run
from tests.emulator.sample_templates import group, template

if TYPE_CHECKING:
    from installer.jsontypes import Json

OTHER = "9d0a6c1e-52b7-4a0f-8d3c-6a1f2b4c5d6e"


async def _deployed(it: Bench, resource: "dict[str, Json]") -> str:
    """State and error of a deployment of one resource."""
    for namespace in ("Microsoft.App", "Microsoft.ContainerService", "Microsoft.Network"):
        it.emulator.registrations.set(SUBSCRIPTION, namespace, "Registered", 0)
    it.deploy(template(group()), name="group")
    await it.clock.finish(it.engine)
    it.deploy(template(resource), name="one", scope=GROUP, location=None)
    await it.clock.finish(it.engine)
    record = it.deployment("one", GROUP)
    return f"{record.state} {record.error}"


@pytest.mark.parametrize(("subscription", "state"), [(SUBSCRIPTION, "Succeeded"), (OTHER, "Failed")])
def test_container_apps_need_a_network_of_their_subscription(tmp_path: Path, subscription: str, state: str) -> None:
    subnet = f"/subscriptions/{subscription}/resourceGroups/n/providers/Microsoft.Network/virtualNetworks/v/subnets/s"
    found = run(
        _deployed(
            bench(tmp_path),
            {
                "type": "Microsoft.App/managedEnvironments",
                "apiVersion": "2025-07-01",
                "name": "cae",
                "location": "westeurope",
                "properties": {"vnetConfiguration": {"infrastructureSubnetId": subnet, "internal": True}},
            },
        )
    )
    assert found.startswith(state)
    assert ("ManagedEnvironmentInvalidNetworkConfiguration" in found) is (state == "Failed")


@pytest.mark.parametrize(
    ("zone", "state"),
    [("privatelink.blob.core.windows.net", "Succeeded"), ("cae.westeurope.azurecontainerapps.io", "Failed")],
)
def test_only_zones_of_private_link_fall_back_to_public_dns(tmp_path: Path, zone: str, state: str) -> None:
    it = bench(tmp_path)

    async def story() -> str:
        created: dict[str, Json] = {
            "type": "Microsoft.Network/privateDnsZones",
            "apiVersion": "2024-06-01",
            "name": zone,
            "location": "global",
        }
        assert (await _deployed(it, created)).startswith("Succeeded")
        network = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/v"
        link: dict[str, Json] = {
            "type": "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
            "apiVersion": "2024-06-01",
            "name": f"{zone}/hub",
            "location": "global",
            "properties": {
                "registrationEnabled": False,
                "resolutionPolicy": "NxDomainRedirect",
                "virtualNetwork": {"id": network},
            },
        }
        it.deploy(template(link), name="link", scope=GROUP, location=None)
        await it.clock.finish(it.engine)
        return it.deployment("link", GROUP).state

    assert run(story()) == state


@pytest.mark.parametrize(("zone", "public", "state"), [("none", False, "Failed"), ("none", True, "Succeeded")])
def test_a_private_cluster_without_zone_and_public_name_is_refused(
    tmp_path: Path, zone: str, public: bool, state: str
) -> None:
    it = bench(tmp_path)
    it.emulator.registrations.set(SUBSCRIPTION, "Microsoft.ContainerService", "Registered", 0)
    private: Json = {
        "enablePrivateCluster": True,
        "enablePrivateClusterPublicFQDN": public,
        "privateDNSZone": zone,
    }
    cluster = _cluster(apiServerAccessProfile=private)
    assert run(_deployed(it, cluster)).startswith(state)


def _cluster(**properties: "Json") -> "dict[str, Json]":
    """A cluster of a template, with these properties."""
    return {
        "type": "Microsoft.ContainerService/managedClusters",
        "apiVersion": "2026-03-01",
        "name": "aks",
        "location": "westeurope",
        "identity": {"type": "SystemAssigned"},
        "properties": {"dnsPrefix": "aks", **properties},
    }


def _seeded(it: Bench, resource_id: str, kind: str, properties: "dict[str, Json]") -> None:
    name = resource_id.rpartition("/")[2]
    it.emulator.resources.save(
        Resource(resource_id, kind, name, "2025-05-01", "Succeeded", 0, 0, desired={"properties": properties})
    )


HUB = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/hub"
SPOKE = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/spoke"
SUBNET_TYPE = "Microsoft.Network/virtualNetworks/subnets"


GATEWAY = f"{GROUP}/providers/Microsoft.Network/virtualNetworkGateways/vgw"


@pytest.mark.parametrize(
    ("subnet", "gateway", "state"),
    [
        ("GatewaySubnet", "", "Failed"),
        ("GatewaySubnet", "surveyed", "Succeeded"),
        ("GatewaySubnet", "created", "Succeeded"),
        ("other", "surveyed", "Failed"),
    ],
)
def test_a_peering_uses_a_gateway_only_where_there_is_one(
    tmp_path: Path, subnet: str, gateway: str, state: str
) -> None:
    it = bench(tmp_path)
    for network, space in ((HUB, "10.1.0.0/16"), (SPOKE, "10.2.0.0/16")):
        _seeded(it, network, "Microsoft.Network/virtualNetworks", {"addressSpace": {"addressPrefixes": [space]}})
    used: Json = [{"id": f"{GATEWAY}/ipConfigurations/default"}] if gateway == "surveyed" else []
    _seeded(it, f"{HUB}/subnets/{subnet}", SUBNET_TYPE, {"addressPrefix": "10.1.0.0/27", "ipConfigurations": used})
    if gateway == "created":
        inside: Json = [{"name": "d", "properties": {"subnet": {"id": f"{HUB}/subnets/{subnet}"}}}]
        _seeded(it, GATEWAY, "Microsoft.Network/virtualNetworkGateways", {"ipConfigurations": inside})
    peering: dict[str, Json] = {
        "type": "Microsoft.Network/virtualNetworks/virtualNetworkPeerings",
        "apiVersion": "2025-05-01",
        "name": "spoke/to-hub",
        "properties": {"remoteVirtualNetwork": {"id": HUB}, "useRemoteGateways": True},
    }
    found = run(_deployed(it, peering))
    assert found.startswith(state)
    assert ("RemoteVnetHasNoGateways" in found) is (state == "Failed")


TABLE: Final = f"{GROUP}/providers/Microsoft.Network/routeTables/rt"


@pytest.mark.parametrize(
    ("table", "route", "code"),
    [
        (TABLE, None, ""),
        ("", None, "ExistingRouteTableNotAssociatedWithSubnet"),
        (TABLE, ("0.0.0.0/0", "VirtualAppliance"), ""),
        (TABLE, ("0.0.0.0/0", "VirtualNetworkGateway"), ""),
        (TABLE, ("0.0.0.0/0", "Internet"), "RouteTableInvalidNextHop"),
        (TABLE, ("0.0.0.0/0", "None"), "RouteTableInvalidNextHop"),
        (TABLE, ("10.0.0.0/8", "VirtualAppliance"), "RouteTableMissingDefaultRouteError"),
    ],
)
def test_user_defined_routing_needs_a_default_route_to_an_appliance_or_gateway(
    tmp_path: Path, table: str, route: tuple[str, str] | None, code: str
) -> None:
    it = bench(tmp_path)
    if route:
        one: Json = {"name": "out", "properties": {"addressPrefix": route[0], "nextHopType": route[1]}}
        _seeded(it, TABLE, "Microsoft.Network/routeTables", {"routes": [one]})
    routed: dict[str, Json] = {"routeTable": {"id": table}} if table else {}
    _seeded(it, f"{SPOKE}/subnets/nodes", SUBNET_TYPE, {"addressPrefix": "10.2.0.0/24", **routed})
    pool: Json = {
        "name": "system",
        "mode": "System",
        "count": 1,
        "vmSize": "Standard_D2s_v5",
        "vnetSubnetID": f"{SPOKE}/subnets/nodes",
    }
    cluster = _cluster(networkProfile={"outboundType": "userDefinedRouting"}, agentPoolProfiles=[pool])
    found = run(_deployed(it, cluster))
    assert found.startswith("Failed" if code else "Succeeded"), found
    assert code in found
