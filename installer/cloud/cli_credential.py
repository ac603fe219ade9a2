"""Credential of the Azure CLI session, whose failures are those of the SDK.

azure-cli-core raises its own errors (knack.util.CLIError), which the pipeline of the SDK does not know.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from azure.cli.core.auth.credential_adaptor import CredentialAdaptor
    from azure.core.credentials import AccessToken, AccessTokenInfo, TokenRequestOptions


class CliCredential:
    """Tokens of the Azure CLI session; every failure is a ClientAuthenticationError.

    Args:
        adaptor: The credential of azure-cli-core.

    """

    def __init__(self, adaptor: "CredentialAdaptor") -> None:
        self._adaptor = adaptor

    def get_token(self, *scopes: str, **options: object) -> "AccessToken":
        """A token for scopes."""
        from azure.core.exceptions import ClientAuthenticationError
        from knack.util import CLIError

        try:
            token: AccessToken = self._adaptor.get_token(*scopes, **options)
        except CLIError as error:
            raise ClientAuthenticationError(_text(error)) from error
        return token

    def get_token_info(self, *scopes: str, options: "TokenRequestOptions | None" = None) -> "AccessTokenInfo":
        """A token for scopes, with its type."""
        from azure.core.exceptions import ClientAuthenticationError
        from knack.util import CLIError

        try:
            token: AccessTokenInfo = self._adaptor.get_token_info(*scopes, options=options)
        except CLIError as error:
            raise ClientAuthenticationError(_text(error)) from error
        return token


def _text(error: Exception) -> str:
    """The error with what azure-cli-core recommends: it keeps the command for a new sign-in apart from the text."""
    recommended = getattr(error, "recommendations", None) or ()
    return "\n".join([str(error), *map(str, recommended)])
