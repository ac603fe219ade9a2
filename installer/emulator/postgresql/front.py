"""The front of a server: TLS, a token as password, then the connection of the local cluster."""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import TYPE_CHECKING, Final, Protocol

from installer.emulator.postgresql import wire
from installer.emulator.relay import copy, first_to_end

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

_LABEL: Final = re.compile(
    rb"""\s*SECURITY\s+LABEL\s+FOR\s+"?pgaadauth"?\s+ON\s+ROLE\s+"((?:[^"]|"")+)"\s+IS\s+('(?:[^']|'')*')\s*;?\s*\0""",
    re.IGNORECASE,
)
_NO_TLS: Final = 'no pg_hba.conf entry for host "127.0.0.1", user "{user}", database "{database}", no encryption'


class Backend(Protocol):
    """A server behind a front."""

    async def admit(self, user: str, token: str) -> wire.Refusal | None:
        """Start the local cluster if needed, and check the token; None if the user may sign in."""

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to the local cluster."""

    def labelled(self) -> None:
        """The label of a role changes, which maps it to a principal."""

    def settings(self) -> dict[str, str]:
        """Settings of every session."""


class Front:
    """Handles the connections of clients."""

    def __init__(self, backend: Backend, tls: ssl.SSLContext) -> None:
        self._backend = backend
        self._tls = tls

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from its first message to its end."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, wire.ProtocolError):
            await self._converse(reader, writer)
        with contextlib.suppress(OSError):
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        code, body = await wire.read_startup(reader)
        while code in {wire.GSS_REQUEST, wire.SSL_REQUEST}:
            if code == wire.GSS_REQUEST:
                writer.write(wire.REFUSE_GSS)
            else:
                writer.write(wire.ACCEPT_TLS)
                await writer.drain()
                await writer.start_tls(self._tls)
            code, body = await wire.read_startup(reader)
        if code == wire.CANCEL_REQUEST:
            return  # the statement continues, as if the request came too late
        given = wire.parameters_of(body)
        refused = await self._sign_in(reader, writer, given)
        if refused is not None:
            writer.write(refused.encoded())
            await writer.drain()
            return
        there, back = await self._backend.open()
        try:
            back.write(wire.startup({**self._backend.settings(), **given}))
            await first_to_end(copy(there, writer), _forward(reader, back, self._backend.labelled))
        finally:
            back.close()

    async def _sign_in(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, given: dict[str, str]
    ) -> wire.Refusal | None:
        user = given.get("user", "")
        if writer.get_extra_info("sslcontext") is None:
            return wire.Refusal("28000", _NO_TLS.format(user=user, database=given.get("database", user)))
        writer.write(wire.ASK_PASSWORD)
        await writer.drain()
        return await self._backend.admit(user, await wire.read_password(reader))


async def _forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, labelled: Callable[[], None]) -> None:
    """Messages of the client; the label of a role is written by a function, because the local server has no provider for it."""
    while True:
        kind, body = await wire.read_message(reader)
        if kind == b"Q" and (label := _LABEL.fullmatch(body)):
            labelled()
            name = label[1].replace(b'""', b'"').replace(b"'", b"''")
            body = b"SELECT pg_catalog.flowforge_security_label('" + name + b"', " + label[2] + b")\0"
        writer.write(wire.message(kind, body))
        await writer.drain()
