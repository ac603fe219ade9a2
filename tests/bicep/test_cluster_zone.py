"""The API server of a private cluster has a name: in a zone that AKS creates, or in public DNS."""

from typing import TYPE_CHECKING

import pytest

from tests.bicep.answers_variants import SUBSCRIPTION, ZONES, answers
from tests.bicep.snapshots import NEEDS_COMPILER
from tests.bicep.stage_requests import at, of_type, stage_resources

if TYPE_CHECKING:
    from installer.jsontypes import Json

pytestmark = NEEDS_COMPILER


def _access(platform: dict[str, object]) -> "Json":
    (cluster,) = of_type(
        stage_resources(answers("dev", platform=platform), "runtime"), "Microsoft.ContainerService/managedClusters"
    )
    return at(cluster, "properties", "apiServerAccessProfile")


@pytest.mark.parametrize(("zone", "public_name"), [("system", False), ("none", True)])
def test_a_private_cluster_has_a_zone_or_a_public_name(zone: str, public_name: bool) -> None:
    assert _access({"cluster_zone": zone}) == {
        "enablePrivateCluster": True,
        "enablePrivateClusterPublicFQDN": public_name,
        "privateDNSZone": zone,
    }


def test_a_public_cluster_has_no_zone() -> None:
    access = _access({"private_api": False, "cluster_zone": "none"})
    assert isinstance(access, dict)
    assert "privateDNSZone" not in access


ID = "/providers/Microsoft.Network/privateDnsZones/privatelink.swedencentral.azmk8s.io"
SHARED = {"cluster_zone": "shared"}


@pytest.mark.parametrize(
    ("network", "group"),
    [
        ({"dns": "created"}, f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-ff-contoso-platform"),
        ({"dns": "existing", "dns_group_id": ZONES}, ZONES),
    ],
)
def test_a_shared_zone_is_given_by_its_id_and_the_cluster_may_write_to_it(
    network: dict[str, object], group: str
) -> None:
    given = answers("dev", network=network, platform=SHARED)
    (cluster,) = of_type(stage_resources(given, "runtime"), "Microsoft.ContainerService/managedClusters")
    access = at(cluster, "properties", "apiServerAccessProfile")
    assert access == {
        "enablePrivateCluster": True,
        "enablePrivateClusterPublicFQDN": False,
        "privateDNSZone": f"{group}{ID}",
    }
    scopes = {
        str(one["id"]).partition("/providers/Microsoft.Authorization/")[0]
        for one in of_type(stage_resources(given, "grants"), "Microsoft.Authorization/roleAssignments")
    }
    assert f"{group}{ID}" in scopes
    assert any(scope.endswith("/virtualNetworks/vnet-ff-contoso-dev") for scope in scopes)


def test_a_new_shared_zone_is_linked_to_the_hub_only() -> None:
    resources = stage_resources(answers("dev", platform=SHARED), "network")
    links = of_type(resources, "Microsoft.Network/privateDnsZones/virtualNetworkLinks")
    assert [str(link["id"]).rpartition("/")[2] for link in links if "azmk8s.io" in str(link["id"])] == ["to-hub"]


def test_the_regions_of_the_environments_have_a_zone_each() -> None:
    given = answers("dev", "prod", own={"prod": {"region": "westeurope"}}, platform=SHARED)
    zones = of_type(stage_resources(given, "network"), "Microsoft.Network/privateDnsZones")
    found = [str(zone["name"]) for zone in zones if "azmk8s" in str(zone["name"])]
    assert found == ["privatelink.swedencentral.azmk8s.io", "privatelink.westeurope.azmk8s.io"]


@pytest.mark.parametrize(
    ("network", "group"),
    [
        ({"dns": "created"}, f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-ff-contoso-dev"),
        ({"dns": "existing", "dns_group_id": ZONES}, ZONES),
        ({"dns": "policy"}, None),
    ],
)
def test_the_zone_of_container_apps_is_where_zones_may_be(network: dict[str, object], group: str | None) -> None:
    given = answers("dev", network=network, platform={"runtime": "container_apps"})
    zones = of_type(stage_resources(given, "controlplane"), "Microsoft.Network/privateDnsZones")
    assert [str(zone["id"]).partition("/providers/")[0] for zone in zones] == ([] if group is None else [group])
