"""Policies by subscription: those of an existing hub's are judged as well, and one that cannot be read hides no other."""

from pathlib import Path
from typing import Final

import pytest

from installer.json_access import JsonObject
from installer.preflight.model import Report
from installer.preflight.policies.check import POLICY
from installer.resource_id import subscription_of
from tests.bicep.answers_matrix import MATRIX
from tests.preflight.outside.bodies import (
    AT_PLATFORM,
    CORP,
    HOME,
    OWNER,
    PLATFORM,
    grant,
    policy,
    subscription,
)
from tests.preflight.outside.surveys import HUB, landing_zone, survey
from tests.preflight.surveyed import from_survey

PEERINGS: Final = "Microsoft.Network/virtualNetworks/virtualNetworkPeerings"
ENDPOINTS: Final = "Microsoft.Network/privateEndpoints"
ABOVE: Final = f"policies of management groups above subscription {PLATFORM}"
"""A fact that a survey of another subscription does not have."""


def report(folder: Path, *resources: JsonObject) -> Report:
    """Result of the check with a hub in another subscription."""
    known = survey(subscription(), subscription(PLATFORM), HUB, grant("", OWNER), *resources)
    kinds = ("policyAssignments", "policyExemptions")
    said = {**known, "listed": [f"Microsoft.Authorization/{kind}" for kind in kinds]}
    return from_survey(folder, MATRIX["11-existing-hub"], said, (POLICY,))


@pytest.mark.parametrize(
    ("kind", "name"),
    [(PEERINGS, "vnet-hub/to-vnet-ff-contoso-dev"), (ENDPOINTS, "pe-crffcontoso-registry")],
)
def test_a_policy_of_the_hubs_subscription_denies_what_is_written_there(tmp_path: Path, kind: str, name: str) -> None:
    (finding,) = report(tmp_path, *policy(AT_PLATFORM, "closed", kind)).findings
    assert name in finding.what
    assert finding.where == f"{AT_PLATFORM}/resourceGroups/rg-hub"
    assert f"for an exemption at {AT_PLATFORM}/resourceGroups/rg-hub" in finding.ways[-1].text


def test_management_groups_of_one_subscription_are_not_assumed_to_be_above_another(tmp_path: Path) -> None:
    found = report(tmp_path, *policy(CORP, "closed", PEERINGS))
    (finding,) = found.findings
    assert subscription_of(finding.where) == HOME
    assert "vnet-ff-contoso-dev/to-hub" in finding.what
    assert "vnet-hub/" not in finding.what
    assert ABOVE in {one.what for result in found.results for one in result.not_checked}


def test_without_the_policies_of_the_hub_those_of_the_installation_are_judged(tmp_path: Path) -> None:
    found = from_survey(tmp_path, MATRIX["04-standard-four"], landing_zone(), (POLICY,))
    assert [finding.code for finding in found.findings] == ["RequestDisallowedByPolicy"]
    with_hub = from_survey(tmp_path / "hub", MATRIX["11-existing-hub"], landing_zone(), (POLICY,))
    assert with_hub.findings == ()
    proofs = [one.text for result in with_hub.results for one in result.proofs]
    assert any(one.startswith("what could be judged of 1 policy assignment denies none") for one in proofs), proofs
