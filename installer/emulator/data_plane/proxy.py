"""A proxy on loopback that leads the names of Azure and of a cluster to this machine, for processes of a rehearsal.

It takes the place of DNS: a process keeps the URLs that it would have in Azure, and verifies the names in the certificate.
The setting is HTTPS_PROXY, which azure-core (requests and aiohttp), httpx, websockets and urllib honour. Names of data planes
lead to this embedded Azure, those of workloads to their processes. TLS of a container app ends here, as at the ingress of its
environment; in a cluster it ends in the process. A name of Azure that no deployed resource has is refused, as a name that does
not resolve; any other host is connected directly.

While no replica of a container app responds, the ingress answers 503 (microsoft/azure-container-apps#295, #1166). A service of a
cluster without ready endpoints refuses the connection (kubernetes.io, reference/networking/virtual-ips): a client sees that as
a failed handshake here, which httpx reports in the same way (ConnectError); an error of the proxy would be another one.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from installer.emulator.data_plane.hosts import is_azure, service_at
from installer.emulator.providers.kubernetes.workloads import host
from installer.emulator.relay import Listener, listen, pass_on

if TYPE_CHECKING:
    import ssl

    from installer.emulator.certificates import Authority
    from installer.emulator.core import Emulator

_LOOPBACK: Final = "127.0.0.1"
_CONNECT: Final = re.compile(rb"CONNECT ([A-Za-z0-9.\-_]{1,253}):([0-9]{1,5}) HTTP/1\.[01]")
_MAX_HEAD: Final = 16384
_CONNECT_SECONDS: Final = 20
_NO_REPLICA: Final = (
    "upstream connect error or disconnect/reset before headers. retried and the latest reset reason: connection failure"
)


@dataclass(frozen=True)
class _Place:
    """Where a name leads to: a workload, a data plane or another host; and whether TLS ends before that."""

    host: str
    port: int
    workload: bool = False
    ends_tls: bool = False


@dataclass
class NameProxy:
    """Answers CONNECT requests. Used by the thread of the event loop only.

    Attributes:
        emulator: The embedded Azure.
        port: Port of its server.
        authority: Issuer of the certificates of container apps, whose names are known once they are deployed.

    """

    emulator: Emulator
    port: int
    authority: Authority
    _listener: Listener | None = None
    _certificates: dict[str, ssl.SSLContext] = field(default_factory=dict)

    def listen(self) -> str:
        """Listen on a free port; returns the URL of the proxy."""
        self._listener = listen(self.handle, limit=_MAX_HEAD)
        return f"http://{_LOOPBACK}:{self._listener.port}"

    def close(self) -> None:
        """Stop listening."""
        if self._listener is not None:
            self._listener.close()

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
        name, port = found[1].decode(), int(found[2])
        place = self._place(name, port)
        if place is None:
            text = f"{name}:{port} does not exist in this rehearsal: nothing that is deployed has the name and the port"
            await _refuse(writer, "502 Bad Gateway", text)
            return
        try:
            other = await _connected(place)
        except (OSError, TimeoutError) as problem:
            if not place.workload:
                await _refuse(writer, "502 Bad Gateway", f"{name} does not answer: {problem}")
                return
            other = None
        try:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await writer.drain()
            if place.ends_tls:
                await writer.start_tls(self._certificate(name))
            answered = other is not None and await pass_on(reader, writer, other)
            if place.ends_tls and not answered:
                await _refuse(writer, "503 Service Unavailable", _NO_REPLICA)
        finally:
            if other is not None:
                other[1].close()

    def _place(self, name: str, port: int) -> _Place | None:
        """Where to connect to; None for a name that does not exist."""
        if service_at(self.emulator, name) is not None:
            return _Place(_LOOPBACK, self.port)
        workload = host().at(name, port)
        if workload is not None:
            return _Place(_LOOPBACK, workload.port, workload=True, ends_tls=workload.ends_tls)
        return None if is_azure(name) else _Place(name, port)

    def _certificate(self, name: str) -> ssl.SSLContext:
        """The end of TLS with a certificate for a name."""
        if name not in self._certificates:
            self._certificates[name] = self.authority.server_context(name)
        return self._certificates[name]


async def _connected(place: _Place) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to a place. Raises OSError or TimeoutError."""
    return await asyncio.wait_for(asyncio.open_connection(place.host, place.port), _CONNECT_SECONDS)


async def _refuse(writer: asyncio.StreamWriter, status: str, text: str) -> None:
    body = f"{text}\r\n".encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()
