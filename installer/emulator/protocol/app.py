"""The ASGI application: finds the handler, asks for the token, and dresses every answer as ARM does."""

from __future__ import annotations

import asyncio
import logging
import re
import uuid
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect, Request

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
    names,
    oauth,
    prices,
    registration,
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
_ALWAYS = [
    (b"cache-control", b"no-cache"),
    (b"pragma", b"no-cache"),
    (b"expires", b"-1"),
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains"),
    (b"x-content-type-options", b"nosniff"),
]
# Clients of the .NET family add a version of their own to a status URL, and are right.
_POLLED = re.compile(
    r"/(operationresults|commandresults|operationstatus(es)?|deploymentstackoperationstatus)/", re.IGNORECASE
)
_OURS = "/rehearsal/"  # what only a rehearsal tells is told whatever goes wrong
_ROUTING_REGION = "REHEARSAL"


@cache
def _table() -> RouteTable:
    # A list and no discovery: the order decides, and `resources` answers every path that no table before it matched.
    return RouteTable(
        [
            *async_operations.ROUTES,
            *oauth.ROUTES,
            *control_api.ROUTES,
            *directory.ROUTES,
            *groups.ROUTES,
            *registration.ROUTES,
            *deployments.ROUTES,
            *stacks.ROUTES,
            *names.ROUTES,
            *actions.ROUTES,
            *capabilities.ROUTES,
            *tags.ROUTES,
            *authorization.ROUTES,
            *graph.ROUTES,
            *prices.ROUTES,
            *resources.ROUTES,
        ]
    )


def application(azure: Azure) -> ASGIApp:
    """The server as an ASGI application."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
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
            await asyncio.sleep(0)  # the server is told of it before we return without an answer
            return
        except Exception:  # noqa: BLE001 - logged with its trace; the server goes on
            _LOG.exception(
                "%s %s failed because of a fault of the embedded Azure itself", request.method, scope["path"]
            )
            response = refused(ArmError(500, "InternalServerError", "The embedded Azure failed here."))
        _dress(azure, response, request, correlation_id)
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
    if route.open or path.startswith(_OURS):
        return await handler(request)
    check_right(azure.emulator.access, http.method, path)
    azure.throttle.count(http.method, _subscription(azure, path))
    return await fault_injection.answered(request, handler)


def _subscription(azure: Azure, path: str) -> str:
    """The subscription that a request counts for, or ''."""
    found = azure.emulator.directory.subscription(subscription_of(path))
    return found.id if found else ""


def _dress(azure: Azure, response: Response, request: Request, correlation_id: str) -> None:
    """The headers that every answer of ARM carries."""
    having = {name for name, _ in response.raw_headers}
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
    # At once: looking each one up among the others, as setting it singly does, is what a busy server has no time for.
    response.raw_headers += [item for item in _ALWAYS if item[0] not in having]
    response.raw_headers += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in added.items()]
    client_id = request.headers.get("x-ms-client-request-id", "")
    if client_id and request.headers.get("x-ms-return-client-request-id", "").lower() == "true":
        response.headers["x-ms-client-request-id"] = client_id
