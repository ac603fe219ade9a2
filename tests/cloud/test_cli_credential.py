"""Azure CLI session: errors of azure-cli-core arrive as refusals with the code of Entra and its explanation."""

from typing import Any

import pytest
from azure.core.credentials import AccessToken
from knack.util import CLIError

from installer.cloud.cli_credential import CliCredential
from installer.cloud.errors import AzureRefused, refusals

MFA = "AADSTS50076: Due to a configuration change made by your administrator you must use multi-factor authentication."


class Adaptor:
    """A credential of azure-cli-core that has a token, or no session any more."""

    def __init__(self, problem: str = "") -> None:
        self.problem = problem

    def get_token(self, *scopes: str, **_options: Any) -> AccessToken:
        """A token, or the error of the Azure CLI."""
        if self.problem:
            raise CLIError(self.problem)
        return AccessToken(scopes[0], 1)

    get_token_info = get_token


@pytest.mark.parametrize("method", ["get_token", "get_token_info"])
def test_a_rejected_session_is_a_refusal_with_the_code_of_entra(method: str) -> None:
    credential = CliCredential(lambda: Adaptor(MFA))
    with pytest.raises(AzureRefused) as raised, refusals("get a token"):
        getattr(credential, method)("scope")
    assert raised.value.code == "AADSTS50076"
    assert str(raised.value).startswith("Azure rejected the sign-in: AADSTS50076")
    assert "  Remedy: Sign in again with the second factor" in str(raised.value)
    assert not raised.value.transient


def test_an_error_without_a_code_is_a_refusal_too() -> None:
    with pytest.raises(AzureRefused, match="Run `az login`") as raised, refusals("get a token"):
        CliCredential(lambda: Adaptor("User 'x' does not exist in MSAL token cache. Run `az login`.")).get_token(
            "scope"
        )
    assert raised.value.code == ""


def test_a_token_is_passed_on() -> None:
    assert CliCredential(Adaptor).get_token("scope").token == "scope"


def test_the_command_that_the_azure_cli_recommends_is_kept() -> None:
    from azure.cli.core.azclierror import AuthenticationError

    class Rejected(Adaptor):
        def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
            """The error of the Azure CLI with its recommendation."""
            raise AuthenticationError(MFA, recommendation="az logout\naz login --tenant contoso")

    with pytest.raises(AzureRefused, match="az login --tenant contoso"), refusals("get a token"):
        CliCredential(Rejected).get_token("scope")
