"""Injects faults into requests: refusals, lost connections, hangs, answers of others, and exits of the server process."""

from __future__ import annotations

import os
import socket
import struct
import sys
import time
from typing import TYPE_CHECKING, NoReturn

from installer.emulator.protocol.hostile_answers import changed, replaced
from installer.resource_id import subscription_of

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Send

    from installer.emulator.faults.requested import Fault
    from installer.emulator.protocol.request import ArmRequest
    from installer.emulator.protocol.routes import Handler

_EXIT_CODE = 70
_MAX_FILES = 4096
_NO_LINGER = struct.pack("ii", 1, 0)


class ConnectionLostError(Exception):
    """The connection must be closed without a response."""


async def answered(request: ArmRequest, handler: Handler) -> Response:
    """Runs the handler, unless a fault is injected."""
    faults, method, path = request.emulator.faults, request.http.method, request.path
    fault = faults.on_request(method, path)
    answer = await (handler(request) if fault is None else _inject(request, fault, handler))
    return faults.on_answer(method, path, lambda other: changed(other.kind.name, path, answer)) or answer


async def _inject(request: ArmRequest, fault: Fault, handler: Handler) -> Response:
    match fault.kind.effect:
        case "replaced":
            return replaced(fault.kind.name, request.path)
        case "lost":
            await handler(request)
        case "stalls":
            await request.emulator.clock.until(request.emulator.clock.now() + fault.seconds)
        case "exits":
            os._exit(_EXIT_CODE)
        case "restarts":
            _restart(fault.seconds, request.emulator.secret_values.key)
        case "refused":
            values = {"id": request.path, "subscription": subscription_of(request.path)}
            refusal = request.emulator.faults.refusal(fault, values)
            if refusal.status == 401:
                where = f"{request.base}/{request.emulator.directory.tenant_id}"
                refusal.headers["WWW-Authenticate"] = f'Bearer authorization_uri="{where}", error="invalid_token"'
            raise refusal
        case _:
            pass  # a reset is how every effect ends
    raise ConnectionLostError


def _restart(seconds: float, vault_key: str) -> NoReturn:
    """Drops all connections as a killed process does, and restarts under the same process id.

    Args:
        seconds: The time until the restart.
        vault_key: Key of stored secrets, which goes through a pipe: standard input was read, and may be followed.

    """
    os.closerange(3, _MAX_FILES)
    time.sleep(seconds)
    reading, writing = os.pipe()
    os.write(writing, f"{vault_key}\n".encode())
    os.set_inheritable(reading, True)  # noqa: FBT003  positional only
    given = [*sys.orig_argv[1:], "--vault-key", str(reading)]
    os.execv(sys.executable, [sys.executable, *given])  # noqa: S606 - this process's own command line


def reset(send: Send) -> None:
    """Closes the connection behind an ASGI `send` at once, with a TCP reset if the transport allows it."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        return
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()
