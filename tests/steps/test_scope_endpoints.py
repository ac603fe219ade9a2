"""An existing network that is connected to a private link scope of others is refused before the first write."""

from typing import TYPE_CHECKING

import pytest

from installer.cloud.rest import Service
from installer.errors import CheckBlocked
from installer.estate.parameters.context import Installation
from installer.estate.parameters.private_link import scope_id
from installer.resource_id import name_of
from installer.steps.scope_endpoints import CheckScopeEndpoints, checks_scope_endpoints
from tests.bicep.answers_variants import HUB, OTHER, answers
from tests.steps.prerequisites import put
from tests.steps.step_context import Attempt

if TYPE_CHECKING:
    from installer.jsontypes import Json

THEIRS = f"/subscriptions/{OTHER}/resourceGroups/rg-monitor"


def installation(hub: str = "vnet-scopes", mode: str = "open") -> Installation:
    network = {
        "mode": "existing_hub",
        "hub_id": HUB.replace("vnet-hub", hub),
        "hub_subnet": "snet-endpoints",
        "dns": "created",
    }
    return Installation(answers("dev", network=network, monitoring={"private_link": mode}))


def connect(azure: Service, hub: str, target: str) -> None:
    put(azure, THEIRS, "2025-04-01", location="swedencentral")
    connection: Json = {
        "name": "pe",
        "properties": {"privateLinkServiceId": target, "groupIds": ["azuremonitor"]},
    }
    properties: Json = {"subnet": {"id": f"{hub}/subnets/shared"}, "privateLinkServiceConnections": [connection]}
    endpoint = f"{THEIRS}/providers/Microsoft.Network/privateEndpoints/pe-{name_of(hub)}"
    put(azure, endpoint, "2025-05-01", location="swedencentral", properties=properties)


def test_a_scope_of_others_is_refused_with_its_name(azure: Service) -> None:
    it = installation()
    assert Attempt().run(CheckScopeEndpoints(azure, it)) == ("done", {})
    scope = f"{THEIRS}/providers/Microsoft.Insights/privateLinkScopes/ampls-shared"
    connect(azure, it.answers.network.hub_id, scope)
    with pytest.raises(CheckBlocked, match="Private link scope with none") as caught:
        Attempt().run(CheckScopeEndpoints(azure, it))
    assert f"vnet-scopes is connected to {scope}" in str(caught.value)
    assert Attempt().run(CheckScopeEndpoints(azure, installation("vnet-without"))) == ("done", {})


def test_the_endpoint_of_a_former_run_is_no_obstacle(azure: Service) -> None:
    it = installation("vnet-again")
    connect(azure, it.answers.network.hub_id, scope_id(it))
    assert Attempt().run(CheckScopeEndpoints(azure, it)) == ("done", {})


@pytest.mark.parametrize(("mode", "checked"), [("none", False), ("open", True), ("private_only", True)])
def test_only_existing_networks_with_a_scope_are_checked(mode: str, checked: bool) -> None:
    assert checks_scope_endpoints(installation(mode=mode)) is checked
    assert not checks_scope_endpoints(Installation(answers("dev", monitoring={"private_link": mode})))
