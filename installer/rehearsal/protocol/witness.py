"""What only a rehearsal tells: the requests that it received, and how long its deployments had to take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.rehearsal.deployments.timeline import timeline
from installer.rehearsal.protocol.calls import Call, answer
from installer.rehearsal.protocol.routes import Route

if TYPE_CHECKING:
    from starlette.responses import Response


async def _requests(call: Call) -> Response:
    return answer(200, {"value": call.world.diary.entries()})


async def _timeline(call: Call) -> Response:
    return answer(200, {"speed": call.world.speed, "value": timeline(call.world)})


ROUTES = [
    Route("/rehearsal/requests", {"GET": _requests}, versioned=False),
    Route("/rehearsal/timeline", {"GET": _timeline}, versioned=False),
]
