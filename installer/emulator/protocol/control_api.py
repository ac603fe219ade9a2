"""Routes of the emulator itself: requests, durations, further faults, policies, sign-in to apps, Prefect's URL, pushes, assumptions."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING

from installer.emulator.deployments.timeline import timeline
from installer.emulator.errors import ArmError
from installer.emulator.faults.requested import UnknownFaultError, parse
from installer.emulator.protocol.request import ArmRequest, answer
from installer.emulator.protocol.routes import Route
from installer.emulator.providers.container_registry import pushed_image
from installer.emulator.providers.deployment_scripts import assumed_scripts
from installer.emulator.providers.image_builds import Build, build
from installer.emulator.providers.image_pulls import REGISTRY_TYPE
from installer.emulator.providers.kubernetes.workloads import host
from installer.emulator.providers.sign_in import sign_ins
from installer.emulator.state.telemetry import Telemetry
from installer.json_access import as_text
from installer.resource_id import parse_id

if TYPE_CHECKING:
    from starlette.responses import Response

    from installer.jsontypes import Json


async def _requests(request: ArmRequest) -> Response:
    return answer(200, {"value": request.emulator.request_log.entries()})


async def _fault(request: ArmRequest) -> Response:
    """Injects one more fault, as `--fault` requests it, for as long as this server runs: a transient one."""
    try:
        fault = parse(as_text((await request.body()).get("fault")))
    except UnknownFaultError as problem:
        raise ArmError(400, "InvalidFault", str(problem)) from None
    if fault.count is None:
        raise ArmError(
            400, "InvalidFault", "A fault that lasts is a condition of the subscription: name it at the start."
        )
    request.emulator.faults.add(fault)
    return answer(204)


async def _timeline(request: ArmRequest) -> Response:
    return answer(200, {"speed": request.emulator.speed, "value": timeline(request.emulator)})


async def _policies(request: ArmRequest) -> Response:
    """Effects of policies so far, and by name those that are in force but not judged."""
    return answer(200, request.emulator.policies.report())


async def _sign_ins(request: ArmRequest) -> Response:
    emulator = request.emulator
    return answer(200, {"value": [found.view() for found in sign_ins(emulator.resources, emulator.directory.cloud)]})


async def _prefect(request: ArmRequest) -> Response:  # noqa: ARG001  every handler's
    """URL of the UI of each Prefect server by its name in the network, and of the first one."""
    found: dict[str, Json] = {**host().addresses()}
    return answer(200, {"address": next(iter(found.values()), ""), "servers": found})


async def _assumptions(request: ArmRequest) -> Response:
    """Results that are assumed because this machine cannot run their programs, or has lost their secrets."""
    lines: list[Json] = [*host().assumptions(), *assumed_scripts(request.emulator.resources)]
    if lost := request.emulator.secret_values.lost():
        lines.append(f"the values of secrets of an earlier session, kept in no keyring and replaced: {', '.join(lost)}")
    return answer(200, {"value": lines})


async def _push(request: ArmRequest) -> Response:
    """Pushes an image, as a client of the registry would; the registry need not exist yet.

    An image is given by its digest, or by the build context (tar.gz in base64) that the client would have built. With both
    it is the image of another registry, which an import brings to one of this Azure: its files are those of the context.
    """
    body = await request.body()
    registry, repository, tag, digest, context = (
        as_text(body.get(name)) for name in ("registry", "repository", "tag", "digest", "context")
    )
    if digest and context:
        host().keep_image(digest, (await _built(context, f"imported@{digest}")).files)
        return answer(204)
    found = parse_id(registry)
    if found is None or found.type.lower() != REGISTRY_TYPE.lower() or not repository or not (digest or context):
        raise ArmError(400, "InvalidPush", "The ID of a registry, a repository and a digest are required.")
    if context:
        made = await _built(context, f"{repository}:{tag}")
        digest = made.digest
        host().keep_image(digest, made.files)
    now = request.emulator.clock.now()
    for reference in dict.fromkeys((digest, tag)):
        if reference:
            request.emulator.resources.save(pushed_image(found.id, repository, reference, digest, now))
    return answer(200, {"digest": digest}) if context else answer(204)


async def _built(context: str, image: str) -> Build:
    made = await asyncio.to_thread(build, base64.b64decode(context), "Dockerfile", image)
    if not made.digest:
        raise ArmError(400, "InvalidPush", "\n".join(made.log))
    return made


async def _telemetry(request: ArmRequest) -> Response:
    """Rows and custom metrics that Azure Monitor has received."""
    received = Telemetry(request.emulator.database)
    return answer(200, {"rows": [*received.rows()], "metrics": [*received.metrics()]})


async def _stay(request: ArmRequest) -> Response:  # noqa: ARG001  every handler's
    """Leaves this server, and Prefect with it, running when the installer ends."""
    host().stay()
    return answer(204)


ROUTES = [
    Route("/rehearsal/assumptions", {"GET": _assumptions}, versioned=False),
    Route("/rehearsal/faults", {"POST": _fault}, versioned=False),
    Route("/rehearsal/images", {"POST": _push}, versioned=False),
    Route("/rehearsal/policies", {"GET": _policies}, versioned=False),
    Route("/rehearsal/prefect", {"GET": _prefect}, versioned=False),
    Route("/rehearsal/prefect/stay", {"POST": _stay}, versioned=False),
    Route("/rehearsal/requests", {"GET": _requests}, versioned=False),
    Route("/rehearsal/sign-ins", {"GET": _sign_ins}, versioned=False),
    Route("/rehearsal/telemetry", {"GET": _telemetry}, versioned=False),
    Route("/rehearsal/timeline", {"GET": _timeline}, versioned=False),
]
