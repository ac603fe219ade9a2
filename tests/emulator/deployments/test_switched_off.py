"""Resources that the answers no longer ask for: deleted, switched off or named by the next run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest
from typing_extensions import override

from installer.answers.model import Answers
from installer.cloud.errors import AzureRefused
from installer.cloud.rest import Response, Service
from installer.estate.changes import compare
from installer.estate.resource_type_names import type_name
from installer.estate.resources import Planned, resources
from installer.json_access import as_object, member, objects_of
from installer.jsontypes import Json
from installer.resource_id import parse_id
from installer.steps.changed_answers import REMOVABLE, RemoveLeftOver, existing
from tests.bicep.answers_variants import WAF, answers
from tests.cloud.no_cloud import TARGET
from tests.emulator.asgi_client import Local
from tests.emulator.deployments.deployed_estate import DeployedEstate, new_estate
from tests.emulator.in_memory import run
from tests.steps.step_context import Attempt

MONITORING: Final[Mapping[str, object]] = {
    "emails": ["data@contoso.com"],
    "budget": 100,
    "budget_start": "2026-12-01",
    "storage_backup": True,
    "private_link": "private_only",
}

INGRESS: Final[Mapping[str, object]] = {"kind": "gateway", **WAF}
LIFECYCLE: Final[Mapping[str, object]] = {"landing_days": 5, "cool_after_days": 30}


def _answers(
    *,
    monitoring: Mapping[str, object] = MONITORING,
    ingress: Mapping[str, object] = INGRESS,
    data: Mapping[str, object] = LIFECYCLE,
) -> Answers:
    """Everything that can be switched off, but for the given pages."""
    return answers("dev", region="eastasia", monitoring=monitoring, ingress=ingress, data=data)


EVERYTHING: Final = _answers()


class InProcess(Service):
    """Azure Resource Manager of an embedded Azure in this process."""

    def __init__(self, azure: Local) -> None:
        super().__init__(TARGET, "", "")
        self._azure = azure

    @override
    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Json] | None = None,
        *,
        prefer: str = "",
        doing: str = "",
        most: int = 0,
    ) -> Response:
        async def answered() -> Response:
            reply = await self._azure.ask(method, path, None if body is None else dict(body))
            if reply.status >= 400:
                raise AzureRefused(doing or reply.text, status=reply.status, error=reply.json)
            await self._azure.done()
            return Response(reply.status, reply.json)

        return run(answered())


@dataclass(frozen=True)
class SwitchedOff:
    """The installation after a run with other answers, and what that run has deleted and named."""

    estate: DeployedEstate
    deleted: frozenset[str]
    named: tuple[str, ...]

    def content(self, kind: str, *path: str) -> Json:
        """A member of the only resource of a type."""
        (found,) = self.estate.azure.emulator.resources.of_type(kind)
        return member(dict(self.estate.azure.emulator.view(found)), *path)


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedEstate]:
    """An installation with everything that can be switched off."""
    estate = new_estate(tmp_path_factory.mktemp("everything"), EVERYTHING)
    run(estate.deploy(EVERYTHING, all_stages=True))
    yield estate
    estate.azure.database.close()


def _remove(estate: DeployedEstate, left_over: tuple[Planned, ...]) -> SwitchedOff:
    before = [one for one in left_over if estate.azure.emulator.resources.get(one.id) is not None]
    attempt = Attempt()
    assert attempt.run(RemoveLeftOver(InProcess(estate.azure), left_over, ()))[0] == "done"
    gone = frozenset(one.id for one in before if estate.azure.emulator.resources.get(one.id) is None)
    return SwitchedOff(estate, gone, tuple(str(one.data["left"]) for one in attempt.events if one.data.get("left")))


@pytest.fixture
def after(everything: DeployedEstate, request: pytest.FixtureRequest) -> Iterator[SwitchedOff]:
    """The installation after a run with the answers of the test's parameter."""
    new = _answers(**request.param)
    with TemporaryDirectory() as folder:
        estate = everything.copy(Path(folder), new)
        run(estate.deploy(new, all_stages=False))
        yield _remove(estate, existing(estate.reader, compare(EVERYTHING, new), estate.outputs).left_over)
        estate.azure.database.close()


def _kinds(ids: frozenset[str]) -> set[str]:
    return {parsed.type.rpartition("/")[2] for one in ids if (parsed := parse_id(one)) is not None}


