"""Status URLs of long-running operations: long, apparently signed, and different for every poll, like ARM's."""

from __future__ import annotations

import base64
import hashlib
import math
from typing import TYPE_CHECKING

from installer.emulator.clock import instant
from installer.emulator.errors import ArmError
from installer.emulator.protocol.request import ArmRequest, answer
from installer.emulator.protocol.routes import Route

if TYPE_CHECKING:
    from starlette.responses import Response

    from installer.emulator.state.jobs import Job
    from installer.json_access import JsonObject
    from installer.resource_id import ResourceId

_EPOCH_TICKS = 621355968000000000  # 0001-01-01 to 1970-01-01 in units of 100 ns
_CERTIFICATE_BYTES, _SIGNATURE_BYTES = 1992, 256  # the lengths in the recordings
_MAX_RETRY_AFTER = 15
WRITE = "resourcewrite"
"""Kind of a job that ends when its resource reaches a final state."""


def signed(request: ArmRequest, path: str) -> str:
    """A status URL under the caller's endpoint and api-version; clients must follow it verbatim."""
    ticks = _EPOCH_TICKS + round(request.emulator.clock.now() * 10_000_000)
    certificate = _pseudo_random_text("certificate", _CERTIFICATE_BYTES)
    signature, digest = _pseudo_random_text(f"{path}{ticks}", _SIGNATURE_BYTES), _pseudo_random_text(f"{ticks}", 32)
    return f"{request.base}{path}?api-version={request.api_version}&t={ticks}&c={certificate}&s={signature}&h={digest}"


def _pseudo_random_text(seed: str, length: int) -> str:
    return base64.urlsafe_b64encode(hashlib.shake_256(seed.encode()).digest(length)).decode().rstrip("=")


def job_started(request: ArmRequest, job: Job) -> Response:
    """202 with the URL to poll and the time to wait."""
    scope = f"/subscriptions/{request.parts['subscription']}" if "subscription" in request.parts else ""
    path = f"{scope}/operationresults/{job.id}"
    return answer(202, headers={"Location": signed(request, path), "Retry-After": _retry_after(request, job)})


def status_headers(request: ArmRequest, job: Job, resource: ResourceId, location: str) -> dict[str, str]:
    """Both status URLs of a provider's job; clients prefer the first."""
    scope = f"/subscriptions/{resource.subscription}" if resource.subscription else ""
    place = f"{scope}/providers/{resource.namespace}/locations/{location or 'global'}"
    return {
        "Azure-AsyncOperation": signed(request, f"{place}/operationstatuses/{job.id}"),
        "Location": signed(request, f"{scope}/operationresults/{job.id}"),
        "Retry-After": _retry_after(request, job),
    }


def _finished(request: ArmRequest, job: Job) -> bool:
    """Whether a job is finished; a write is once its resource is no longer being changed."""
    written = request.emulator.resources.get(job.subject) if job.kind == WRITE else None
    done = job.done if job.kind != WRITE else written is None or not written.under_way
    return done and request.emulator.clock.now() >= job.ready


def _final_state(request: ArmRequest, job: Job) -> str:
    written = request.emulator.resources.get(job.subject) if job.kind == WRITE else None
    return written.state if written is not None else "Succeeded"


async def poll_status(request: ArmRequest) -> Response:
    """The state of a provider's job as a body."""
    job = _found(request)
    finished = _finished(request, job)
    body: JsonObject = {
        "id": request.path,
        "name": job.id,
        "status": _final_state(request, job) if finished else "InProgress",
    }
    started = request.query.get("t", "")
    if started.isascii() and started.isdecimal() and len(started) <= len(str(_EPOCH_TICKS)):
        # The URL was signed when the operation began.
        body["startTime"] = instant(max(0, int(started) - _EPOCH_TICKS) / 10_000_000)
    if finished:
        body |= {"endTime": instant(job.ready), "properties": {}}
    return answer(200, body, None if finished else {"Retry-After": _retry_after(request, job)})


def _retry_after(request: ArmRequest, job: Job) -> str:
    return str(max(1, min(_MAX_RETRY_AFTER, math.ceil(job.ready - request.emulator.clock.now()))))


def _found(request: ArmRequest) -> Job:
    job = request.emulator.jobs.get(request.parts["job"])
    if job is None:
        raise ArmError(404, "NotFound", "The operation could not be found.")
    return job


async def poll_job(request: ArmRequest) -> Response:
    """202 while a job runs, then its result."""
    job = _found(request)
    if not _finished(request, job):
        return job_started(request, job)
    written = request.emulator.resources.get(job.subject) if job.kind == WRITE else None
    return answer(job.status, job.result if written is None else request.emulator.view(written))


_PLACE = "/subscriptions/{subscription}/providers/{namespace}/locations/{location}"
ROUTES = [
    Route("/subscriptions/{subscription}/operationresults/{job}", {"GET": poll_job}),
    Route("/operationresults/{job}", {"GET": poll_job}),
    Route(f"{_PLACE}/operationstatuses/{{job}}", {"GET": poll_status}),
    Route("/providers/{namespace}/locations/{location}/operationstatuses/{job}", {"GET": poll_status}),
]
