"""Policies are asked before the first write; a denial names policy, answers and exemption."""

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
from installer.errors import CheckBlocked
from installer.estate import keys
from installer.estate.parameters.context import Installation
from installer.json_access import JsonObject, as_object
from installer.jsontypes import Json
from installer.steps.policy_check import CheckPolicies
from installer.steps.policy_restrictions import answer_keys
from installer.steps.resource_providers import RegisterProviders
from tests.bicep.answers_matrix import MATRIX
from tests.bicep.answers_variants import answers
from tests.cloud.no_cloud import FakeService
from tests.emulator.asgi_client import local
from tests.emulator.governance.landing_zone import CORP, landing_zone, needs_policies
from tests.steps.step_context import Attempt

ASSIGNED: Final[list[dict[str, Json]]] = [{"id": "/policy", "name": "p"}]


class Azure(FakeService):
    """Answers the check from a function, and counts how often it is asked."""

    def __init__(self, assignments: list[dict[str, Json]] | None, effect: str = "") -> None:
        super().__init__()
        self.assignments, self.effect = assignments, effect
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
        """The same evaluation for every resource."""
        del body
        evaluation: dict[str, Json] = {
            "policyInfo": {"policyAssignmentId": "/a/one", "policyDefinitionId": "/d/two"},
            "evaluationResult": "NonCompliant",
            "effectDetails": {"policyEffect": self.effect},
        }
        return {"contentEvaluationResult": {"policyEvaluations": [evaluation] if self.effect else []}}


class LandingZone(Azure):
    """A subscription in a corporate landing zone, judged by the embedded Azure."""

    def __init__(self, path: Path, *more: JsonObject) -> None:
        super().__init__(ASSIGNED)
        self.policies = local(path, survey=landing_zone(CORP, *more)).emulator.policies

    @override
    def restrictions(self, body: Mapping[str, Json]) -> dict[str, Json]:
        """The response of the embedded Azure."""
        return restrictions_of(self.policies, "", dict(body))


def step(azure: Azure, name: str = "") -> CheckPolicies:
    """The step for an answers file of the matrix, or the least answers."""
    found = next((item for key, item in MATRIX.items() if key.startswith(name)), None) if name else None
    return CheckPolicies(azure, found or answers("dev"), ("s",))


def check(one: CheckPolicies) -> object:
    """Result of the step's check."""
    return one.check(Attempt().context(one))


def apply(one: CheckPolicies) -> object:
    """Result of the step's work."""
    return one.apply(Attempt().context(one))


def test_it_comes_before_the_first_write() -> None:
    assert RegisterProviders.needs == (keys.POLICIES,)


def test_without_assignments_nothing_is_asked() -> None:
    azure = Azure([])
    assert check(step(azure)) == {}
    assert azure.asked == []
    assert check(step(Azure(None))) == {}
    assert check(step(Azure(ASSIGNED))) is None


def test_audits_do_not_block_and_similar_resources_are_asked_about_once() -> None:
    azure = Azure(ASSIGNED, "Audit")
    assert apply(step(azure)) == {}
    assert 20 < len(azure.asked) < 120
    assert all(as_object(body["resourceDetails"])["apiVersion"] for body in azure.asked)


def test_a_denial_names_policy_answers_and_exemption() -> None:
    with pytest.raises(CheckBlocked) as blocked:
        apply(step(Azure(ASSIGNED, "Deny")))
    text = str(blocked.value)
    assert "the policy assignment one denies Microsoft.Resources/resourceGroups" in text
    assert "governance.tags" in text
    assert "exemption at /subscriptions/" in text
    assert "policyAssignmentId /a/one" in text
    assert "more" in text.splitlines()[-1]


def test_the_answers_that_it_names_exist() -> None:
    known = set(flatten(answers("dev")))
    assert set(answer_keys()) <= known


PRIVATE: Final = [name for name, given in MATRIX.items() if given.network.mode != "public"]


@pytest.fixture(scope="module")
def corp(tmp_path_factory: pytest.TempPathFactory) -> LandingZone:
    """A subscription in a corporate landing zone, compiled once."""
    return LandingZone(tmp_path_factory.mktemp("corp"))


def external_apps(given: Answers) -> int:
    """Number of apps that other parts of the network call: the Prefect server and the web app on Container Apps."""
    it = Installation(given)
    servers = sum(not site.on_kubernetes for site in it.sites) if given.platform.prefect == "server" else 0
    return servers + (len(it.sites) if given.platform.control_plane == "container_app" else 0)


@needs_policies
@pytest.mark.parametrize("name", PRIVATE)
def test_a_corporate_landing_zone_allows_private_installations_or_names_policy_answer_and_exemption(
    corp: LandingZone, name: str
) -> None:
    given = MATRIX[name]
    if not external_apps(given):
        assert apply(CheckPolicies(corp, given, ("s",))) == {}
        return
    with pytest.raises(CheckBlocked) as blocked:
        apply(CheckPolicies(corp, given, ("s",)))
    denials = str(blocked.value).splitlines()
    assert len(denials) == external_apps(given)
    for denial in denials:
        assert "Deny-Public-Endpoints" in denial
        assert "platform.runtime" in denial
        assert "policyDefinitionReferenceIds [Deny-ContainerApps-Public-Network-Access]" in denial


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
    assert apply(step(LandingZone(tmp_path, exemption), "05")) == {}