def test_every_type_that_a_run_may_delete_is_deleted(everything: DeployedEstate) -> None:
    """Each by its own id and API version, diagnostic settings of every resource among them."""
    wanted = tuple(one for one in resources(EVERYTHING) if one.type.lower() in REMOVABLE)
    assert {one.type.lower() for one in wanted} == REMOVABLE
    assert len(wanted) > 15
    with TemporaryDirectory() as folder:
        estate = everything.copy(Path(folder), EVERYTHING)
        found = _remove(estate, wanted)
        assert found.deleted == {one.id for one in wanted}
        assert found.named == ()
        estate.azure.database.close()


@pytest.mark.parametrize(
    ("after", "kinds"),
    [
        pytest.param({"monitoring": {**MONITORING, "budget": 0}}, {"budgets"}, id="budget"),
        pytest.param(
            {"monitoring": {**MONITORING, "emails": []}},
            {"actionGroups", "metricAlerts", "scheduledQueryRules"},
            id="alerts",
        ),
        pytest.param({"ingress": {"kind": "private"}}, {"webtests", "metricAlerts"}, id="availability test"),
    ],
    indirect=["after"],
)
def test_monitoring_that_is_switched_off_is_deleted(after: SwitchedOff, kinds: set[str]) -> None:
    assert _kinds(after.deleted) == kinds
    titles = {parsed.name: type_name(parsed.type) for one in after.deleted if (parsed := parse_id(one)) is not None}
    assert titles
    left = {name for name, title in titles.items() if any(f"{name} ({title}" in text for text in after.named)}
    assert left == set()


@pytest.mark.parametrize("after", [{"ingress": {"kind": "private"}}], indirect=True)
def test_an_ingress_that_is_switched_off_is_named_with_its_address_and_rules(after: SwitchedOff) -> None:
    named = " ".join(after.named)
    for kind in ("Application gateway", "Public IP address", "Application Gateway WAF policy"):
        assert f"({kind} in rg-ff-contoso-dev)" in named


@pytest.mark.parametrize("after", [{"monitoring": {**MONITORING, "storage_backup": False}}], indirect=True)
def test_a_backup_that_is_switched_off_is_named_and_its_copies_are_kept(after: SwitchedOff) -> None:
    assert any(text.startswith("No longer wanted: bvault-ff-contoso-dev (Backup vault") for text in after.named)
    assert after.content("Microsoft.DataProtection/backupVaults/backupInstances", "name")


@pytest.mark.parametrize("after", [{"monitoring": {**MONITORING, "container_insights": False}}], indirect=True)
def test_an_add_on_that_is_switched_off_is_disabled_by_name_and_its_rule_is_named(after: SwitchedOff) -> None:
    add_ons = as_object(after.content("Microsoft.ContainerService/managedClusters", "properties", "addonProfiles"))
    assert {name: member(one, "enabled") for name, one in add_ons.items()} == {
        "azureKeyvaultSecretsProvider": True,
        "omsagent": False,
    }
    assert any("(Data collection rule in" in text for text in after.named)


@pytest.mark.parametrize("after", [{"monitoring": {**MONITORING, "private_link": "none"}}], indirect=True)
def test_a_private_link_that_is_switched_off_opens_the_workspace_and_is_named(after: SwitchedOff) -> None:
    workspace = "Microsoft.OperationalInsights/workspaces"
    assert after.content(workspace, "properties", "publicNetworkAccessForIngestion") == "Enabled"
    assert _kinds(after.deleted) == {"dataCollectionRuleAssociations"}
    named = " ".join(after.named)
    for kind in (
        "Azure Monitor private link scope",
        "Private endpoint",
        "Data collection endpoint",
        "Private DNS zone",
    ):
        assert f"({kind} in rg-ff-contoso-" in named
    assert all(
        member(dict(rule.desired), "properties", "dataCollectionEndpointId") is None
        for rule in after.estate.azure.emulator.resources.of_type("Microsoft.Insights/dataCollectionRules")
    )


@pytest.mark.parametrize("after", [{"data": {"landing_days": 0, "cool_after_days": 0}}], indirect=True)
def test_a_lifecycle_rule_that_is_switched_off_is_disabled(after: SwitchedOff) -> None:
    rules = after.content("Microsoft.Storage/storageAccounts/managementPolicies", "properties", "policy", "rules")
    assert {str(rule["name"]): rule["enabled"] for rule in objects_of(rules)} == {"cool": False, "landing": False}
