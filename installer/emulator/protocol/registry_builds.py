"""Quick builds of a registry: upload of a source archive, the run, and its log in a blob.

Shapes: azure-mgmt-containerregistrytasks 1.0.0b1; use of the log: azure-cli, command_modules/acr/_stream_utils.py.
"""

from __future__ import annotations

import asyncio
import base64
import re
import secrets
from typing import TYPE_CHECKING, Final

from installer.emulator.errors import ArmError
from installer.emulator.protocol.registry_blobs import blob_url, upload_fact
from installer.emulator.protocol.request import ArmRequest, answer
from installer.emulator.protocol.routes import Route
from installer.emulator.providers.build_runs import RUN_TYPE, images_of, shown, status_of
from installer.emulator.providers.container_registry import keep_image
from installer.emulator.providers.durations import length_of_action
from installer.emulator.providers.image_builds import build
from installer.emulator.providers.kubernetes import workloads
from installer.emulator.state.resources import Resource
from installer.json_access import JsonObject, as_object, as_text, member
from installer.resource_id import name_of

if TYPE_CHECKING:
    from starlette.responses import Response

    from installer.jsontypes import Json

_REGISTRY: Final = "Microsoft.ContainerRegistry/registries"
_WITHOUT_TASKS: Final = ("freetrial", "azureforstudents", "dreamspark")
"""Quota IDs of offers on free credits. Source of code and text: github.com/Azure-Samples/azure-search-openai-demo/issues/2592;
azure-docs, container-registry-tasks-overview.md (task runs are paused for free credits)."""
_IMAGE: Final = re.compile(r"[a-z0-9]+([._/-][a-z0-9]+)*(:[\w][\w.-]{0,127})?")


def _registry(request: ArmRequest) -> Resource:
    group = request.group()
    registry_id = f"{group.id}/providers/{_REGISTRY}/{request.parts['registry']}"
    found = request.emulator.resources.get(registry_id)
    if found is None:
        raise ArmError(404, "ResourceNotFound", f"The Resource '{registry_id}' was not found.")
    return found


async def _upload_url(request: ArmRequest) -> Response:
    request.subscription(for_writing=True)
    path = f"source/{_registry(request).name}/{secrets.token_hex(16)}.tar.gz"
    request.emulator.database.remember(upload_fact(path), "")
    return answer(200, {"uploadUrl": blob_url(request, path), "relativePath": path})


def _begin(request: ArmRequest, registry: Resource, properties: dict[str, Json]) -> Resource:
    number = len(request.emulator.resources.children(registry.id, RUN_TYPE)) + 1
    item_id, now = f"{registry.id}/runs/ca{number}", request.emulator.clock.now()
    found = Resource(item_id, RUN_TYPE, name_of(item_id), "2025-03-01-preview", "Succeeded", now, now)
    found.desired = {"properties": properties}
    request.emulator.resources.save(found)
    return found


async def _schedule(request: ArmRequest) -> Response:
    """Accepts a Docker build of an uploaded archive; other run requests are refused by name."""
    place = request.subscription(for_writing=True)
    registry, body = _registry(request), await request.body()
    if as_text(member(place.facts, "subscriptionPolicies", "quotaId")).lower().startswith(_WITHOUT_TASKS):
        raise ArmError(
            400,
            "TasksOperationsNotAllowed",
            f"ACR Tasks requests for the registry {registry.name} and {place.id} are not permitted. Please file an Azure "
            "support request at http://aka.ms/azuresupport for assistance.",
            cause="service",
        )
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
    if content := request.emulator.database.fact(upload_fact(location)):
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
    return answer(200, {"logLink": blob_url(request, f"log/{name_of(_registry(request).id)}/{run.name}.log")})


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
]
