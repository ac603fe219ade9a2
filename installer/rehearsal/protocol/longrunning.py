"""Status URLs of long-running operations: long, signed in appearance, and new with every poll, like ARM's."""

from __future__ import annotations

import base64
import hashlib
import math
from typing import TYPE_CHECKING

from installer.rehearsal.errors import ArmError
from installer.rehearsal.protocol.calls import Call, answer

if TYPE_CHECKING:
    from starlette.responses import Response

    from installer.rehearsal.state.jobs import Job

_EPOCH_TICKS = 621355968000000000  # 0001-01-01 to 1970-01-01 in units of 100 ns
_CERTIFICATE_BYTES, _SIGNATURE_BYTES = 1992, 256  # as long as in the recordings
_LONGEST_PAUSE = 15


def signed(call: Call, path: str) -> str:
    """A status URL under the caller's endpoint and api-version; clients must follow it verbatim."""
    ticks = _EPOCH_TICKS + round(call.world.clock.now() * 10_000_000)
    certificate = _filler("certificate", _CERTIFICATE_BYTES)
    signature, digest = _filler(f"{path}{ticks}", _SIGNATURE_BYTES), _filler(f"{ticks}", 32)
    return f"{call.base}{path}?api-version={call.api_version}&t={ticks}&c={certificate}&s={signature}&h={digest}"


def _filler(seed: str, length: int) -> str:
    return base64.urlsafe_b64encode(hashlib.shake_256(seed.encode()).digest(length)).decode().rstrip("=")


def job_started(call: Call, job: Job) -> Response:
    """202 with where to ask, and when."""
    path = f"/subscriptions/{call.parts['subscription']}/operationresults/{job.id}"
    pause = max(1, min(_LONGEST_PAUSE, math.ceil(job.ready - call.world.clock.now())))
    return answer(202, headers={"Location": signed(call, path), "Retry-After": str(pause)})


async def poll_job(call: Call) -> Response:
    """202 while a job goes on, then its result."""
    job = call.world.jobs.get(call.parts["job"])
    if job is None:
        raise ArmError(404, "NotFound", "The operation could not be found.")
    if call.world.clock.now() < job.ready or not job.done:
        return job_started(call, job)
    return answer(job.status, job.result)
