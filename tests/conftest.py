"""TLS sockets of the tests: each is closed by the module that opened it, and a leak is reported there."""

import gc
import ssl
from collections.abc import Iterator
from typing import Self

import pytest

from installer.invocation import called_with


class TlsSocket(ssl.SSLSocket):
    """TLS socket that is closed when its peer resets it.

    SSLContext.wrap_socket calls `recv` if the peer is gone before the handshake. When that raises, CPython 3.11 drops the
    new socket without closing it, and its owner never gets it: the ResourceWarning appears in any later test.
    """

    created = 0

    def __new__(cls, *_given: object, **_options: object) -> Self:
        """Count the sockets."""
        cls.created += 1
        return super().__new__(cls)

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """Receive data; close the socket if the connection was reset."""
        try:
            return super().recv(buflen, flags)
        except ConnectionResetError:
            self.close()
            raise


ssl.SSLContext.sslsocket_class = TlsSocket


@pytest.fixture(autouse=True, scope="module")
def _tls_sockets_are_closed() -> Iterator[None]:
    """Collect garbage after a module that opened TLS sockets, so that a leak fails this module and no later one."""
    before = TlsSocket.created
    yield
    if TlsSocket.created != before:
        gc.collect()


@pytest.fixture(autouse=True)
def _no_typed_options() -> Iterator[None]:
    """Options of a command that a test called are not those of the next one."""
    yield
    called_with(None)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with whole rehearsals come first: they wait most of the time, and none of them is left for the end.

    One process makes the rehearsal that several files share. Of these files the others come last, so that no process
    waits for it.
    """
    slow = {item.path for item in items if item.get_closest_marker("e2e")}
    sharing = list(dict.fromkeys(item.path for item in items if "rehearsed" in getattr(item, "fixturenames", ())))
    order = {path: 0 if path == sharing[0] else 2 for path in sharing}
    items.sort(key=lambda item: order.get(item.path, 1) if item.path in slow else 3)
