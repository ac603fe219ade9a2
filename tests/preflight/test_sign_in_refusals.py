"""A run and a plan need a token before their checks: a refused one has the text of its finding, with the exact command."""

import pytest

from installer.answers.files import load
from installer.cloud.errors import AzureRefused
from installer.preflight.sign_in_refusals import sign_in_findings
from tests.answers.answers_files import FOLDER
from tests.cloud.no_cloud import TARGET

ANSWERS = load(FOLDER / "dev.yaml").answers
TENANT = ANSWERS.subscription.tenant


def refusal(code: str, *, challenge: str = "", status: int = 401) -> AzureRefused:
    refused = AzureRefused(
        f"Azure rejected the sign-in: {code}: x\n(deployment d)", status=status, error={"code": code}
    )
    refused.challenge = challenge
    return refused


def shown(refused: AzureRefused) -> AzureRefused:
    with pytest.raises(AzureRefused) as found, sign_in_findings(ANSWERS, TARGET):
        raise refused
    return found.value


@pytest.mark.parametrize("code", ["AADSTS50076", "AADSTS50078", "AADSTS50079"])
def test_a_second_factor_has_the_command_with_tenant_and_audience(code: str) -> None:
    text = str(shown(refusal(code)))
    assert f"az login --tenant {TENANT} --scope {TARGET.audience}/.default" in text
    assert "\n" not in text


@pytest.mark.parametrize("code", ["AADSTS50173", "AADSTS50132", "AADSTS50020", "AADSTS999999"])
def test_other_refusals_have_the_command_with_the_tenant(code: str) -> None:
    text = str(shown(refusal(code)))
    assert text.startswith(f"Microsoft Entra rejects the sign-in: {code}: ")
    assert f"az login --tenant {TENANT}" in text
    assert " TENANT" not in text
    assert ".." not in text


def test_a_variable_of_a_service_principal_keeps_its_name() -> None:
    assert "AZURE_TENANT_ID" in str(shown(refusal("AADSTS700016")))


def test_a_claims_challenge_is_in_the_command() -> None:
    text = str(shown(refusal("InvalidAuthenticationToken", challenge="e30=")))
    assert f'az login --tenant {TENANT} --scope {TARGET.audience}/.default --claims-challenge "e30="' in text


def test_code_and_status_stay_so_that_the_run_ends_as_refused() -> None:
    found = shown(refusal("AADSTS50173"))
    assert (found.code, found.status, found.exit_code, found.transient) == ("AADSTS50173", 401, 4, False)


@pytest.mark.parametrize("code", ["AuthorizationFailed", "", "NotAADSTS1"])
def test_other_errors_are_as_they_were(code: str) -> None:
    refused = refusal(code, status=403)
    assert shown(refused) is refused
