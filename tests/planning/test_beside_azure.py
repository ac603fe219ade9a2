"""Beside what-if a plan has app registrations, secrets by name, objects in Prefect, DNS records and approvals."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from typing_extensions import override

from installer.cloud.arm import Arm
from installer.cloud.errors import AzureRefused
from installer.cloud.rest import Method, Response, Service
from installer.estate import keys
from installer.jsontypes import Json
from installer.planning.make import make_plan
from installer.planning.model import Change
from installer.planning.prefect_objects import prefect_changes
from installer.planning.property_changes import HIDDEN, property_changes
from installer.planning.public_names import record_changes
from installer.steps.dns_records import DnsRecord, EnsureDnsRecords
from tests.bicep.answers_variants import answers
from tests.cloud.no_cloud import TARGET, FakeService
from tests.emulator.deployments.deployed_estate import new_estate
from tests.planning.local_arm import LocalArm

SERVED = (keys.runtime("dev"), keys.control_plane("dev"))
DEPLOYED = {key: dict[str, str | None]() for key in SERVED}
"""Outputs of the stages that an environment of Prefect needs."""
ANSWERS = answers("dev", sign_on={"method": "secretless", "registration": "new"})


@pytest.fixture
def arm(tmp_path: Path) -> Iterator[LocalArm]:
    estate = new_estate(tmp_path, ANSWERS)
    found = LocalArm(estate.azure, ANSWERS.subscription.subscription)
    yield found
    found.close()
    estate.azure.database.close()


def of(changes: tuple[Change, ...], family: str) -> dict[str, str]:
    return {change.name: change.change for change in changes if change.family == family}


def test_an_empty_subscription_gets_everything(arm: LocalArm) -> None:
    plan = make_plan(ANSWERS, arm)
    assert list(of(plan.changes, "directory").values()) == ["create"]
    assert of(plan.changes, "prefect")["flowforge-dev"] == "create"
    assert set(of(plan.changes, "secret").values()) == {"create"}
    assert "secret" not in str([one.properties for one in plan.changes if one.family == "secret"]).lower()


def test_objects_in_prefect_are_compared_with_the_answers_of_the_last_run() -> None:
    larger = ANSWERS.model_copy(update={"sizing": ANSWERS.sizing.model_copy(update={"worker_nodes": 9})})
    changes = {one.name: one for one in prefect_changes(larger, ANSWERS, "", DEPLOYED)}
    pool = changes["flowforge-dev"]
    assert (pool.change, pool.paths) == ("change", ("concurrency_limit",))
    assert pool.properties[0].before != pool.properties[0].after
    assert changes["flowforge"].change == "same"
    assert changes["canary-dev"].change == "unknown"


@pytest.mark.parametrize("missing", SERVED)
def test_a_run_that_ended_before_its_server_was_deployed_has_registered_nothing(missing: str) -> None:
    outputs = {key: found for key, found in DEPLOYED.items() if key != missing}
    assert {one.change for one in prefect_changes(ANSWERS, ANSWERS, "", outputs)} == {"create"}


def test_a_pool_of_another_type_is_replaced() -> None:
    apps = answers("dev", platform={"runtime": "container_apps"})
    changes = {one.name: one for one in prefect_changes(apps, ANSWERS, "", DEPLOYED)}
    assert changes["flowforge-dev"].change == "replace"


def test_noise_is_counted_and_secrets_are_hidden() -> None:
    found, noise = property_changes(
        [
            {"path": "properties.minimumTlsVersion", "propertyChangeType": "Delete", "before": "TLS1_2"},
            {"path": "properties.state", "propertyChangeType": "NoEffect", "after": "x"},
            {"path": "properties.id", "propertyChangeType": "Modify", "before": "/A/b", "after": "/a/b"},
            {"path": "tags.owner", "propertyChangeType": "Delete", "before": "ada"},
            {"path": "properties.adminPassword", "propertyChangeType": "Create", "after": "hush"},
            {
                "path": "properties.rules",
                "propertyChangeType": "Array",
                "children": [{"path": "1", "propertyChangeType": "Delete", "before": {"name": "r", "secret": "hush"}}],
            },
        ]
    )
    assert noise == ("properties.minimumTlsVersion", "properties.state", "properties.id")
    assert [one.path for one in found] == ["tags.owner", "properties.adminPassword", "properties.rules.1"]
    assert found[1].after == HIDDEN
    assert found[2].before == {"name": "r", "secret": HIDDEN}


def test_defaults_within_an_element_are_noise_and_a_removed_element_is_not() -> None:
    def within(kind: str, path: str, **values: str) -> list[Json]:
        inner: Json = {"path": path, "propertyChangeType": kind, **values}
        element: Json = {"path": "0", "propertyChangeType": "Modify", "children": [inner]}
        gone: Json = {"path": "1", "propertyChangeType": "Delete", "before": {"name": "theirs"}}
        return [{"path": "properties.list", "propertyChangeType": "Array", "children": [element, gone]}]

    found, noise = property_changes(within("Delete", "username", before=""))
    assert ([one.path for one in found], noise) == (["properties.list.1"], ("properties.list.0.username",))
    found, noise = property_changes(within("Modify", "server", before="a", after="b"))
    assert ([one.path for one in found], noise) == (["properties.list.0.server", "properties.list.1"], ())


def test_a_value_that_azure_never_returns_is_no_change() -> None:
    delta: Json = [
        {
            "path": "properties.configuration.secrets",
            "propertyChangeType": "Array",
            "children": [
                {
                    "path": "0",
                    "propertyChangeType": "Modify",
                    "children": [{"path": "value", "propertyChangeType": "Create", "after": "x"}],
                }
            ],
        }
    ]
    path = "properties.configuration.secrets.0.value"
    assert property_changes(delta, "Microsoft.App/containerApps") == ([], (path,))
    assert property_changes(delta, "Microsoft.Web/sites")[0][0].path == path


AT_THE_EDGE = answers("prod", ingress={"kind": "frontdoor", "host": "contoso.com"})


class Refused(FakeService):
    """A service that refuses everything."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status

    @override
    def reply(self, method: Method, path: str, body: Mapping[str, Json] | None, doing: str) -> Response:
        raise AzureRefused(doing, status=self.status)


def arm_of(service: Service) -> Arm:
    found = Arm(TARGET, AT_THE_EDGE.subscription.subscription)
    found.service = service
    return found


def test_dns_records_that_may_not_be_read_leave_a_plan_and_azure_out_of_reach_does_not() -> None:
    gaps: list[str] = []
    (change,) = record_changes(AT_THE_EDGE, arm_of(Refused(403)), gaps)
    assert (change.change, change.family) == ("unknown", "dns")
    assert gaps == ["DNS records of contoso.com: this account may not read its zone or its ingress"]
    with pytest.raises(AzureRefused):
        list(record_changes(AT_THE_EDGE, arm_of(Refused(0)), gaps))


def test_a_cname_at_the_apex_of_a_zone_is_by_its_owner_as_in_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    zone = "/subscriptions/s/resourceGroups/rg-dns/providers/Microsoft.Network/dnszones/contoso.com"
    required = [DnsRecord("CNAME", "contoso.com", "x.azurefd.net"), DnsRecord("TXT", "_dnsauth.contoso.com", "1")]
    monkeypatch.setattr(EnsureDnsRecords, "compare", lambda _step: ((one, zone, ()) for one in required))
    words = {one.name: one.change for one in record_changes(AT_THE_EDGE, arm_of(Refused(404)), [])}
    assert words == {"contoso.com": "wait", "_dnsauth.contoso.com": "create"}
