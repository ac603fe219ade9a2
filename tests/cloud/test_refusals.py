"""What Azure refused: whether asking again may help is known from the status, or from the causes."""

import pytest

from installer.cloud.refusals import AzureRefused, refused_by
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
def test_a_failed_deployment_is_sent_again_only_if_its_causes_pass_by_themselves(
    codes: tuple[str, ...], passes: bool
) -> None:
    assert refused_by(failed(*codes), "deployment d").transient is passes


@pytest.mark.parametrize(("status", "passes"), [(0, True), (429, True), (503, True), (400, False), (404, False)])
def test_an_answer_is_judged_by_its_status(status: int, passes: bool) -> None:
    assert AzureRefused("text", status=status).transient is passes
