"""The API server of a private cluster has a name: in a zone that AKS creates, or in public DNS."""

from typing import TYPE_CHECKING

import pytest

from tests.bicep.answers_variants import answers
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
