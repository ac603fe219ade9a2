"""Errors of Azure: status or causes decide whether a retry may help."""

import pytest

from installer.cloud.error_explanations import explanation
from installer.cloud.errors import AzureRefused, refused_by
from installer.jsontypes import Json


def failed(*codes: str) -> Json:
    return {"code": "DeploymentFailed", "message": "m", "details": [{"code": code, "message": "m"} for code in codes]}


@pytest.mark.parametrize(
    ("codes", "passes"),
    [
        (("ServiceUnavailable",), True),
        (("SkuNotAvailable",), False),
        (("ServiceUnavailable", "SkuNotAvailable"), False),
        (("NobodyKnowsThis",), False),
    ],
)
def test_a_failed_deployment_is_sent_again_only_if_its_causes_are_temporary(
    codes: tuple[str, ...], passes: bool
) -> None:
    assert refused_by(failed(*codes), "deployment d").transient is passes


@pytest.mark.parametrize(("status", "passes"), [(0, True), (429, True), (503, True), (400, False), (404, False)])
def test_an_answer_is_judged_by_its_status(status: int, passes: bool) -> None:
    assert AzureRefused("text", status=status).transient is passes


@pytest.mark.parametrize(
    ("code", "passes"), [("ExpiredAuthenticationToken", True), ("InvalidAuthenticationToken", False)]
)
def test_an_expired_token_passes_because_the_next_request_takes_a_new_one(code: str, passes: bool) -> None:
    assert AzureRefused("text", status=401, error={"error": {"code": code}}).transient is passes


@pytest.mark.parametrize(
    ("codes", "retry"),
    [
        (("ServiceUnavailable",), "now"),
        (("QuotaExceeded",), "changed"),
        (("NobodyKnowsThis",), "changed"),
        (("QuotaExceeded", "SkuNotAvailable"), "never"),
    ],
)
def test_whether_trying_again_can_help_is_what_is_known_of_the_worst_cause(codes: tuple[str, ...], retry: str) -> None:
    verdict = refused_by(failed(*codes), "deployment d").verdict
    assert verdict.retry == retry
    hopeless = explanation(codes[-1])
    reasons = {
        "now": "the cause is temporary",
        "changed": "after the cause of the error is resolved",
        "never": f"not without changes: {hopeless.remedy}" if hopeless else "",
    }
    known = f"after the remedy: {hopeless.remedy}" if hopeless and retry == "changed" else reasons[retry]
    assert verdict.reason == known
