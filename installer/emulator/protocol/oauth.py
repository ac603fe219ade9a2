"""Sign-in over HTTP: discovery, the token endpoint, and the metadata of the cloud."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

from installer.emulator.authorization.directory_rights import caller_claims
from installer.emulator.authorization.tokens import LIFETIME
from installer.emulator.errors import ArmError
from installer.emulator.protocol import device_code
from installer.emulator.protocol.audiences import check_audience
from installer.emulator.protocol.managed_identities import workload_principal
from installer.emulator.protocol.request import ArmRequest, answer
from installer.emulator.protocol.routes import Route
from installer.emulator.providers.clouds import environment
from installer.json_access import as_object, as_text

if TYPE_CHECKING:
    from starlette.responses import Response

    from installer.json_access import JsonObject

_ANY_TENANT = {"common", "organizations"}
_ONE_CLOUD = "2022-09-01"  # from this version on the response is one cloud, before it a list


def bearer_claims(request: ArmRequest) -> JsonObject:
    """The claims of the caller's token; ArmError 401 without a valid one."""
    scheme, _, token = request.http.headers.get("authorization", "").partition(" ")
    claims = request.azure.identity.claims(token.strip()) if scheme.lower() == "bearer" else None
    if claims is not None:
        check_audience(request, claims)
        return claims
    tenant = request.emulator.directory.tenant_id
    where = f'Bearer authorization_uri="{request.base}/{tenant}", error="invalid_token"'
    code = "InvalidAuthenticationToken" if token else "AuthenticationFailed"
    text = "The access token is invalid." if token else "Authentication failed. The 'Authorization' header is missing."
    raise ArmError(401, code, text, headers={"WWW-Authenticate": where})


async def _discovery(request: ArmRequest) -> Response:
    tenant = _tenant(request)
    if tenant is None:
        return _unknown_tenant(request)
    authority = f"{request.base}/{tenant}"
    return answer(
        200,
        {
            "token_endpoint": f"{authority}/oauth2/v2.0/token",
            "authorization_endpoint": f"{authority}/oauth2/v2.0/authorize",
            "device_authorization_endpoint": f"{authority}/oauth2/v2.0/devicecode",
            "issuer": f"{authority}/v2.0",
            "jwks_uri": f"{authority}/discovery/v2.0/keys",
            "response_types_supported": ["code", "id_token"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
        },
    )


async def _token(request: ArmRequest) -> Response:
    tenant = _tenant(request)
    if tenant is None:
        return _unknown_tenant(request)
    if refusal := request.emulator.survey.directory.refusal:
        return _denied(400, "interaction_required", refusal)
    form = {name: values[-1] for name, values in parse_qs(await request.text()).items()}
    if form.get("grant_type") == device_code.GRANT:
        return _token_for_code(request, form, tenant)
    if form.get("grant_type") != "client_credentials":
        return _denied(400, "unsupported_grant_type", "AADSTS70003: The app requested an unsupported grant type.")
    audience = form.get("scope", form.get("resource", "")).removesuffix("/.default")
    issuer = f"{request.base}/{tenant}/"
    if "client_assertion" in form:
        found = workload_principal(request, form.get("client_id", ""), form["client_assertion"])
        if isinstance(found, str):
            return _denied(401, "invalid_client", found)
        token = request.azure.identity.token(tenant, audience, issuer, found)
    else:
        client_id, client_secret = _credentials(request, form)
        if not request.azure.identity.knows(client_id, client_secret):
            return _denied(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.")
        claims = caller_claims(request.emulator.survey)
        token = request.azure.identity.token(tenant, audience, issuer, more=claims)
    return answer(
        200,
        {"token_type": "Bearer", "expires_in": LIFETIME, "ext_expires_in": LIFETIME, "access_token": token},
        {"Cache-Control": "no-store"},
    )


async def _device_code(request: ArmRequest) -> Response:
    tenant = _tenant(request)
    return _unknown_tenant(request) if tenant is None else await device_code.begin(request, tenant)


def _token_for_code(request: ArmRequest, form: dict[str, str], tenant: str) -> Response:
    found = device_code.redeemed(request, form, tenant)
    if found is None:
        return _denied(400, "bad_verification_code", "AADSTS7000031: The device code is not valid.")
    audience = as_text(found["scope"]).removesuffix("/.default")
    token = request.azure.identity.token(tenant, audience, f"{request.base}/{tenant}/")
    return answer(
        200,
        {"token_type": "Bearer", "expires_in": LIFETIME, "access_token": token, **found},
        {"Cache-Control": "no-store"},
    )


def _credentials(request: ArmRequest, form: dict[str, str]) -> tuple[str, str]:
    """Client id and secret: in the form, or as basic authentication."""
    scheme, _, text = request.http.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(text).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return unquote(name), unquote(secret)
    return form.get("client_id", ""), form.get("client_secret", "")


def _tenant(request: ArmRequest) -> str | None:
    requested = request.parts["tenant"].lower()
    directory = request.emulator.directory
    if requested in _ANY_TENANT or requested in {directory.tenant_id.lower(), directory.domain.lower()}:
        return directory.tenant_id
    return None


def _unknown_tenant(request: ArmRequest) -> Response:
    text = f"AADSTS90002: Tenant '{request.parts['tenant']}' not found."
    return _denied(400, "invalid_tenant", text)


def _denied(status: int, error: str, text: str) -> Response:
    return answer(status, {"error": error, "error_description": text})


async def _cloud(request: ArmRequest) -> Response:
    """Metadata for `az cloud register`; by api-version a short object, a list of clouds, or one full cloud."""
    description: JsonObject = {
        "galleryEndpoint": f"{request.base}/",
        "graphEndpoint": f"{request.base}/",
        "portalEndpoint": f"{request.base}/",
        "authentication": {
            "loginEndpoint": request.base,
            "audiences": [f"{request.base}/", request.base],
            "tenant": "common",
            "identityProvider": "AAD",
        },
    }
    if request.api_version <= "2015-01-01":
        return answer(200, description)
    public_suffixes = as_object(environment(request.emulator.directory.cloud)["suffixes"])
    names = ("storage", "keyvaultDns", "sqlServerHostname", "acrLoginServer")
    suffixes: JsonObject = {
        "keyVaultDns" if name == "keyvaultDns" else name: as_text(public_suffixes[name]).removeprefix(".")
        for name in names
    }
    metadata: JsonObject = {
        **description,
        "name": "Rehearsal",
        "resourceManager": f"{request.base}/",
        "graph": f"{request.base}/",
        "microsoftGraphResourceId": f"{request.base}/",
        "suffixes": suffixes,
    }
    return answer(200, [metadata] if request.api_version < _ONE_CLOUD else metadata)


ROUTES = [
    Route("/metadata/endpoints", {"GET": _cloud}, versioned=False, open=True),
    Route("/{tenant}/v2.0/.well-known/openid-configuration", {"GET": _discovery}, versioned=False, open=True),
    Route("/{tenant}/.well-known/openid-configuration", {"GET": _discovery}, versioned=False, open=True),
    Route("/{tenant}/oauth2/v2.0/token", {"POST": _token}, versioned=False, open=True),
    Route("/{tenant}/oauth2/v2.0/devicecode", {"POST": _device_code}, versioned=False, open=True),
    Route("/{tenant}/oauth2/token", {"POST": _token}, versioned=False, open=True),
]
