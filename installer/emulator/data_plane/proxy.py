"""A proxy on loopback that leads the names of Azure to this embedded Azure, for processes of a rehearsal.

It takes the place of DNS: a process keeps the URLs that it would have in Azure, and verifies the names in the certificate.
The setting is HTTPS_PROXY, which azure-core (requests and aiohttp), httpx and urllib honour. A name of Azure that
no deployed resource has is refused, as a name that does not resolve; any other host is connected directly.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from installer.emulator.data_plane.hosts import is_azure, service_at
from installer.emulator.relay import first_to_end

if TYPE_CHECKING:
    from installer.emulator.core import Emulator

_LOOPBACK: Final = "127.0.0.1"
_CONNECT: Final = re.compile(rb"CONNECT ([A-Za-z0-9.\-_]{1,253}):([0-9]{1,5}) HTTP/1\.[01]")
_MAX_HEAD: Final = 16384
_CHUNK: Final = 65536
_CONNECT_SECONDS: Final = 20


@dataclass
class NameProxy:
    """Answers CONNECT requests. Used by the thread of the event loop only.

    Attributes:
        emulator: The embedded Azure.
        port: Port of its server.

    """

    emulator: Emulator
    port: int
    _tasks: set[asyncio.Task[asyncio.Server]] = field(default_factory=set)

    def listen(self) -> str:
        """Listen on a free port; returns the URL of the proxy."""
        listener = socket.create_server((_LOOPBACK, 0))
        coroutine = asyncio.start_server(self.handle, sock=listener, limit=_MAX_HEAD)
        self._tasks.add(asyncio.get_running_loop().create_task(coroutine))
        return f"http://{_LOOPBACK}:{listener.getsockname()[1]}"

    def close(self) -> None:
        """Stop listening."""
        for task in self._tasks:
            task.cancel()
            if task.done() and not task.cancelled() and task.exception() is None:
                task.result().close()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from its request to its end."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await self._converse(reader, writer)
        with contextlib.suppress(OSError):
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        found = _CONNECT.fullmatch(head.split(b"\r\n", 1)[0])
        if found is None:
            await _refuse(writer, "405 Method Not Allowed", "this proxy answers CONNECT only")
            return
        place = self._place(found[1].decode(), int(found[2]))
        if place is None:
            text = f"{found[1].decode()} does not exist in this rehearsal: no deployed resource has the name"
            await _refuse(writer, "502 Bad Gateway", text)
            return
        try:
            there, back = await asyncio.wait_for(asyncio.open_connection(*place), _CONNECT_SECONDS)
        except (OSError, TimeoutError) as problem:
            await _refuse(writer, "502 Bad Gateway", f"{found[1].decode()} does not answer: {problem}")
            return
        try:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await writer.drain()
            await first_to_end(_copy(reader, back), _copy(there, writer))
        finally:
            back.close()

    def _place(self, host: str, port: int) -> tuple[str, int] | None:
        """Where to connect to; None for a name that does not exist."""
        if service_at(self.emulator, host) is not None:
            return _LOOPBACK, self.port
        return None if is_azure(host) else (host, port)


async def _refuse(writer: asyncio.StreamWriter, status: str, text: str) -> None:
    body = f"{text}\r\n".encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while content := await reader.read(_CHUNK):
            writer.write(content)
            await writer.drain()
