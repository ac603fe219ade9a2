"""Routes of the emulator itself: deployment requests, durations, policies, sign-in to apps, Prefect's URL, assumptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.deployments.timeline import timeline
from installer.emulator.protocol.request import ArmRequest, answer
from installer.emulator.protocol.routes import Route
from installer.emulator.providers.kubernetes.workloads import host
from installer.emulator.providers.sign_in import sign_ins
from installer.emulator.state.telemetry import Telemetry

if TYPE_CHECKING:
    from starlette.responses import Response

    from installer.jsontypes import Json


async def _requests(request: ArmRequest) -> Response:
    return answer(200, {"value": request.emulator.request_log.entries()})


async def _timeline(request: ArmRequest) -> Response:
    return answer(200, {"speed": request.emulator.speed, "value": timeline(request.emulator)})


async def _policies(request: ArmRequest) -> Response:
    """Effects of policies so far, and by name those that are in force but not judged."""
    return answer(200, request.emulator.policies.report())


async def _sign_ins(request: ArmRequest) -> Response:
    emulator = request.emulator
    return answer(200, {"value": [found.view() for found in sign_ins(emulator.resources, emulator.directory.cloud)]})


async def _prefect(request: ArmRequest) -> Response:  # noqa: ARG001  every handler's
    return answer(200, {"address": host().address()})


async def _assumptions(request: ArmRequest) -> Response:
    """Results that are assumed because this machine cannot run their programs, or has lost their secrets."""
    lines: list[Json] = [*host().assumptions()]
    if lost := request.emulator.secret_values.lost():
        lines.append(f"the values of secrets of an earlier session, kept in no keyring and replaced: {', '.join(lost)}")
    return answer(200, {"value": lines})


async def _telemetry(request: ArmRequest) -> Response:
    """Rows and custom metrics that Azure Monitor has received."""
    received = Telemetry(request.emulator.database)
    return answer(200, {"rows": [*received.rows()], "metrics": [*received.metrics()]})


async def _stay(request: ArmRequest) -> Response:  # noqa: ARG001  every handler's
    """Leaves Prefect running when this server ends."""
    host().stay()
    return answer(204)


ROUTES = [
    Route("/rehearsal/assumptions", {"GET": _assumptions}, versioned=False),
    Route("/rehearsal/policies", {"GET": _policies}, versioned=False),
    Route("/rehearsal/prefect", {"GET": _prefect}, versioned=False),
    Route("/rehearsal/prefect/stay", {"POST": _stay}, versioned=False),
    Route("/rehearsal/requests", {"GET": _requests}, versioned=False),
    Route("/rehearsal/sign-ins", {"GET": _sign_ins}, versioned=False),
    Route("/rehearsal/telemetry", {"GET": _telemetry}, versioned=False),
    Route("/rehearsal/timeline", {"GET": _timeline}, versioned=False),
]
