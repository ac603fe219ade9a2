"""The ASGI application: finds the handler, checks the token, and adds ARM's headers to every response.

Requests to the host name of a data plane go to data_plane/app.py.
"""

from __future__ import annotations

import asyncio
import logging
import re
import uuid
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect, Request

from installer.emulator.authorization.directory_rights import check_directory_right
from installer.emulator.data_plane import app as data_plane
from installer.emulator.errors import ArmError
from installer.emulator.protocol import (
    actions,
    async_operations,
    authorization,
    capabilities,
    control_api,
    deployments,
    directory,
    fault_injection,
    graph,
    groups,
    kubernetes_api,
    managed_identities,
    metrics,
    names,
    oauth,
    prices,
    registration,
    registry_blobs,
    registry_builds,
    resource_health,
    resources,
    stacks,
    tags,
)
from installer.emulator.protocol.request import ArmRequest, Azure, correlation_of, refused
from installer.emulator.protocol.rights import check_right
from installer.emulator.protocol.routes import RouteTable
from installer.emulator.protocol.throttling import kind_of
from installer.emulator.providers.versions import check_form
from installer.resource_id import segments, subscription_of

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

_LOG = logging.getLogger(__name__)
_COMMON_HEADERS = [
    (b"cache-control", b"no-cache"),
    (b"pragma", b"no-cache"),
    (b"expires", b"-1"),
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains"),
    (b"x-content-type-options", b"nosniff"),
]
# .NET clients append their own api-version to a status URL, which ARM accepts.
_POLLED = re.compile(
    r"/(operationresults|commandresults|operationstatus(es)?|deploymentstackoperationstatus)/", re.IGNORECASE
)
_CONTROL_PREFIX = "/rehearsal/"  # the emulator's own routes are exempt from rights, throttling and faults
_ROUTING_REGION = "REHEARSAL"


@cache
def _table() -> RouteTable:
    # A list instead of discovery: the order decides, and `resources` answers every path that no table before it matched.
    return RouteTable(
        [
            *async_operations.ROUTES,
            *oauth.ROUTES,
            *managed_identities.ROUTES,
            *kubernetes_api.ROUTES,
            *control_api.ROUTES,
            *directory.ROUTES,
            *groups.ROUTES,
            *registration.ROUTES,
            *deployments.ROUTES,
            *stacks.ROUTES,
            *names.ROUTES,
            *actions.ROUTES,
            *registry_blobs.ROUTES,
            *registry_builds.ROUTES,
            *capabilities.ROUTES,
            *tags.ROUTES,
            *authorization.ROUTES,
            *graph.ROUTES,
            *prices.ROUTES,
            *metrics.ROUTES,
            *resource_health.ROUTES,
            *resources.ROUTES,
        ]
    )


def application(azure: Azure) -> ASGIApp:
    """The server as an ASGI application."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        at = data_plane.service_of(azure, scope)
        if at is not None:
            await data_plane.serve(azure, at, scope, receive, send)
            return
        request = Request(scope, receive)
        correlation_id = correlation_of(request.headers)
        try:
            response = await _handled(azure, request, correlation_id)
        except ArmError as refusal:
            response = refused(refusal)
        except RecursionError:
            response = refused(ArmError(400, "InvalidRequestContent", "The request content is nested too deeply."))
        except ClientDisconnect:
            return
        except fault_injection.ConnectionLostError:
            fault_injection.reset(send)
            await asyncio.sleep(0)  # lets the server notice the closed connection before the application returns
            return
        except Exception:  # noqa: BLE001 - logged with its trace; the server continues
            _LOG.exception(
                "%s %s failed because of a fault of the embedded Azure itself", request.method, scope["path"]
            )
            response = refused(ArmError(500, "InternalServerError", "The embedded Azure failed here."))
        _add_headers(azure, response, request, correlation_id)
        await response(scope, receive, send)

    return serve


async def _handled(azure: Azure, http: Request, correlation_id: str) -> Response:
    path = "/" + "/".join(segments(http.url.path))
    found = _table().find(path, http.method)
    query = {
        name.lower() if name.lower() == "api-version" else name: value for name, value in http.query_params.items()
    }
    request = ArmRequest(azure, http, path, found[2] if found else {}, query, correlation_id)
    if found is None or not found[0].open:
        claims = oauth.bearer_claims(request)
        request = ArmRequest(azure, http, path, request.parts, query, correlation_id, claims)
    if found is None:
        raise ArmError(404, "NotFound", f"Nothing answers at '{path}'.")
    route, handler, _ = found
    if route.versioned and not request.api_version:
        raise ArmError(
            400,
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        )
    if route.versioned and not _POLLED.search(path):
        check_form(request.api_version)
    if handler is None:
        raise ArmError(
            405,
            "MethodNotAllowed",
            f"The http method '{http.method}' is not supported for '{path}'.",
            headers={"Allow": ", ".join(sorted(route.handlers))},
        )
    if route.open or path.startswith(_CONTROL_PREFIX):
        return await handler(request)
    if challenge := azure.emulator.survey.directory.challenge:
        asked = (
            f'Bearer authorization_uri="https://login.windows.net/", error="insufficient_claims", claims="{challenge}"'
        )
        text = "Continuous access evaluation resulted in claims challenge with result: InteractionRequired."
        raise ArmError(401, "InteractionRequired", text, headers={"WWW-Authenticate": asked})
    check_right(azure.emulator.access, http.method, path)
    check_directory_right(azure.emulator.survey, http.method, path)
    azure.throttle.count(http.method, _subscription(azure, path))
    return await fault_injection.answered(request, handler)


def _subscription(azure: Azure, path: str) -> str:
    """The subscription that a request counts for, or ''."""
    found = azure.emulator.directory.subscription(subscription_of(path))
    return found.id if found else ""


def _add_headers(azure: Azure, response: Response, request: Request, correlation_id: str) -> None:
    """Adds the headers of every ARM response."""
    existing = {name for name, _ in response.raw_headers}
    request_id = str(uuid.uuid4())
    kind, path = kind_of(request.method), request.url.path
    here, everywhere = azure.throttle.remaining(request.method, _subscription(azure, path))
    added = {
        "x-ms-request-id": request_id,
        "x-ms-correlation-request-id": correlation_id,
        "x-ms-routing-request-id": f"{_ROUTING_REGION}:{datetime.now(UTC):%Y%m%dT%H%M%SZ}:{request_id}",
        f"x-ms-ratelimit-remaining-subscription-{kind}": str(here),
        f"x-ms-ratelimit-remaining-subscription-global-{kind}": str(everywhere),
    }
    # Appended in one go: setting each header separately searches all of them, which costs a busy server too much.
    response.raw_headers += [item for item in _COMMON_HEADERS if item[0] not in existing]
    response.raw_headers += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in added.items()]
    client_id = request.headers.get("x-ms-client-request-id", "")
    if client_id and request.headers.get("x-ms-return-client-request-id", "").lower() == "true":
        response.headers["x-ms-client-request-id"] = client_id
