"""Azure's rules about networks and zones that are not the installation's: Container Apps and fallback of DNS."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

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
    cluster: dict[str, Json] = {
        "type": "Microsoft.ContainerService/managedClusters",
        "apiVersion": "2026-03-01",
        "name": "aks",
        "location": "westeurope",
        "identity": {"type": "SystemAssigned"},
        "properties": {
            "dnsPrefix": "aks",
            "apiServerAccessProfile": {
                "enablePrivateCluster": True,
                "enablePrivateClusterPublicFQDN": public,
                "privateDNSZone": zone,
            },
        },
    }
    assert run(_deployed(it, cluster)).startswith(state)
