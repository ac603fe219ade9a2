"""Faults that strike a request: refusals, lost connections, silence, and the death of the server itself."""

from __future__ import annotations

import os
import socket
import struct
import sys
import time
from typing import TYPE_CHECKING, NoReturn

from installer.resource_id import subscription_of

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Send

    from installer.emulator.faults.injection import Fault
    from installer.emulator.protocol.request import ArmRequest
    from installer.emulator.protocol.routes import Handler

_DEAD = 70
_MOST_FILES = 4096
_NO_LINGER = struct.pack("ii", 1, 0)


class ConnectionLostError(Exception):
    """The connection is to end without an answer."""


async def answered(request: ArmRequest, handler: Handler) -> Response:
    """What a handler answers, unless a fault strikes first."""
    fault = request.emulator.faults.on_request(request.http.method, request.path)
    return await (handler(request) if fault is None else _struck(request, fault, handler))


async def _struck(request: ArmRequest, fault: Fault, handler: Handler) -> Response:
    match fault.kind.effect:
        case "lost":
            await handler(request)
        case "stalls":
            await request.emulator.clock.until(request.emulator.clock.now() + fault.seconds)
        case "exits":
            os._exit(_DEAD)
        case "restarts":
            _come_back(fault.seconds)
        case "refused":
            values = {"id": request.path, "subscription": subscription_of(request.path)}
            refusal = request.emulator.faults.refusal(fault, values)
            if refusal.status == 401:
                where = f"{request.base}/{request.emulator.directory.tenant_id}"
                refusal.headers["WWW-Authenticate"] = f'Bearer authorization_uri="{where}", error="invalid_token"'
            raise refusal
        case _:
            pass  # a reset needs nothing more than what all of them end with
    raise ConnectionLostError


def _come_back(seconds: float) -> NoReturn:
    """Die as a killed process does, connections and all, and start again under the same process id."""
    os.closerange(3, _MOST_FILES)
    time.sleep(seconds)
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - our own command line


def reset(send: Send) -> None:
    """End the connection behind an ASGI `send` at once, with a reset where the transport allows it."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        return
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()
