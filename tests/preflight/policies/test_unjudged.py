"""Policies that could not be judged, and denials that Azure does not confirm: not checked, with the reason."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from installer.json_access import as_object
from installer.jsontypes import Json
from installer.preflight.policies.check import POLICY
from installer.preflight.reads import Reads, Request
from installer.preflight.report import result_of
from tests.preflight.policies.assigned import CLOSED, DENY, POSTGRES, assigned, definition, only, result
from tests.preflight.surveyed import sample, subject_of


def test_a_definition_that_does_not_exist_is_not_checked(tmp_path: Path) -> None:
    found = result(tmp_path, DENY)
    assert found.state == "not checked"
    assert "Azure lists no such definition" in found.not_checked[0].why


def test_policies_inside_a_cluster_are_not_checked(tmp_path: Path) -> None:
    rule = definition("pods", POSTGRES, {"effect": "deny"}, "Microsoft.Kubernetes.Data")
    found = result(tmp_path, rule, assigned(rule))
    assert (found.state, found.findings) == ("not checked", ())
    assert "judges objects inside the service" in found.not_checked[0].why


def _refusing(part: str) -> Callable[[Request], str]:
    def why(request: Request) -> str:
        return "this account may not read it" if part.lower() in request.path.lower() else ""

    return why


@pytest.mark.parametrize("part", ["policyAssignments", "policyDefinitions/", "policyExemptions"])
def test_what_the_account_may_not_read_is_not_checked_with_the_reason(tmp_path: Path, part: str) -> None:
    with subject_of(tmp_path, sample(), resources=[CLOSED, DENY]) as subject:
        reads = Reads(subject.arm.service, _refusing(part))
        found = result_of(POLICY, replace(subject, arm=reads))
        reads.close()
    assert any(one.why == "this account may not read it" for one in found.not_checked)
    assert bool(found.findings) is (part == "policyExemptions")
    assert not any("no such definition" in one.why for one in found.not_checked)


class Contradicting(Reads):
    """Reads of an Azure that denies nothing, whatever the definitions say."""

    def ask(self, request: Request) -> dict[str, Json]:
        """No denial."""
        nothing: dict[str, Json] = {"contentEvaluationResult": {"policyEvaluations": []}}
        return nothing if "checkPolicyRestrictions" in request.path else super().ask(request)


def test_a_denial_that_azure_does_not_confirm_is_no_finding(tmp_path: Path) -> None:
    with subject_of(tmp_path, sample(), resources=[CLOSED, DENY]) as subject:
        reads = Contradicting(subject.arm.service)
        found = result_of(POLICY, replace(subject, arm=reads))
        reads.close()
    assert (found.state, found.findings) == ("not checked", ())
    assert "Azure reports no denial" in found.not_checked[0].why


def test_a_denial_that_azure_cannot_be_asked_about_says_so(tmp_path: Path) -> None:
    with subject_of(tmp_path, sample(), resources=[CLOSED, DENY]) as subject:
        reads = Reads(subject.arm.service, _refusing("checkPolicyRestrictions"))
        found = result_of(POLICY, replace(subject, arm=reads))
        reads.close()
    assert "Azure was not asked" in only(found).why


def test_a_survey_confirms_nothing(tmp_path: Path) -> None:
    with subject_of(tmp_path, sample(), resources=[CLOSED, DENY]) as subject:
        found = result_of(POLICY, replace(subject, surveyed=True))
        assert subject.arm.count("post", "checkPolicyRestrictions") == 0
    assert "Azure was not asked" in only(found).why


def test_a_denial_that_depends_on_the_run_is_not_checked(tmp_path: Path) -> None:
    field = "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/issuer"
    rule = definition("issuer", {"field": field, "like": "https://*"}, {"effect": "deny"})
    with subject_of(tmp_path, sample(), resources=[rule, assigned(rule)]) as subject:
        found = result_of(POLICY, subject)
        assert subject.arm.count("post", "checkPolicyRestrictions") == 0
    assert (found.state, found.findings) == ("not checked", ())
    assert found.not_checked[0].why == "it depends on values that exist only during the run"


def test_an_assigned_older_version_of_a_definition_is_read_and_judged(tmp_path: Path) -> None:
    newest = definition("closed", POSTGRES, {"effect": "audit"})
    newest = {**newest, "properties": {**as_object(newest["properties"]), "version": "2.0.0"}}
    older = {**CLOSED, "id": f"{CLOSED['id']}/versions/1.4.0"}
    found = result(tmp_path, newest, older, assigned(newest, definitionVersion="1.*.*"))
    assert only(found).severity == "blocks"
