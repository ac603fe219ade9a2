"""Quick builds of a registry: upload of a source archive, the run, and its log in a blob.

Shapes: azure-mgmt-containerregistrytasks 1.0.0b1; use of the log: azure-cli, command_modules/acr/_stream_utils.py.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import re
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
from installer.emulator.providers.kubernetes import workloads
from installer.emulator.state.resources import Resource
from installer.json_access import JsonObject, as_object, as_text
from installer.resource_id import name_of

if TYPE_CHECKING:
    from installer.jsontypes import Json

_REGISTRY: Final = "Microsoft.ContainerRegistry/registries"
_RANGE: Final = re.compile(r"bytes=([0-9]{1,30})-([0-9]{1,30})?")
_IMAGE: Final = re.compile(r"[a-z0-9]+([._/-][a-z0-9]+)*(:[\w][\w.-]{0,127})?")
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
    path = f"source/{_registry(request).name}/{secrets.token_hex(16)}.tar.gz"
    request.emulator.database.remember(_upload(path), "")
    return answer(200, {"uploadUrl": _blob_url(request, path), "relativePath": path})


def _upload(path: str) -> str:
    return f"build source {path}"


def _begin(request: ArmRequest, registry: Resource, properties: dict[str, Json]) -> Resource:
    number = len(request.emulator.resources.children(registry.id, RUN_TYPE)) + 1
    item_id, now = f"{registry.id}/runs/ca{number}", request.emulator.clock.now()
    found = Resource(item_id, RUN_TYPE, name_of(item_id), "2025-03-01-preview", "Succeeded", now, now)
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
    host = f"{registry.name.lower()}.azurecr.io"
    images = _images(body, host)
    archive = _archive(request, as_text(body["sourceLocation"]))
    made = await asyncio.to_thread(build, archive, as_text(body["dockerFilePath"]), f"{host}/{(*images, 'unnamed')[0]}")
    if made.digest:
        workloads.host().keep_image(made.digest, made.files)
    seconds = request.emulator.real_seconds(length_of_action("imageBuild"))
    run = _begin(
        request,
        registry,
        {
            "seconds": seconds,
            "log": list(made.log),
            "digest": made.digest,
            "images": [*images] if body.get("isPushEnabled") is True and made.digest else [],
            "platform": body["platform"],
            "registry": host,
        },
    )
    return answer(200, _shown(request, run))


def _images(body: JsonObject, host: str) -> list[str]:
    """Repositories and tags of the images to push; the registry of another name is refused, as it has no credentials."""
    given = body.get("imageNames", [])
    names = (
        [one.removeprefix(f"{host}/") if isinstance(one, str) else "" for one in given]
        if isinstance(given, list)
        else [""]
    )
    wrong = next((one for one in names if not _IMAGE.fullmatch(one) or "." in one.split("/")[0] != one), None)
    if wrong is not None or not isinstance(body.get("isPushEnabled", False), bool):
        text = "imageNames has to be a list of lower-case repositories with tags, and isPushEnabled true or false."
        raise ArmError(400, "InvalidRunRequest", text, cause="service")
    return names


def _archive(request: ArmRequest, location: str) -> bytes:
    if content := request.emulator.database.fact(_upload(location)):
        return base64.b64decode(content)
    text = f"The source location '{location}' was not found; upload the source to the URL of listBuildSourceUploadUrl."
    raise ArmError(400, "InvalidSourceLocation", text, cause="service")


def _shown(request: ArmRequest, run: Resource) -> JsonObject:
    """A run; the first request that finds it successful puts its images into the registry."""
    now, properties = request.emulator.clock.now(), as_object(run.desired["properties"])
    registry = request.emulator.resources.get(run.id.rpartition("/runs/")[0])
    if registry is not None and not properties.get("pushed") and status_of(run, now)[0] == "Succeeded":
        context = request.emulator.provider_context(registry)
        for image in images_of(run):
            for reference in ("tag", "digest"):
                keep_image(context, as_text(image["repository"]), as_text(image[reference]), as_text(image["digest"]))
        run.desired = {"properties": {**properties, "pushed": True}}
        request.emulator.resources.save(run)
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
    oldest_first = [_shown(request, one) for one in sorted(runs, key=lambda one: one.created)]
    return answer(200, {"value": [*reversed(oldest_first)]})


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
    name = _signed_name(request)
    if request.emulator.database.fact(_upload(name)) is None:
        raise ArmError(404, "BlobNotFound", "The specified blob does not exist.", cause="service")
    content = bytearray()
    async for chunk in request.http.stream():
        content += chunk
        if len(content) > _MAX_UPLOAD:
            raise ArmError(413, "RequestBodyTooLarge", "The request body is too large.", cause="service")
    request.emulator.database.remember(_upload(name), base64.b64encode(content).decode())
    return Response(status_code=201, headers={"ETag": f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'})


async def _get_blob(request: ArmRequest) -> Response:
    """A log, or a range of it; the metadatum `complete` means that nothing will be added."""
    now, run = request.emulator.clock.now(), _run_of_log(request)
    status, part = status_of(run, now)
    content = log_of(run, now)
    headers = {"x-ms-blob-type": "AppendBlob", "ETag": f'"{len(content)}"', "Accept-Ranges": "bytes"}
    if part >= 1:
        headers["x-ms-meta-complete"] = {"Succeeded": "successful", "Canceled": "canceled"}.get(status, "failed")
    wanted = request.http.headers.get("x-ms-range") or request.http.headers.get("range")
    if request.http.method == "HEAD" or not wanted:
        return Response(content, 200, headers, media_type="application/octet-stream")
    start, end = _range(wanted, len(content))
    headers["Content-Range"] = f"bytes {start}-{end}/{len(content)}"
    return Response(content[start : end + 1], 206, headers, media_type="application/octet-stream")


def _range(wanted: str, size: int) -> tuple[int, int]:
    """First and last byte: learn.microsoft.com/rest/api/storageservices/specifying-the-range-header-for-blob-service-operations."""
    found = _RANGE.fullmatch(wanted.strip())
    start, end = (int(found[1]), int(found[2] or size - 1)) if found else (0, -1)
    if found is None or (found[2] and end < start):
        text = "The value for one of the HTTP headers is not in the correct format."
        raise ArmError(400, "InvalidHeaderValue", text, cause="service")
    if start >= size:
        raise ArmError(
            416, "InvalidRange", "The range specified is invalid for the current size of the resource.", cause="service"
        )
    return start, min(end, size - 1)


def _signed_name(request: ArmRequest) -> str:
    """Name of a blob; the signature is the only credential."""
    name = request.path.removeprefix(f"{_BLOBS}/")
    if not hmac.compare_digest(_signature(request, name).encode(), request.query.get("sig", "").encode()):
        raise ArmError(403, "AuthenticationFailed", "Server failed to authenticate the request.", cause="service")
    return name


def _run_of_log(request: ArmRequest) -> Resource:
    folder, _, rest = _signed_name(request).partition("/")
    registry_name, _, leaf = rest.partition("/")
    for one in request.emulator.resources.of_type(RUN_TYPE) if folder == "log" else ():
        if one.name == leaf.removesuffix(".log") and f"/registries/{registry_name}/".lower() in one.id.lower():
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
