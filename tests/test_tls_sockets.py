"""The guard of tests/conftest.py for TLS sockets."""

import gc
import socket
import ssl
import struct
import warnings

import pytest

RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def test_a_socket_that_is_reset_before_its_handshake_is_closed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname(), timeout=5)
        accepted, _ = server.accept()
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        accepted.close()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            with pytest.raises(ConnectionResetError, match="reset by peer"):
                ssl.create_default_context().wrap_socket(client, server_hostname="127.0.0.1")
            gc.collect()
    assert [str(warning.message) for warning in caught] == []
