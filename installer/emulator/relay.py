"""Servers of the event loop on loopback, and connections that they pass on to another server."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Coroutine

    Handle = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

_LOOPBACK: Final = "127.0.0.1"
_CHUNK: Final = 65536


@dataclass
class Listener:
    """A server that listens.

    Attributes:
        port: Its port.

    """

    port: int
    _task: asyncio.Task[asyncio.Server]

    def close(self) -> None:
        """Stop listening."""
        self._task.cancel()
        if self._task.done() and not self._task.cancelled() and self._task.exception() is None:
            self._task.result().close()


def listen(handle: Handle, port: int = 0, *, tls: ssl.SSLContext | None = None, limit: int = _CHUNK) -> Listener:
    """Listen in the running event loop. Raises OSError if the port is in use.

    Args:
        handle: Handles one connection.
        port: Port, 0 for a free one.
        tls: Ends TLS from the first byte on; None for none.
        limit: Largest number of bytes of a line that a handler reads.

    """
    # With an explicit protocol asyncio disables Nagle's algorithm, which would delay small messages by 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((_LOOPBACK, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    serving = asyncio.start_server(handle, sock=listener, ssl=tls, limit=limit)
    return Listener(listener.getsockname()[1], asyncio.get_running_loop().create_task(serving))


async def first_to_end(*directions: Coroutine[object, object, None]) -> None:
    """Wait until one direction of a connection has ended, and cancel the others."""
    tasks = [asyncio.ensure_future(one) for one in directions]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def copy(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, passed: Callable[[], None] = lambda: None
) -> None:
    """Copy one direction to its end; `passed` is called for each part."""
    with contextlib.suppress(OSError):
        while content := await reader.read(_CHUNK):
            passed()
            writer.write(content)
            await writer.drain()


async def pass_on(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    other: tuple[asyncio.StreamReader, asyncio.StreamWriter],
) -> bool:
    """Pass a connection on to another server until one of them ends it; returns whether that server sent anything."""
    there, back = other
    answered = asyncio.Event()
    try:
        await first_to_end(copy(reader, back), copy(there, writer, answered.set))
    finally:
        back.close()
    return answered.is_set()
