"""Quick builds of a registry: upload of a source archive, the run, and its log in a blob.

Shapes: azure-mgmt-containerregistrytasks 1.0.0b1; use of the log: azure-cli, command_modules/acr/_stream_utils.py.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from installer.emulator.errors import ArmError
from installer.emulator.protocol.request import ArmRequest, answer
from installer.emulator.protocol.routes import Route
from installer.emulator.providers.build_runs import RUN_TYPE, images_of, log_of, shown, status_of
from installer.emulator.providers.container_registry import keep_image
from installer.emulator.providers.durations import length_of_action
from installer.emulator.providers.image_builds import build
from installer.emulator.state.resources import Resource
from installer.json_access import JsonObject, as_list, as_object, as_text, member
from installer.resource_id import name_of

if TYPE_CHECKING:
    from installer.jsontypes import Json

_REGISTRY: Final = "Microsoft.ContainerRegistry/registries"
_UPLOAD: Final = f"{_REGISTRY}/buildSources"
"""Stored under the registry; no client sees it as a resource."""
_BLOBS: Final = "/rehearsal-blobs"
_MAX_UPLOAD: Final = 64_000_000
_FACT: Final = "blob signature"


def _registry(request: ArmRequest) -> Resource:
    group = request.group()
    registry_id = f"{group.id}/providers/{_REGISTRY}/{request.parts['registry']}"
    found = request.emulator.resources.get(registry_id)
    if found is None:
        raise ArmError(404, "ResourceNotFound", f"The Resource '{registry_id}' was not found.")
    return found


def _blob_url(request: ArmRequest, name: str) -> str:
    return f"{request.base}{_BLOBS}/{name}?sv=2023-11-03&sr=b&sig={_signature(request, name)}"


def _signature(request: ArmRequest, name: str) -> str:
    database = request.emulator.database
    secret = database.fact(_FACT)
    if secret is None:
        secret = secrets.token_hex(32)
        database.remember(_FACT, secret)
    return hmac.new(secret.encode(), name.encode(), "sha256").hexdigest()


async def _upload_url(request: ArmRequest) -> Response:
    request.subscription(for_writing=True)
    registry = _registry(request)
    number = len(request.emulator.resources.children(registry.id, _UPLOAD)) + 1
    path = f"source/{registry.name}/{number:08}.tar.gz"
    _save(request, registry, _UPLOAD, f"buildSources/{number:08}", {"path": path})
    return answer(200, {"uploadUrl": _blob_url(request, path), "relativePath": path})


def _save(request: ArmRequest, registry: Resource, kind: str, below: str, properties: dict[str, Json]) -> Resource:
    item_id, now = f"{registry.id}/{below}", request.emulator.clock.now()
    found = Resource(item_id, kind, name_of(item_id), "2025-03-01-preview", "Succeeded", now, now)
    found.desired = {"properties": properties}
    request.emulator.resources.save(found)
    return found


async def _schedule(request: ArmRequest) -> Response:
    """Accepts a Docker build of an uploaded archive; other run requests are refused by name."""
    request.subscription(for_writing=True)
    registry, body = _registry(request), await request.body()
    if as_text(body.get("type")) != "DockerBuildRequest":
        text = f"The embedded Azure runs no request of the type '{as_text(body.get('type'))}', only DockerBuildRequest."
        raise ArmError(400, "InvalidRunRequest", text, cause="service")
    missing = [name for name in ("dockerFilePath", "platform", "sourceLocation") if not body.get(name)]
    if missing:
        raise ArmError(400, "InvalidRunRequest", f"The run request has no {', '.join(missing)}.", cause="service")
    archive = _archive(request, registry, as_text(body["sourceLocation"]))
    host = f"{registry.name.lower()}.azurecr.io"
    images = [as_text(one) for one in as_list(body.get("imageNames"))]
    references = [one if one.startswith(f"{host}/") else f"{host}/{one}" for one in images]
    made = build(archive, as_text(body["dockerFilePath"]), references[0] if references else host)
    number = len(request.emulator.resources.children(registry.id, RUN_TYPE)) + 1
    seconds = request.emulator.real_seconds(length_of_action("imageBuild"))
    kept = body.get("isPushEnabled") is True and made.digest
    run = _save(
        request,
        registry,
        RUN_TYPE,
        f"runs/ca{number}",
        {
            "seconds": seconds,
            "log": list(made.log),
            "digest": made.digest,
            "images": [*images] if kept else [],
            "platform": body["platform"],
            "registry": host,
        },
    )
    return answer(200, _shown(request, run))


def _archive(request: ArmRequest, registry: Resource, location: str) -> bytes:
    for one in request.emulator.resources.children(registry.id, _UPLOAD):
        if as_text(member(one.desired, "properties", "path")) == location and (
            content := as_text(member(one.desired, "properties", "content"))
        ):
            return base64.b64decode(content)
    text = f"The source location '{location}' was not found; upload the source to the URL of listBuildSourceUploadUrl."
    raise ArmError(400, "InvalidSourceLocation", text, cause="service")


def _shown(request: ArmRequest, run: Resource) -> JsonObject:
    """A run; its images are in the registry as soon as it has succeeded."""
    now = request.emulator.clock.now()
    registry = request.emulator.resources.get(run.id.rpartition("/runs/")[0])
    if registry is not None and status_of(run, now)[0] == "Succeeded":
        context = request.emulator.provider_context(registry)
        for image in images_of(run):
            for reference in ("tag", "digest"):
                keep_image(context, as_text(image["repository"]), as_text(image[reference]), as_text(image["digest"]))
    return shown(run, now)


def _run(request: ArmRequest) -> Resource:
    found = request.emulator.resources.get(f"{_registry(request).id}/runs/{request.parts['run']}")
    if found is None:
        raise ArmError(404, "RunNotFound", f"The run '{request.parts['run']}' was not found.", cause="service")
    return found


async def _get_run(request: ArmRequest) -> Response:
    return answer(200, _shown(request, _run(request)))


async def _list_runs(request: ArmRequest) -> Response:
    runs = request.emulator.resources.children(_registry(request).id, RUN_TYPE)
    newest_first = sorted(runs, key=lambda one: one.created, reverse=True)
    return answer(200, {"value": [_shown(request, one) for one in newest_first]})


async def _cancel(request: ArmRequest) -> Response:
    run = _run(request)
    if status_of(run, request.emulator.clock.now())[0] in ("Queued", "Running"):
        run.desired = {"properties": {**as_object(run.desired["properties"]), "canceled": True, "images": []}}
        request.emulator.resources.save(run)
    return answer(200)


async def _log_url(request: ArmRequest) -> Response:
    run = _run(request)
    return answer(200, {"logLink": _blob_url(request, f"log/{name_of(_registry(request).id)}/{run.name}.log")})


async def _put_blob(request: ArmRequest) -> Response:
    source = _blob(request, "source/")
    content = b""
    async for chunk in request.http.stream():
        content += chunk
        if len(content) > _MAX_UPLOAD:
            raise ArmError(413, "RequestBodyTooLarge", "The request body is too large.", cause="service")
    source.desired = {
        "properties": {**as_object(source.desired["properties"]), "content": base64.b64encode(content).decode()}
    }
    request.emulator.resources.save(source)
    return Response(status_code=201, headers={"ETag": f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'})


async def _get_blob(request: ArmRequest) -> Response:
    """A log, or a range of it; the metadatum `complete` means that nothing will be added."""
    run = _blob(request, "log/")
    status, part = status_of(run, request.emulator.clock.now())
    content = log_of(run, request.emulator.clock.now())
    headers = {"x-ms-blob-type": "AppendBlob", "ETag": f'"{len(content)}"', "Accept-Ranges": "bytes"}
    if part >= 1:
        headers["x-ms-meta-complete"] = {"Succeeded": "successful", "Canceled": "canceled"}.get(status, "failed")
    wanted = request.http.headers.get("x-ms-range") or request.http.headers.get("range") or ""
    if request.http.method == "HEAD" or not wanted.startswith("bytes="):
        return Response(content, 200, headers, media_type="application/octet-stream")
    first, _, last = wanted.removeprefix("bytes=").partition("-")
    start, end = int(first or 0), min(int(last) if last else len(content) - 1, len(content) - 1)
    if start >= len(content):
        raise ArmError(416, "InvalidRange", "The range is not in the blob.", cause="service")
    headers["Content-Range"] = f"bytes {start}-{end}/{len(content)}"
    return Response(content[start : end + 1], 206, headers, media_type="application/octet-stream")


def _blob(request: ArmRequest, folder: str) -> Resource:
    """The resource behind a blob; the signature is the only credential."""
    name = request.path.removeprefix(f"{_BLOBS}/")
    if not hmac.compare_digest(_signature(request, name), request.query.get("sig", "")):
        raise ArmError(403, "AuthenticationFailed", "Server failed to authenticate the request.", cause="service")
    if name.startswith(folder):
        _, registry_name, leaf = name.split("/")
        kind = _UPLOAD if folder == "source/" else RUN_TYPE
        wanted = leaf.partition(".")[0]
        for one in request.emulator.resources.of_type(kind):
            if one.name == wanted and f"/registries/{registry_name}/".lower() in one.id.lower():
                return one
    raise ArmError(404, "BlobNotFound", "The specified blob does not exist.", cause="service")


_AT: Final = (
    "/subscriptions/{subscription}/resourcegroups/{group}/providers/Microsoft.ContainerRegistry/registries/{registry}"
)
ROUTES = [
    Route(f"{_AT}/listBuildSourceUploadUrl", {"POST": _upload_url}),
    Route(f"{_AT}/scheduleRun", {"POST": _schedule}),
    Route(f"{_AT}/runs", {"GET": _list_runs}),
    Route(f"{_AT}/runs/{{run}}", {"GET": _get_run}),
    Route(f"{_AT}/runs/{{run}}/listLogSasUrl", {"POST": _log_url}),
    Route(f"{_AT}/runs/{{run}}/cancel", {"POST": _cancel}),
    Route(f"{_BLOBS}/{{blob:path}}", {"PUT": _put_blob, "GET": _get_blob}, versioned=False, open=True),
]
