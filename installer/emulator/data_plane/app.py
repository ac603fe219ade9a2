"""Answers requests that were sent to a host name of a data plane."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from starlette.requests import ClientDisconnect, Request

from installer.emulator.data_plane import monitor, vault
from installer.emulator.data_plane.blob import service as blob
from installer.emulator.data_plane.hosts import Service, service_at
from installer.emulator.data_plane.requests import DataRequest, ServiceError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from installer.emulator.protocol.request import Azure
    from installer.emulator.state.resources import Resource

_LOG = logging.getLogger(__name__)


def service_of(azure: Azure, scope: Scope) -> tuple[str, Service] | None:
    """The host name of a request and what answers there; None for the management plane."""
    host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "").partition(":")[0]
    found = service_at(azure.emulator, host) if not host.startswith("127.") and "." in host else None
    return (host, found) if found is not None else None


async def serve(azure: Azure, at: tuple[str, Service], scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request."""
    host, service = at
    http = Request(scope, receive)
    request = DataRequest(azure, http, host, service.resource, str(uuid.uuid4()))
    try:
        response = await _answered(request, service)
    except ClientDisconnect:
        return
    await response(scope, receive, send)


async def _answered(request: DataRequest, service: Service) -> Response:
    kind = _KINDS[service.name]
    try:
        response = await kind.answer(request, service)
    except ServiceError as problem:
        response = kind.refused(request, problem)
    except ClientDisconnect:
        raise
    except Exception:  # noqa: BLE001 - logged with its trace; the server continues
        _LOG.exception("%s %s failed because of a fault of the embedded Azure itself", request.method, request.path)
        response = kind.refused(request, ServiceError(500, "InternalError", "The embedded Azure failed here."))
    response.headers.update(kind.headers(request))
    return response


@dataclass(frozen=True)
class _Kind:
    """A kind of data plane: its answers, its errors, its headers."""

    answer: Callable[[DataRequest, Service], Awaitable[Response]]
    refused: Callable[[DataRequest, ServiceError], Response]
    headers: Callable[[DataRequest], dict[str, str]]


async def _blob(request: DataRequest, service: Service) -> Response:
    return await blob.answer(request, _resource(service))


async def _vault(request: DataRequest, service: Service) -> Response:
    return await vault.answer(request, _resource(service))


async def _rows(request: DataRequest, service: Service) -> Response:
    return await monitor.take_rows(request, _resource(service))


async def _metric(request: DataRequest, service: Service) -> Response:
    return await monitor.take_metric(request, service.region)


def _resource(service: Service) -> Resource:
    if service.resource is None:
        raise ServiceError(404, "ResourceNotFound", "The specified resource does not exist.")
    return service.resource


_KINDS: Final[dict[str, _Kind]] = {
    "blob": _Kind(_blob, blob.refused, blob.common_headers),
    "vault": _Kind(_vault, vault.refused, vault.common_headers),
    "ingestion": _Kind(_rows, monitor.refused, monitor.common_headers),
    "metrics": _Kind(_metric, monitor.refused, monitor.common_headers),
}
