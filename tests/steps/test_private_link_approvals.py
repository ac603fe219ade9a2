"""Connections of Front Door, Data Factory and Synapse are approved once, those of others never."""

from collections.abc import Mapping

import pytest

from installer.answers.model import Answers
from installer.cloud.errors import AzureRefused
from installer.cloud.rest import Response, Service
from installer.errors import VerificationFailed, WaitingForInput
from installer.estate.parameters.context import Installation
from installer.jsontypes import Json
from installer.steps.private_link_approvals import (
    ApprovePrivateEndpoints,
    Connection,
    ExpectedConnection,
    connections_to_approve,
)
from tests.bicep.answers_variants import CLIENT, answers
from tests.steps.prerequisites import put
from tests.steps.step_context import GROUPS, Attempt

FRONT_DOOR = answers("prod", prefix="appr", ingress={"kind": "frontdoor", "host": "flowforge.contoso.com"})
SYNAPSE = answers(
    "dev",
    prefix="appr",
    integrations={"synapse": True},
    sign_on={"admin_group": CLIENT, "admin_group_name": "sg-data-admins"},
)
FACTORY = answers("dev", prefix="appr", integrations={"data_factory": True})


class Stub:
    """An Azure with configured connections; `allowed`: they may be approved."""

    class target:  # noqa: N801  a stub of the target
        """Passes quickly."""

        speed = 100_000.0

    def __init__(self, *states: tuple[str, str], allowed: bool = True) -> None:
        self.connections: list[dict[str, Json]] = [
            {
                "id": f"{GROUPS}/rg/providers/Microsoft.Web/sites/s/privateEndpointConnections/c{number}",
                "properties": {"privateLinkServiceConnectionState": {"status": status, "description": said}},
            }
            for number, (status, said) in enumerate(states)
        ]
        self.allowed = allowed
        self.written: list[str] = []

    def every(self, path: str, *, doing: str = "") -> list[dict[str, Json]]:  # noqa: ARG002  the service's
        """All of them."""
        return self.connections

    def ask(self, method: str, path: str, body: Mapping[str, Json], *, doing: str = "") -> Response:  # noqa: ARG002
        """Approves one."""
        if not self.allowed:
            raise AzureRefused("no", status=403)
        self.written.append(path)
        one = next(found for found in self.connections if path.startswith(f"{found['id']}?"))
        one["properties"] = body["properties"]
        return Response(200)


def step(stub: Stub, sign: str = "FlowForge contoso dev") -> ApprovePrivateEndpoints:
    target = f"{GROUPS}/rg/providers/Microsoft.Web/sites/s"
    return ApprovePrivateEndpoints(stub, "dev", (ExpectedConnection("Front Door", target, sign),), ())  # type: ignore[arg-type]


def test_only_ours_is_approved_and_only_once() -> None:
    stub = Stub(("Pending", "FlowForge contoso dev2"), ("Pending", "FlowForge contoso dev"), ("Pending", "let me in"))
    attempt = Attempt()
    state, outputs = attempt.run(step(stub))
    assert state == "done"
    assert [path.partition("?")[0].rsplit("/", 1)[-1] for path in stub.written] == ["c1"]
    assert outputs == {"approved": [stub.connections[1]["id"]]}
    assert attempt.run(step(stub))[0] == "was so"
    assert len(stub.written) == 1


def test_without_the_right_the_command_for_an_administrator_is_shown() -> None:
    stub = Stub(("Pending", "FlowForge contoso dev"), allowed=False)
    with pytest.raises(WaitingForInput, match="az network private-endpoint-connection approve --id") as caught:
        Attempt().run(step(stub))
    assert "'FlowForge contoso dev'" in str(caught.value)
    assert caught.value.exit_code == 7


def test_a_message_cannot_smuggle_a_command_into_ours() -> None:
    stub = Stub(("Pending", 'FlowForge contoso dev"; rm -rf ~; "'), allowed=False)
    with pytest.raises(WaitingForInput) as caught:
        Attempt().run(step(stub))
    assert "'FlowForge contoso dev\"; rm -rf ~; \"'" in str(caught.value)


def test_a_rejected_connection_is_left_to_its_owner() -> None:
    with pytest.raises(WaitingForInput, match="rejected"):
        Attempt().run(step(Stub(("Rejected", "FlowForge contoso dev"))))


