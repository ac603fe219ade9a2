"""A corporate landing zone: every private installation is allowed, or policy, answer and exemption are named."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from installer.answers.draft import flatten
from installer.answers.model import Answers
from installer.estate.assumed_resources import assumed
from installer.estate.parameters.context import Installation
from installer.json_access import JsonObject, member, objects_of
from installer.preflight.model import Result
from installer.preflight.policies.check import POLICY
from installer.preflight.policies.node_groups import UNKNOWN
from installer.preflight.policies.restrictions import answer_keys
from installer.preflight.report import result_of
from installer.preflight.subject import Subject
from tests.bench.check_reads import counted
from tests.bicep.answers_matrix import MATRIX
from tests.bicep.answers_variants import answers
from tests.emulator.governance.landing_zone import landing_zone, needs_policies
from tests.preflight.surveyed import subject_of

MISSING: Final = "Azure lists no such definition"
"""Built-in definitions that ../shared/policies does not have."""


@contextmanager
def corporate(folder: Path, given: Answers, *more: JsonObject) -> Iterator[Subject]:
    """Answers in a subscription of a corporate landing zone, with what they name."""
    policies = objects_of(member(json.loads(landing_zone().text()), "resources"))
    with subject_of(folder, given, resources=[*policies, *assumed(given), *more]) as subject:
        yield subject


def result(folder: Path, given: Answers, *more: JsonObject) -> Result:
    """Result of the check."""
    with corporate(folder, given, *more) as subject:
        return result_of(POLICY, subject)


def test_the_answers_that_it_names_exist() -> None:
    known = set(flatten(answers("dev")))
    assert set(answer_keys()) <= known


PRIVATE: Final = [name for name, given in MATRIX.items() if given.network.mode != "public"]


def has_external_apps(given: Answers) -> bool:
    """Whether other parts of the network call apps: the Prefect server and the web app on Container Apps."""
    it = Installation(given)
    servers = given.platform.prefect == "server" and any(not site.on_kubernetes for site in it.sites)
    return servers or given.platform.control_plane == "container_app"


SAMPLE: Final = [*dict.fromkeys([*PRIVATE[::5], *(one for one in PRIVATE if has_external_apps(MATRIX[one]))][:7])]
"""Some private answers files; tests/emulator/governance judges others by the same rules."""


@needs_policies
@pytest.mark.parametrize("name", SAMPLE)
def test_private_installations_are_allowed_or_policy_answer_and_exemption_are_named(tmp_path: Path, name: str) -> None:
    found = result(tmp_path, MATRIX[name])
    assert bool(found.findings) is has_external_apps(MATRIX[name])
    for finding in found.findings:
        told = f"{finding.what} {' '.join(way.sentence for way in finding.ways)}"
        assert "Deny-Public-Endpoints" in told
        assert "platform.runtime" in told or "platform.control_plane" in told
        assert "policyDefinitionReferenceIds [Deny-ContainerApps-Public-Network-Access]" in told
    whys = {one.why for one in found.not_checked}
    assert all(why in (MISSING, UNKNOWN) or why.startswith(("judged by version", "the mode ")) for why in whys), whys


@needs_policies
def test_with_the_exemption_that_it_names_the_installation_is_allowed(tmp_path: Path) -> None:
    given = MATRIX["05-mixed-runtimes"]
    home = given.subscription.subscription
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
    found = result(tmp_path, given, exemption)
    assert found.findings == ()
    assert any("the exemption apps frees" in proof.text for proof in found.proofs)


@needs_policies
def test_all_checks_of_four_environments_in_a_landing_zone_are_few_reads() -> None:
    assert counted()["all"] < 80
