"""Sign-in of a job of GitHub Actions or Azure Pipelines by OpenID Connect, without a secret.

A session of the Azure CLI keeps the assertion with which the job signed in, which is valid for some minutes, and so gets no token for
another audience or after an hour (AADSTS700024: github.com/Azure/azure-cli/issues/28708). Here each token is asked for with a new
assertion.
"""

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from installer.errors import UsageError
from installer.json_access import as_object, as_text, parsed
from installer.sanitize import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from azure.core.credentials import TokenCredential

_AUDIENCE: Final = "api://AzureADTokenExchange"
_URL: Final = "ACTIONS_ID_TOKEN_REQUEST_URL"
_BEARER: Final = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
_GITHUB: Final = (_URL, _BEARER, "AZURE_CLIENT_ID")
"""Variables of a job with the permission id-token: write (docs.github.com/actions/reference/security/oidc), and its identity."""
_CONNECTION: Final = "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"
_CLIENT: Final = "AZURESUBSCRIPTION_CLIENT_ID"
_PIPELINES: Final = ("SYSTEM_OIDCREQUESTURI", "SYSTEM_ACCESSTOKEN", _CONNECTION, _CLIENT)
"""Variables of the task AzureCLI@2 (github.com/microsoft/azure-pipelines-tasks/pull/19818), and the token that a step has to map."""
FEDERATED: Final = ("(GitHub Actions)", "(Azure Pipelines)")
"""Ends of the accounts that sign in so."""
_OK: Final = 200


@dataclass(frozen=True)
class FederatedSignIn:
    """The sign-in of a job.

    Attributes:
        account: For people: the identity and the platform.
        credential: Makes the credential.

    """

    account: str
    credential: "Callable[[], TokenCredential]" = field(repr=False)


def federated_sign_in(authority: str, tenant: str | None, ca_file: str | None) -> FederatedSignIn | None:
    """The sign-in of this job, None outside of one. Sends no request.

    Args:
        authority: Entra ID authority of the cloud.
        tenant: Tenant to sign in to, unless a variable names it.
        ca_file: File of certificate authorities to trust instead of those of the system.

    Raises:
        UsageError: The tenant is not known.

    """
    if all(os.environ.get(name) for name in _GITHUB):
        client, home = os.environ["AZURE_CLIENT_ID"], _tenant("AZURE_TENANT_ID", tenant)

        def github() -> "TokenCredential":
            from azure.identity import ClientAssertionCredential

            from installer.cloud.transport import sign_in_transport

            def assertion() -> str:
                return _assertion(ca_file)

            transport = sign_in_transport(ca_file)
            return ClientAssertionCredential(home, client, assertion, authority=authority, transport=transport)

        return FederatedSignIn(f"{client} {FEDERATED[0]}", github)
    if all(os.environ.get(name) for name in _PIPELINES):
        client, home = os.environ[_CLIENT], _tenant("AZURESUBSCRIPTION_TENANT_ID", tenant)

        def pipelines() -> "TokenCredential":
            from azure.identity import AzurePipelinesCredential

            from installer.cloud.transport import sign_in_transport

            return AzurePipelinesCredential(
                tenant_id=home,
                client_id=client,
                service_connection_id=os.environ[_CONNECTION],
                system_access_token=os.environ["SYSTEM_ACCESSTOKEN"],
                authority=authority,
                transport=sign_in_transport(ca_file),
            )

        return FederatedSignIn(f"{client} {FEDERATED[1]}", pipelines)
    return None


def _tenant(variable: str, known: str | None) -> str:
    found = os.environ.get(variable) or known
    if not found:
        raise UsageError(f"this job can sign in, but the tenant is unknown: set {variable}")
    return found


def _assertion(ca_file: str | None) -> str:
    """A new assertion of GitHub. Raises errors of the SDK, as the credential itself does."""
    from azure.core.exceptions import ClientAuthenticationError
    from azure.core.pipeline.transport import HttpRequest

    from installer.cloud.transport import transport_to

    url = os.environ[_URL]
    request = HttpRequest("GET", f"{url}{'&' if '?' in url else '?'}audience={_AUDIENCE}")
    request.headers["Authorization"] = f"Bearer {os.environ[_BEARER]}"
    with transport_to(ca_file) as transport:
        answer = transport.send(request)
        status, body = answer.status_code, answer.body()
    try:
        value = as_text(as_object(parsed(body)).get("value")) if status == _OK else ""
    except ValueError:
        value = ""
    if not value:
        shown = clean(body.decode("utf-8", "replace"))[:200]
        raise ClientAuthenticationError(f"GitHub gave no token of OpenID Connect to this job (HTTP {status}): {shown}")
    return value
