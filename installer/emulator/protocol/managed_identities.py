"""Tokens of managed identities for local processes, asked for as in Azure by azure-identity.

A pod presents the token of its service account (AKS workload identity, MicrosoftDocs/azure-aks-docs,
articles/aks/workload-identity-overview.md); a container app or its job asks an endpoint of its environment
(MicrosoftDocs/azure-docs, articles/container-apps/managed-identity.md, "REST endpoint reference"). A job of a pipeline presents an assertion of its platform; it ends
after some minutes (github.com/Azure/azure-cli/issues/28708, AADSTS700024).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.emulator.authorization.tokens import LIFETIME, Principal
from installer.emulator.protocol.request import ArmRequest, answer
from installer.emulator.protocol.routes import Route
from installer.emulator.providers.kubernetes.workload_identity import identity_with, refused_token
from installer.emulator.providers.kubernetes.workloads import ServiceAccount
from installer.json_access import as_list, as_text, member

if TYPE_CHECKING:
    from starlette.responses import Response

    from installer.emulator.state.resources import Resource

ENDPOINT: Final = "/msi/token"
EXCHANGE_AUDIENCE: Final = "api://AzureADTokenExchange"


def workload_principal(request: ArmRequest, client_id: str, assertion: str) -> Principal | str:
    """The managed identity as which a service account may act; the error of Entra otherwise."""
    claims = request.azure.identity.read(assertion)
    if claims is not None and request.azure.identity.unexpired(assertion) is None:
        return "AADSTS700024: Client assertion is not within its valid time range."
    if claims is None or claims.get("aud") != EXCHANGE_AUDIENCE:
        return "AADSTS700211: No matching federated identity record found for presented assertion issuer."
    account = ServiceAccount(as_text(claims.get("iss")), as_text(claims.get("sub")), client_id)
    found = identity_with(request.emulator.resources, client_id)
    if found is None:
        return f"AADSTS700016: Application with identifier '{client_id}' was not found in the directory."
    return refused_token(request.emulator.resources, account) or _principal(found)


async def _token(request: ArmRequest) -> Response:
    """A token for an app or a job, whose header names its identities."""
    header = request.azure.identity.unexpired(request.http.headers.get("x-identity-header", ""))
    ids = [as_text(one).lower() for one in as_list(header.get("identities"))] if header else []
    found = identity_with(request.emulator.resources, request.query.get("client_id", ""))
    if found is None or found.key not in ids:
        return answer(400, {"statusCode": 400, "message": "No User Assigned or Delegated Managed Identity found."})
    audience = request.query.get("resource", "").removesuffix("/.default")
    tenant = request.emulator.directory.tenant_id
    principal = _principal(found)
    token = request.azure.identity.token(tenant, audience, f"{request.base}/{tenant}/", principal)
    expires = int(request.emulator.clock.now()) + LIFETIME
    return answer(
        200,
        {
            "access_token": token,
            "expires_on": str(expires),
            "resource": audience,
            "token_type": "Bearer",
            "client_id": principal.client_id,
        },
    )


def _principal(identity: Resource) -> Principal:
    def value(name: str) -> str:
        return as_text(member(identity.computed, "properties", name))

    return Principal(value("clientId"), value("principalId"))


ROUTES = [Route(ENDPOINT, {"GET": _token}, versioned=False, open=True)]
"""Routes for apps and jobs."""
