"""New private DNS zones are refused before the first write if an existing hub has zones of the same names."""

from typing import TYPE_CHECKING

import pytest

from installer.cloud.errors import AzureRefused
from installer.cloud.rest import Service
from installer.errors import CheckBlocked
from installer.estate.parameters.context import Installation
from installer.steps.zone_links import CheckZoneLinks, checks_zone_links
from tests.bicep.answers_variants import HUB, OTHER, answers
from tests.steps.prerequisites import put
from tests.steps.step_context import Attempt

if TYPE_CHECKING:
    from installer.jsontypes import Json
from installer.resource_id import name_of

THEIRS = f"/subscriptions/{OTHER}/resourceGroups/rg-dns-links"
ZONE = "privatelink.blob.core.windows.net"


def installation(**network: str) -> Installation:
    hub = HUB.replace("vnet-hub", "vnet-links")
    return Installation(
        answers("dev", network={"mode": "existing_hub", "hub_id": hub, "hub_subnet": "snet-endpoints", **network})
    )


def link(azure: Service, network: str) -> None:
    put(azure, THEIRS, "2025-04-01", location="swedencentral")
    zone = f"{THEIRS}/providers/Microsoft.Network/privateDnsZones/{ZONE}"
    put(azure, zone, "2024-06-01", location="global")
    properties: Json = {"registrationEnabled": False, "virtualNetwork": {"id": network}}
    put(azure, f"{zone}/virtualNetworkLinks/{name_of(network)}", "2024-06-01", location="global", properties=properties)


def test_zones_that_the_hub_is_linked_to_are_refused_with_their_group(azure: Service) -> None:
    it = installation(dns="created")
    assert Attempt().run(CheckZoneLinks(azure, it)) == ("done", {})
    link(azure, it.answers.network.hub_id)
    with pytest.raises(CheckBlocked) as caught:
        Attempt().run(CheckZoneLinks(azure, it))
    assert f"{ZONE} is linked to vnet-links" in str(caught.value)
    assert THEIRS in str(caught.value)


def test_azure_refuses_a_second_zone_of_the_same_name(azure: Service) -> None:
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


@pytest.mark.parametrize(("dns", "checked"), [("created", True), ("existing", False), ("policy", False)])
def test_only_new_zones_are_checked(dns: str, checked: bool) -> None:
    assert checks_zone_links(installation(dns=dns)) is checked


def test_existing_zones_are_the_default_with_an_existing_hub() -> None:
    assert installation().answers.network.dns == "existing"
    assert answers("dev").network.dns == "created"
