"""Policies on the resources that AKS creates itself: denials by type are found, the rest is named as not checked."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from installer.estate.resources import critical_duration
from installer.json_access import JsonObject, strings
from installer.preflight.policies.node_groups import UNKNOWN
from installer.steps.run_duration import run_duration
from tests.preflight.policies.assigned import assigned, definition, exemption, only, result
from tests.preflight.surveyed import sample, subject_of

DENY: Final[JsonObject] = {"effect": "deny"}


def rule(kind: str, *more: JsonObject) -> JsonObject:
    on_type: JsonObject = {"field": "type", "equals": kind}
    return definition("nodes", {"allOf": [on_type, *more]} if more else on_type, DENY)


SETS: Final = rule("Microsoft.Compute/virtualMachineScaleSets")


def test_a_type_that_aks_creates_is_denied_before_the_cluster_fails(tmp_path: Path) -> None:
    finding = only(result(tmp_path, SETS, assigned(SETS)))
    assert "denies Microsoft.Compute/virtualMachineScaleSets of the cluster aks-ff-contoso-dev" in finding.what
    assert finding.code == "RequestDisallowedByPolicy"
    assert "for an exemption at /subscriptions/" in finding.ways[-1].text


@pytest.mark.parametrize("freed", ["exemption", "not enforced", "excluded"])
def test_what_frees_the_node_resource_group_counts(tmp_path: Path, freed: str) -> None:
    scope = only(result(tmp_path / "before", SETS, assigned(SETS))).where
    excluded = [*strings([scope] if freed == "excluded" else [])]
    mode = "DoNotEnforce" if freed == "not enforced" else "Default"
    one = assigned(SETS, notScopes=excluded, enforcementMode=mode)
    waivers = [exemption(one, scope)] if freed == "exemption" else []
    assert result(tmp_path / "after", SETS, one, *waivers).findings == ()


def test_a_rule_about_the_content_of_such_resources_is_not_checked(tmp_path: Path) -> None:
    probes: JsonObject = {"field": "Microsoft.Compute/virtualMachineScaleSets/upgradePolicy.mode", "equals": "Manual"}
    manual = rule("Microsoft.Compute/virtualMachineScaleSets", probes)
    found = result(tmp_path, manual, assigned(manual))
    assert found.findings == ()
    assert [(one.what, one.why) for one in found.not_checked] == [
        ("the policy assignment Title of rule (Rule nodes)", UNKNOWN)
    ]


def test_an_exemption_of_a_node_resource_group_that_ends_during_the_run_is_named(tmp_path: Path) -> None:
    scope = only(result(tmp_path / "before", SETS, assigned(SETS))).where
    with subject_of(tmp_path / "clock", sample()) as subject:
        deployments = critical_duration(subject.stages).high
        whole = run_duration(subject.answers, subject.target).high
        ends = datetime.fromtimestamp(subject.now() + (deployments + whole) / 2, UTC).isoformat()
    one = assigned(SETS)
    finding = only(result(tmp_path / "after", SETS, one, exemption(one, scope, expiresOn=ends)))
    assert finding.severity == "warns"
    assert finding.what.startswith("the exemption free from rule ends ")
    assert "of the cluster aks-ff-contoso-dev" in finding.why
    lasting = result(tmp_path / "lasting", SETS, one, exemption(one, scope))
    assert lasting.findings == ()
    assert any(
        "frees virtualMachineScaleSets of the cluster aks-ff-contoso-dev from rule, without an expiry" in proof.text
        for proof in lasting.proofs
    )
