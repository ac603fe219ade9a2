"""Route of the API servers of clusters: sign-in of service accounts, requests, and watches as streams of lines."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import TYPE_CHECKING, Final

from starlette.responses import PlainTextResponse, StreamingResponse

from installer.emulator.errors import ArmError
from installer.emulator.protocol.request import ArmRequest, answer
from installer.emulator.protocol.routes import Route
from installer.emulator.providers.kubernetes.api_server import (
    ApiError,
    ApiServer,
    Target,
    discovered,
    selected,
    target_of,
)
from installer.emulator.providers.kubernetes.cluster_objects import CLUSTER_TYPE, ClusterObjects
from installer.emulator.providers.kubernetes.pod_containers import API_PATH, api_path
from installer.emulator.providers.kubernetes.rbac import status
from installer.json_access import as_text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.responses import Response

    from installer.emulator.state.resources import Resource

_TICK_SECONDS: Final = 0.5
_IDLE_TICKS: Final = 3
"""Ticks after which objects are listed again though nothing was stored: their processes may have ended."""
_WATCH_SECONDS: Final = 300
"""Length of a watch without timeoutSeconds."""
_GONE: Final = "The resourceVersion for the provided watch is too old."


async def _serve(request: ArmRequest) -> Response:
    cluster = _cluster(request)
    try:
        return await _answered(request, cluster, _subject(request, cluster))
    except ApiError as refused:
        return answer(refused.code, refused.body)


async def _answered(request: ArmRequest, cluster: Resource, subject: str) -> Response:
    method, path = request.http.method, request.parts["rest"]
    if method == "GET" and (found := discovered(path)) is not None:
        return answer(200, found)
    target, query = target_of(path), request.query
    server = _server(request, cluster, target, subject)
    if method == "GET" and target.subresource == "log":
        server.check("get", target)
        return PlainTextResponse(server.logs(target))
    if method == "GET" and target.name:
        server.check("get", target)
        return answer(200, server.read(target))
    if method == "GET" and query.get("watch") in {"true", "1"}:
        server.check("watch", target)
        lines = _watched(request, partial(_server, request, cluster, target, subject), target)
        return StreamingResponse(lines, media_type="application/json")
    if method == "GET":
        server.check("list", target)
        return answer(200, server.listed(target, query.get("labelSelector", "")))
    if method == "POST" and not target.name:
        server.check("create", target)
        return answer(201, server.create(target, await request.body()))
    if method == "DELETE" and target.name:
        server.check("delete", target)
        return answer(200, server.delete(target))
    raise ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")


async def _watched(request: ArmRequest, server: partial[ApiServer], target: Target) -> AsyncIterator[bytes]:
    """Changes after a revision; without one first all objects."""
    query, selector = request.query, request.query.get("labelSelector", "")
    length = query.get("timeoutSeconds", "")
    end = asyncio.get_running_loop().time() + (int(length) if length.isdecimal() else _WATCH_SECONDS)
    given = query.get("resourceVersion", "")
    revision = int(given) if given.isdecimal() else 0
    if not revision:
        for one in server().log.update(server().objects.every(target.kind.name)):
            if selected(one, target, selector):
                yield _line("ADDED", one)
        revision = server().log.revision
    ticks, stored = 0, -1
    while asyncio.get_running_loop().time() < end and not await request.http.is_disconnected():
        current = server()
        if ticks % _IDLE_TICKS == 0 or stored != request.emulator.resources.changes:
            current.log.update(current.objects.every(target.kind.name))
            stored = request.emulator.resources.changes
        ticks += 1
        events = current.log.since(revision)
        if events is None:
            yield _line("ERROR", status(410, "Expired", _GONE))
            return
        for event in events:
            revision = event.revision
            if selected(event.object, target, selector):
                yield _line(event.type, event.object)
        await asyncio.sleep(_TICK_SECONDS)


def _line(kind: str, one: object) -> bytes:
    return json.dumps({"type": kind, "object": one}, separators=(",", ":")).encode() + b"\n"


def _server(request: ArmRequest, cluster: Resource, target: Target, subject: str) -> ApiServer:
    objects = ClusterObjects(request.emulator.provider_context(cluster))
    return ApiServer(objects, request.emulator.watches.of(cluster.id, target.kind.name), subject)


def _cluster(request: ArmRequest) -> Resource:
    wanted = f"{API_PATH}/{request.parts['cluster']}"
    for one in request.emulator.resources.of_type(CLUSTER_TYPE):
        if api_path(one.id) == wanted:
            return one
    raise ArmError(404, "NotFound", "There is no such cluster.")


def _subject(request: ArmRequest, cluster: Resource) -> str:
    """The service account of a token for this cluster. Raises ApiError."""
    token = request.http.headers.get("authorization", "").removeprefix("Bearer ")
    claims = request.azure.identity.unexpired(token)
    if claims is None or claims.get("aud") != api_path(cluster.id):
        raise ApiError(401, "Unauthorized", "Unauthorized")
    return as_text(claims.get("sub"))


ROUTES = [
    Route(
        f"{API_PATH}/{{cluster}}/{{rest:path}}",
        dict.fromkeys(("GET", "POST", "DELETE", "PATCH"), _serve),
        versioned=False,
        open=True,
    )
]
