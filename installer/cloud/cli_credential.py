"""Credential of the Azure CLI session, whose failures are those of the SDK.

azure-cli-core raises its own errors (knack.util.CLIError), which the pipeline of the SDK does not know.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from installer.cloud.errors import WrongAnswer
from installer.cloud.unreachable import network_fault
from installer.errors import Interrupted
from installer.waiting import check_stopped
from installer.whole_answers import in_time

if TYPE_CHECKING:
    from azure.cli.core.auth.credential_adaptor import CredentialAdaptor
    from azure.core.credentials import AccessToken, AccessTokenInfo, TokenRequestOptions


_Found = TypeVar("_Found")


def entra_in_time(ask: Callable[[], _Found]) -> _Found:
    """The result of a request of azure-cli-core to Entra. Raises WrongAnswer if that does not end: its clients have no timeout."""
    from installer.cloud.transport import WHOLE_SECONDS

    try:
        return in_time(ask, WHOLE_SECONDS, check_stopped)
    except TimeoutError as error:
        if error.errno is not None:
            raise  # of the network
        raise WrongAnswer(
            f"Microsoft Entra did not complete its answer to the session of the Azure CLI ({error})"
        ) from error


class CliCredential:
    """Tokens of the Azure CLI session; failures are those of the SDK.

    Args:
        adaptor: Makes the credential of azure-cli-core. Called with the first token: it asks Entra for its endpoints.

    """

    def __init__(self, adaptor: "Callable[[], CredentialAdaptor]") -> None:
        self._make = adaptor

    @cached_property
    def _adaptor(self) -> "CredentialAdaptor":
        return self._make()

    def get_token(self, *scopes: str, **options: object) -> "AccessToken":
        """A token for scopes."""
        with _sign_in_failures():
            token: AccessToken = entra_in_time(lambda: self._adaptor.get_token(*scopes, **options))
        return token

    def get_token_info(self, *scopes: str, options: "TokenRequestOptions | None" = None) -> "AccessTokenInfo":
        """A token for scopes, with its type."""
        with _sign_in_failures():
            token: AccessTokenInfo = entra_in_time(lambda: self._adaptor.get_token_info(*scopes, options=options))
        return token


@contextmanager
def _sign_in_failures() -> Iterator[None]:
    """Failures of azure-cli-core as those of the SDK.

    It passes on those of the network (requests), of its encrypted token cache (msal-extensions) and of damaged files as they are.
    """
    from azure.core.exceptions import AzureError, ClientAuthenticationError, ServiceRequestError
    from knack.util import CLIError

    try:
        yield
    except (AzureError, WrongAnswer, Interrupted):
        raise
    except CLIError as error:
        raise ClientAuthenticationError(_text(error)) from error
    except Exception as error:
        if network_fault(error) is not None:
            raise ServiceRequestError(str(error)) from error
        raise ClientAuthenticationError(
            f"the session of the Azure CLI cannot be used ({error}): run az login"
        ) from error


def _text(error: Exception) -> str:
    """The error with what azure-cli-core recommends: it keeps the command for a new sign-in apart from the text."""
    recommended = getattr(error, "recommendations", None) or ()
    return "\n".join([str(error), *map(str, recommended)])
