"""Messages of PostgreSQL's protocol that the front reads and writes (postgresql.org/docs/current/protocol-message-formats.html)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping

SSL_REQUEST: Final = 80877103
GSS_REQUEST: Final = 80877104
CANCEL_REQUEST: Final = 80877102
PROTOCOL_3: Final = 3 << 16
ACCEPT_TLS: Final = b"S"
REFUSE_GSS: Final = b"N"
ASK_PASSWORD: Final = b"R" + struct.pack("!ii", 8, 3)
"""AuthenticationCleartextPassword."""
_MAX_STARTUP: Final = 10_000
_MAX_PASSWORD: Final = 1_000_000


class ProtocolError(Exception):
    """The client does not speak the protocol."""


@dataclass(frozen=True)
class Refusal:
    """A connection that is refused: SQLSTATE and text."""

    state: str
    text: str

    def encoded(self) -> bytes:
        """As an ErrorResponse."""
        fields = {"S": "FATAL", "V": "FATAL", "C": self.state, "M": self.text}
        body = b"".join(f"{name}{value}".encode() + b"\0" for name, value in fields.items()) + b"\0"
        return message(b"E", body)


def message(kind: bytes, body: bytes) -> bytes:
    """A message after the startup."""
    return kind + struct.pack("!i", len(body) + 4) + body


def startup(parameters: Mapping[str, str]) -> bytes:
    """A StartupMessage."""
    body = b"".join(f"{name}\0{value}\0".encode() for name, value in parameters.items()) + b"\0"
    return struct.pack("!ii", len(body) + 8, PROTOCOL_3) + body


async def read_startup(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The first message of a client: its code and its body."""
    length, code = struct.unpack("!ii", await reader.readexactly(8))
    if not 8 <= length <= _MAX_STARTUP:
        raise ProtocolError(f"a first message of {length} bytes")
    return code, await reader.readexactly(length - 8)


async def read_message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """A later message: its type and its body."""
    kind = await reader.readexactly(1)
    (length,) = struct.unpack("!i", await reader.readexactly(4))
    if length < 4:
        raise ProtocolError(f"a message of {length} bytes")
    return kind, await reader.readexactly(length - 4)


async def read_password(reader: asyncio.StreamReader) -> str:
    """The password that the client sends."""
    kind, body = await read_message(reader)
    if kind != b"p" or len(body) > _MAX_PASSWORD:
        raise ProtocolError("no password")
    return body.removesuffix(b"\0").decode("utf-8", "replace")


def parameters_of(body: bytes) -> dict[str, str]:
    """The parameters of a StartupMessage: user, database and settings."""
    words = [word.decode("utf-8", "replace") for word in body.split(b"\0")]
    return {name: value for name, value in zip(words[0::2], words[1::2], strict=False) if name}