def test_a_request_that_never_arrives_is_reported() -> None:
    with pytest.raises(VerificationFailed, match="no connection request from Front Door"):
        Attempt().run(step(Stub()))


@pytest.mark.parametrize(
    "endpoint",
    ["/subscriptions/m/providers/Microsoft.Network/privateEndpoints/adf-x.lake", "/x/factories/adf-x/y/lake"],
)
def test_a_factory_is_known_by_its_name_in_the_endpoint(endpoint: str) -> None:
    wanted = ExpectedConnection("Data Factory", "/t", "adf-x")
    assert Connection("/c", "Pending", "", endpoint).is_of(wanted)
    assert not Connection("/c", "Pending", "", endpoint.replace("adf-x", "adf-xy")).is_of(wanted)


@pytest.mark.parametrize(
    ("given", "who"), [(FRONT_DOOR, "Front Door"), (FACTORY, "Data Factory"), (SYNAPSE, "Synapse")]
)
def test_in_the_embedded_azure(azure: Service, given: Answers, who: str) -> None:
    it = Installation(given)
    (environment,) = it.environments
    (wanted,) = connections_to_approve(it, environment)
    assert wanted.who == who
    built(azure, it, environment)
    approvals = ApprovePrivateEndpoints(azure, environment, (wanted,), ())
    assert approvals.check(Attempt().context(approvals)) is None
    state, outputs = Attempt().run(approvals)
    assert state == "done"
    assert len(outputs["approved"]) == 1  # type: ignore[arg-type]
    assert Attempt().run(approvals)[0] == "was so"


def built(azure: Service, it: Installation, environment: str) -> None:
    """The requesting services and their targets."""
    names = it.names
    group = f"{GROUPS}/{names.group(environment)}"
    put(azure, group, "2025-04-01", location="swedencentral")
    providers = f"{group}/providers"
    if it.answers.integrations.data_factory:
        lake = f"{providers}/Microsoft.Storage/storageAccounts/{names.storage_account(environment)}"
        put(azure, lake, "2025-06-01", location="swedencentral", sku={"name": "Standard_LRS"}, kind="StorageV2")
        factory = f"{providers}/Microsoft.DataFactory/factories/{names.data_factory(environment)}"
        put(azure, factory, "2018-06-01", location="swedencentral", properties={})
        network = f"{factory}/managedVirtualNetworks/default"
        put(azure, network, "2018-06-01", properties={})
        link: dict[str, Json] = {"groupId": "dfs", "privateLinkResourceId": lake}
        put(azure, f"{network}/managedPrivateEndpoints/lake", "2018-06-01", properties=link)
        return
    if it.answers.integrations.synapse:
        lake = f"{providers}/Microsoft.Storage/storageAccounts/{names.storage_account(environment)}"
        put(azure, lake, "2025-06-01", location="swedencentral", sku={"name": "Standard_LRS"}, kind="StorageV2")
        storage: dict[str, Json] = {"resourceId": lake, "createManagedPrivateEndpoint": True}
        workspace = f"{providers}/Microsoft.Synapse/workspaces/{names.synapse(environment)}"
        put(azure, workspace, "2021-06-01", location="swedencentral", properties={"defaultDataLakeStorage": storage})
        return
    plan = f"{providers}/Microsoft.Web/serverfarms/plan"
    put(azure, plan, "2025-03-01", location="swedencentral", sku={"name": "P0v3"}, properties={"reserved": True})
    site = f"{providers}/Microsoft.Web/sites/{names.site(environment)}"
    put(azure, site, "2025-03-01", location="swedencentral", properties={"serverFarmId": plan})
    profile = f"{providers}/Microsoft.Cdn/profiles/{names.front_door(environment)}"
    put(azure, profile, "2025-06-01", location="global", sku={"name": "Premium_AzureFrontDoor"})
    group_id = f"{profile}/originGroups/web"
    balancing: Json = {"sampleSize": 4, "successfulSamplesRequired": 3}
    put(azure, group_id, "2025-06-01", properties={"loadBalancingSettings": balancing})
    private: Json = {
        "privateLink": {"id": site},
        "groupId": "sites",
        "privateLinkLocation": "swedencentral",
        "requestMessage": connections_to_approve(it, environment)[0].sign,
    }
    origin: Json = {"hostName": names.site_host(environment), "sharedPrivateLinkResource": private}
    put(azure, f"{group_id}/origins/web", "2025-06-01", properties=origin)
