"""Policies: each denial is named with its assignment, the answers that avoid it, and the exemption to ask for."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest
from typing_extensions import override

from installer.answers.draft import flatten
from installer.answers.model import Answers
from installer.cloud.errors import AzureRefused
from installer.cloud.rest import Method, Response
from installer.emulator.governance.policy.restrictions import restrictions_of
from installer.estate.parameters.context import Installation
from installer.json_access import JsonObject, as_object
from installer.jsontypes import Json
from installer.preflight.model import Result
from installer.preflight.policies.check import POLICY
from installer.preflight.policies.restrictions import answer_keys
from installer.preflight.reads import Reads
from installer.preflight.report import result_of
from installer.preflight.subject import Subject
from tests.bicep.answers_matrix import MATRIX
from tests.bicep.answers_variants import answers
from tests.cloud.no_cloud import FakeService
from tests.emulator.asgi_client import local
from tests.emulator.governance.landing_zone import CORP, landing_zone, needs_policies
from tests.emulator.test_survey import _policy
from tests.preflight.surveyed import checked, sample

ASSIGNED: Final[list[dict[str, Json]]] = [{"id": "/policy", "name": "p"}]


class Azure(FakeService):
    """Answers the check from a function, and counts how often it is asked."""

    def __init__(self, assignments: list[dict[str, Json]] | None) -> None:
        super().__init__()
        self.assignments = assignments
        self.asked: list[Mapping[str, Json]] = []

    @override
    def every(self, path: str, *, doing: str = "") -> list[dict[str, Json]]:
        """The assignments."""
        if self.assignments is None:
            raise AzureRefused("not yours to read", status=403)
        return self.assignments

    @override
    def reply(self, method: Method, path: str, body: Mapping[str, Json] | None, doing: str) -> Response:
        """The restrictions of a resource."""
        self.asked.append(body or {})
        return Response(200, self.restrictions(body or {}), "")

    def restrictions(self, body: Mapping[str, Json]) -> dict[str, Json]:
        """An audit of every resource."""
        del body
        evaluation: dict[str, Json] = {
            "policyInfo": {"policyAssignmentId": "/a/one", "policyDefinitionId": "/d/two"},
            "evaluationResult": "NonCompliant",
            "effectDetails": {"policyEffect": "Audit"},
        }
        return {"contentEvaluationResult": {"policyEvaluations": [evaluation]}}


class LandingZone(Azure):
    """A subscription in a corporate landing zone, judged by the embedded Azure."""

    def __init__(self, path: Path, *more: JsonObject) -> None:
        super().__init__(ASSIGNED)
        self.policies = local(path, survey=landing_zone(CORP, *more)).emulator.policies

    @override
    def restrictions(self, body: Mapping[str, Json]) -> dict[str, Json]:
        """The response of the embedded Azure."""
        return restrictions_of(self.policies, "", dict(body))


def result(azure: Azure, given: Answers) -> Result:
    """Result of the check in a subscription."""
    arm, graph = Reads(azure), Reads(azure)
    try:
        return result_of(POLICY, Subject(given, arm, graph, azure.target))
    finally:
        arm.close()
        graph.close()


def test_without_assignments_nothing_is_asked() -> None:
    azure = Azure([])
    assert result(azure, answers("dev")).state == "passed"
    assert azure.asked == []


def test_assignments_that_the_account_may_not_read_are_not_checked() -> None:
    found = result(Azure(None), answers("dev"))
    assert (found.state, found.findings) == ("not checked", ())


def test_audits_do_not_block_and_similar_resources_are_asked_about_once() -> None:
    azure = Azure(ASSIGNED)
    assert result(azure, answers("dev")).state == "passed"
    assert 20 < len(azure.asked) < 120
    assert all(as_object(body["resourceDetails"])["apiVersion"] for body in azure.asked)


def test_a_denial_names_policy_and_exemption(tmp_path: Path) -> None:
    closed: dict[str, Json] = {"field": "type", "equals": "Microsoft.DBforPostgreSQL/flexibleServers"}
    result = checked(tmp_path, POLICY, sample(), resources=_policy("no-postgres", closed))
    (finding,) = result.findings
    assert finding.what.startswith("the policy assignment no-postgres (no-postgres) denies Microsoft.DBforPostgreSQL")
    assert finding.code == "RequestDisallowedByPolicy"
    assert any("for an exemption at /subscriptions/" in way.text for way in finding.ways)


def test_the_answers_that_it_names_exist() -> None:
    known = set(flatten(answers("dev")))
    assert set(answer_keys()) <= known


PRIVATE: Final = [name for name, given in MATRIX.items() if given.network.mode != "public"]


@pytest.fixture(scope="module")
def corp(tmp_path_factory: pytest.TempPathFactory) -> LandingZone:
    """A subscription in a corporate landing zone, compiled once."""
    return LandingZone(tmp_path_factory.mktemp("corp"))


def has_external_apps(given: Answers) -> bool:
    """Whether other parts of the network call apps: the Prefect server and the web app on Container Apps."""
    it = Installation(given)
    servers = given.platform.prefect == "server" and any(not site.on_kubernetes for site in it.sites)
    return servers or given.platform.control_plane == "container_app"


@needs_policies
@pytest.mark.parametrize("name", PRIVATE)
def test_a_corporate_landing_zone_allows_private_installations_or_names_policy_answer_and_exemption(
    corp: LandingZone, name: str
) -> None:
    found = result(corp, MATRIX[name])
    if not has_external_apps(MATRIX[name]):
        assert found.state == "passed"
        return
    for finding in found.findings:
        told = f"{finding.what} {' '.join(way.sentence for way in finding.ways)}"
        assert "Deny-Public-Endpoints" in told
        assert "platform.runtime" in told
        assert "policyDefinitionReferenceIds [Deny-ContainerApps-Public-Network-Access]" in told
    assert found.state == "blocks"


@needs_policies
def test_with_the_exemption_that_it_names_the_installation_is_allowed(tmp_path: Path) -> None:
    home = MATRIX["05-mixed-runtimes"].subscription.subscription
    management = "/providers/Microsoft.Management/managementGroups/placeholder/providers/Microsoft.Authorization"
    exemption: JsonObject = {
        "id": f"/subscriptions/{home}/resourceGroups/rg-ff-contoso-dev/providers/Microsoft.Authorization/"
        "policyExemptions/apps",
        "properties": {
            "policyAssignmentId": f"{management}/policyAssignments/Deny-Public-Endpoints",
            "policyDefinitionReferenceIds": ["Deny-ContainerApps-Public-Network-Access"],
            "exemptionCategory": "Mitigated",
        },
    }
    assert result(LandingZone(tmp_path, exemption), MATRIX["05-mixed-runtimes"]).state == "passed"
