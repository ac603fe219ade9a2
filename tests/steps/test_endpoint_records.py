"""Stages whose private endpoints a policy registers in DNS: the next step waits, and asks when no policy does."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from installer.cloud.arm import Arm
from installer.cloud.rest import Service
from installer.errors import WaitingForInput
from installer.secret_store import Secrets
from installer.steps import endpoint_records
from installer.steps.endpoint_records import WaitForEndpointRecords
from installer.steps.plan import installation
from tests.bicep.answers_variants import SUBSCRIPTION, answers
from tests.cloud.no_cloud import TARGET
from tests.steps.prerequisites import put
from tests.steps.step_context import GROUPS, Attempt

if TYPE_CHECKING:
    from installer.jsontypes import Json

GROUP = f"{GROUPS}/rg-records"
ENDPOINT = f"{GROUP}/providers/Microsoft.Network/privateEndpoints/pe"
ZONE = f"{GROUP}/providers/Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net"


@pytest.fixture
def endpoint(azure: Service) -> Iterator[str]:
    put(azure, GROUP, "2025-04-01", location="swedencentral")
    subnets: Json = [{"name": "pe", "properties": {"addressPrefix": "10.9.0.0/24"}}]
    network = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet"
    space: Json = {"addressSpace": {"addressPrefixes": ["10.9.0.0/16"]}, "subnets": subnets}
    put(azure, network, "2025-05-01", location="swedencentral", properties=space)
    vault = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv-records"
    properties: Json = {
        "subnet": {"id": f"{network}/subnets/pe"},
        "privateLinkServiceConnections": [
            {"name": "c", "properties": {"privateLinkServiceId": vault, "groupIds": ["vault"]}}
        ],
    }
    put(azure, ENDPOINT, "2025-05-01", location="swedencentral", properties=properties)
    yield ENDPOINT
    azure.ask("DELETE", f"{ENDPOINT}?api-version=2025-05-01")


def register(azure: Service) -> None:
    put(azure, ZONE, "2024-06-01", location="global")
    configs: Json = {"privateDnsZoneConfigs": [{"name": "zone", "properties": {"privateDnsZoneId": ZONE}}]}
    put(azure, f"{ENDPOINT}/privateDnsZoneGroups/deployedByPolicy", "2025-05-01", properties=configs)


def test_a_registered_endpoint_is_not_waited_for(azure: Service, endpoint: str) -> None:
    register(azure)
    assert Attempt().run(WaitForEndpointRecords(azure, "data", "Data", (endpoint,)))[0] == "was so"


def test_without_a_policy_the_user_is_asked_for_the_records(
    azure: Service, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint_records, "TIMEOUT_SECONDS", 0.0)
    attempt = Attempt()
    with pytest.raises(WaitingForInput, match="question records-data: no policy has registered") as caught:
        attempt.run(WaitForEndpointRecords(azure, "data", "Data", (endpoint,)))
    assert "A 10.9.0.4 (pe)" in str(caught.value)


def test_every_step_after_a_stage_waits_for_its_records() -> None:
    arm = Arm(TARGET, SUBSCRIPTION)
    given = answers("dev", network={"dns": "policy"})
    steps = {step.key: step for step in installation(given, arm, secrets=Secrets(), run="r")}
    assert {"records-network", "records-data", "records-controlplane-dev"} <= set(steps)
    users = {key for key, step in steps.items() if "data" in step.needs}
    assert users == {"records-data"}
    assert "records-data" in steps["bootstrap-dev"].needs
    assert "records-network" in steps["data"].needs
    without = {step.key for step in installation(answers("dev"), arm, secrets=Secrets(), run="r")}
    assert not any(key.startswith("records-") for key in without)
