"""Names of workloads lead to their processes: TLS of a container app ends in the proxy, that of a cluster in the process."""

import asyncio
import contextlib
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import pytest

from installer.emulator.certificates import Authority, self_signed
from installer.emulator.data_plane.proxy import NameProxy
from installer.emulator.prefect.local import free_port
from installer.emulator.providers.kubernetes.workloads import LocalAddress, NoWorkloadHost, hosted_by
from installer.emulator.relay import listen
from tests.emulator.asgi_client import local

APP: Final = "ca-prefect.mild-1.northeurope.azurecontainerapps.io"
SERVER: Final = "prefect-server.flowforge-dev.svc"


@dataclass
class Host(NoWorkloadHost):
    """One workload."""

    name: str
    port: int
    found: LocalAddress

    def at(self, name: str, port: int) -> LocalAddress | None:
        """It, at its name and port."""
        return self.found if (name, port) == (self.name, self.port) else None


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A server that repeats a line."""
    with contextlib.suppress(ConnectionError):
        writer.write(await reader.readline())
        writer.close()
        await writer.wait_closed()


async def asked(proxy: str, name: str, port: int, trust: ssl.SSLContext) -> bytes:
    """The line that a client receives that verifies the name. Raises ConnectionRefusedError if the proxy refuses it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.rpartition(":")[2]))
    writer.write(f"CONNECT {name}:{port} HTTP/1.1\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in head:
        await closed(writer)
        raise ConnectionRefusedError(head.decode())
    try:
        await writer.start_tls(trust, server_hostname=name)
        writer.write(b"hello\n")
        return await reader.readline()
    finally:
        await closed(writer)


async def closed(writer: asyncio.StreamWriter) -> None:
    """Close a connection, and wait until its handlers have ended."""
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        with contextlib.suppress(asyncio.CancelledError):
            await task


def test_tls_of_a_container_app_ends_in_front_of_it_with_its_name(tmp_path: Path) -> None:
    authority = Authority.new()
    trust = ssl.create_default_context(cadata=authority.pem)

    async def story() -> None:
        plain = listen(echo)
        proxy = NameProxy(local(tmp_path).emulator, 1, authority)
        url = proxy.listen()
        with hosted_by(Host(APP, 443, LocalAddress(plain.port, ends_tls=True))):
            assert await asked(url, APP, 443, trust) == b"hello\n"
            with pytest.raises(ConnectionRefusedError, match="502"):
                await asked(url, APP, 4200, trust)
            with pytest.raises(ConnectionRefusedError, match="502"):
                await asked(url, f"other-{APP}", 443, trust)
            with pytest.raises(ssl.SSLCertVerificationError):
                await asked(url, APP, 443, ssl.create_default_context(cadata=Authority.new().pem))
        proxy.close()
        plain.close()

    asyncio.run(story())


def test_tls_of_a_server_in_a_cluster_ends_in_its_process(tmp_path: Path) -> None:
    key, certificate = self_signed([SERVER])
    file = tmp_path / "pair"
    file.write_text(key + certificate, encoding="ascii")
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(file)

    async def story() -> None:
        server = listen(echo, tls=own)
        proxy = NameProxy(local(tmp_path).emulator, 1, Authority.new())
        url = proxy.listen()
        with hosted_by(Host(SERVER, 4200, LocalAddress(server.port, ends_tls=False))):
            assert await asked(url, SERVER, 4200, ssl.create_default_context(cadata=certificate)) == b"hello\n"
        proxy.close()
        server.close()

    asyncio.run(story())


def test_the_ingress_of_a_container_app_says_503_while_no_replica_responds(tmp_path: Path) -> None:
    authority = Authority.new()
    trust = ssl.create_default_context(cadata=authority.pem)

    async def closing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async def story() -> None:
        balancer = listen(closing)
        proxy = NameProxy(local(tmp_path).emulator, 1, authority)
        url = proxy.listen()
        for port in (balancer.port, free_port()):
            with hosted_by(Host(APP, 443, LocalAddress(port, ends_tls=True))):
                assert await asked(url, APP, 443, trust) == b"HTTP/1.1 503 Service Unavailable\r\n"
        proxy.close()
        balancer.close()

    asyncio.run(story())


def test_a_service_of_a_cluster_without_ready_endpoints_looks_like_a_refused_connection(tmp_path: Path) -> None:
    """Clients of Prefect ask again after httpx.ConnectError, not after an error of a proxy."""

    async def story() -> None:
        proxy = NameProxy(local(tmp_path).emulator, 1, Authority.new())
        url = proxy.listen()
        with hosted_by(Host(SERVER, 4200, LocalAddress(free_port(), ends_tls=False))):
            async with httpx.AsyncClient(proxy=url) as client:
                with pytest.raises(httpx.ConnectError):
                    await client.get(f"https://{SERVER}:4200/")
        proxy.close()

    asyncio.run(story())
