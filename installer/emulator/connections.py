"""Connections of clients: head and body of a request have to arrive in time, and its length has one meaning.

A client that sends a header or a byte of the body a minute would hold a connection for ever (slow loris). A request with Content-Length and
Transfer-Encoding is read differently by two programs in a row (request smuggling); a server may refuse it. Source: RFC 9112, 6.1.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

HEAD_SECONDS: Final = 10.0
"""Seconds for the head of a request, from the connection or from its first bytes."""
BODY_SECONDS: Final = 60.0
"""Seconds for each `BODY_PIECE` of a body, and for its end."""
BODY_PIECE: Final = 65536
_BOTH: Final = frozenset({b"content-length", b"transfer-encoding"})
_LATE: Final = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_REFUSAL: Final = (
    b'{"error":{"code":"BadRequest","message":"A request has a Content-Length or a Transfer-Encoding, not both."}}'
)


class TimedConnection(H11Protocol):
    """uvicorn's connection, which is closed if the head of a request or a piece of its body does not arrive in time."""

    head_seconds: float = HEAD_SECONDS
    body_seconds: float = BODY_SECONDS
    _deadline: asyncio.TimerHandle | None = None
    _received: int | None = None
    """Bytes of the current piece of the body; None outside of a body."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Start the time for the first head."""
        super().connection_made(transport)
        self._start(self.head_seconds)

    def data_received(self, data: bytes) -> None:
        """Stop the time once a request is complete; start it with its body, and with the first bytes of the next one."""
        super().data_received(data)
        if self.conn.their_state is h11.SEND_BODY:
            self._follow_body(len(data))
        else:
            self._follow()

    def on_response_complete(self) -> None:
        """Bytes of the next head may have come during the response."""
        super().on_response_complete()
        self._follow()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the time."""
        self._stop()
        super().connection_lost(exc)

    def _follow(self) -> None:
        if self.conn.their_state is not h11.IDLE or not self.conn.trailing_data[0]:
            self._stop()
        elif self._deadline is None:
            self._start(self.head_seconds)

    def _follow_body(self, received: int) -> None:
        if self._received is None or self._received + received >= BODY_PIECE:
            self._stop()
            self._start(self.body_seconds)
            self._received = 0
        else:
            self._received += received

    def _start(self, seconds: float) -> None:
        self._deadline = asyncio.get_running_loop().call_later(seconds, self._late)

    def _stop(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        self._received = None

    def _late(self) -> None:
        self._deadline = None
        if not self.transport.is_closing():
            if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:  # else an answer has begun
                self.transport.write(_LATE)
            self.transport.close()


def with_one_length(application: ASGIApp) -> ASGIApp:
    """The application, for requests whose length has one meaning; others get 400, and their connection is closed."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and {name for name, _ in scope["headers"]} >= _BOTH:
            headers = [
                (b"content-type", b"application/json"),
                (b"content-length", str(len(_REFUSAL)).encode()),
                (b"connection", b"close"),
            ]
            await send({"type": "http.response.start", "status": 400, "headers": headers})
            await send({"type": "http.response.body", "body": _REFUSAL})
            return
        await application(scope, receive, send)

    return serve
