"""Connections of the embedded Azure: a slow head or body is cut off, and a request whose length has two meanings is refused."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
import requests
import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from installer.emulator.connections import BODY_PIECE, HEAD_SECONDS, TimedConnection
from tests.emulator.server_process import API, Served, serving

PATIENCE = 30.0


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("azure")) as server:
        yield server


@contextmanager
def connection(azure: Served) -> Iterator[ssl.SSLSocket]:
    context = ssl.create_default_context(cafile=azure.info["ca_file"])
    host, _, port = azure.info["endpoint"].removeprefix("https://").partition(":")
    with (
        socket.create_connection((host, int(port)), PATIENCE) as plain,
        context.wrap_socket(plain, server_hostname=host) as one,
    ):
        yield one


def until_closed(one: ssl.SSLSocket) -> bytes:
    found = b""
    while part := one.recv(4096):
        found += part
    return found


@pytest.mark.parametrize(
    "before", [b"", b"GET /metadata/endpoints?api-version=2022-09-01 HTTP/1.1\r\nHost: x\r\n\r\n"], ids=["new", "kept"]
)
def test_a_head_that_does_not_end_is_cut_off(azure: Served, before: bytes) -> None:
    with connection(azure) as slow:
        if before:
            slow.sendall(before)
            assert slow.recv(65536).startswith(b"HTTP/1.1 200")
        begun = time.monotonic()
        slow.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        slow.sendall(b"X-Slow: ")
        assert b"HTTP/1.1 408 " in until_closed(slow)
        assert HEAD_SECONDS - 1 <= time.monotonic() - begun < PATIENCE


def test_a_body_may_take_its_time(azure: Served) -> None:
    with connection(azure) as slow:
        slow.sendall(
            b"POST /common/oauth2/v2.0/token HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\na"
        )
        time.sleep(HEAD_SECONDS + 1)
        slow.sendall(b"=")
        assert until_closed(slow).startswith(b"HTTP/1.1 400 ")


class Impatient(TimedConnection):
    """A connection that waits a second for each piece of a body."""

    body_seconds = 1.0


@pytest.fixture
def impatient() -> Iterator[int]:
    """Port of a server that answers with the length of the body, or before the body with 401 to a request without a token."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        with suppress(ClientDisconnect):
            known = "authorization" in request.headers
            response = Response(str(len(await request.body()))) if known else Response(status_code=401)
            await response(scope, receive, send)

    config = uvicorn.Config(application, http=Impatient, lifespan="off", log_level="critical", timeout_keep_alive=60)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield listener.getsockname()[1]
        server.should_exit = server.force_exit = True
        thread.join()


def _dripped(port: int, head: bytes, piece: bytes, pieces: int, pause: float) -> bytes:
    """The answer to a request whose body comes in pieces, until the connection ends."""
    found = b""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as one:
        one.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n\r\n")
        one.settimeout(pause)
        for _ in range(pieces):
            with suppress(TimeoutError):
                try:
                    part = one.recv(4096)
                except ConnectionResetError:  # a piece has reached a socket that was closed already
                    return found
                found += part
                if not part:
                    return found
            with suppress(ConnectionError):
                one.sendall(piece)
        raise AssertionError(f"the connection is still open: {found!r}")


@pytest.mark.parametrize(("token", "status"), [(b"Authorization: x\r\n", b" 408 "), (b"", b" 401 ")])
@pytest.mark.parametrize(
    ("length", "piece"), [(b"Content-Length: 9999", b"a"), (b"Transfer-Encoding: chunked", b"1\r\na\r\n")]
)
def test_a_body_that_drips_is_cut_off(impatient: int, token: bytes, status: bytes, length: bytes, piece: bytes) -> None:
    begun = time.monotonic()
    answered = _dripped(impatient, token + length, piece, 100, 0.2)
    assert status in answered.split(b"\r\n")[0]
    assert answered.count(b"HTTP/1.1 ") == 1
    assert 0.8 < time.monotonic() - begun < PATIENCE / 2


def test_a_large_body_has_time_for_each_piece(impatient: int) -> None:
    size = BODY_PIECE * 6
    with socket.create_connection(("127.0.0.1", impatient), PATIENCE) as one:
        one.sendall(
            b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: x\r\nContent-Length: %d\r\n\r\n" % size
        )
        for _ in range(6):
            time.sleep(0.4)
            one.sendall(b"a" * BODY_PIECE)
        assert one.recv(4096).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "lengths",
    [
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 0\r\n",
        b"Content-Length: 4\r\nContent-Length: 5\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    ],
)
def test_a_request_with_two_lengths_is_refused(azure: Served, lengths: bytes) -> None:
    with connection(azure) as one:
        one.sendall(
            b"POST /common/oauth2/v2.0/token HTTP/1.1\r\nHost: x\r\n"
            + lengths
            + b"\r\n0\r\n\r\nGET /x HTTP/1.1\r\nHost: x\r\n\r\n"
        )
        answered = until_closed(one)
    assert answered.count(b"HTTP/1.1 ") == 1, "what follows is not taken for a request"
    assert answered.split()[1] in {b"400", b"501"}


@pytest.mark.parametrize(
    "audience", ["https://vault.azure.net", "https://storage.azure.com", "https://graph.microsoft.com", "api://x", ""]
)
def test_a_token_of_another_service_is_refused(azure: Served, audience: str) -> None:
    token = _token(azure, audience)
    answer = azure.raw("GET", f"{azure.scope}?api-version={API}", token=token)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationTokenAudience")
    assert f"wrong audience or resource '{audience}'" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "audience",
    ["https://management.azure.com", "https://management.azure.com/", "https://management.core.windows.net/"],
)
def test_a_token_for_resource_manager_is_accepted(azure: Served, audience: str) -> None:
    assert azure.raw("GET", f"{azure.scope}?api-version={API}", token=_token(azure, audience)).status_code == 200


@pytest.mark.parametrize(
    ("audience", "status"), [("https://graph.microsoft.com", 200), ("https://vault.azure.net", 401)]
)
def test_graph_takes_its_own_tokens(azure: Served, audience: str, status: int) -> None:
    assert azure.raw("GET", "/v1.0/organization", token=_token(azure, audience)).status_code == status


def _token(azure: Served, audience: str) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": azure.info["client_id"],
        "client_secret": azure.info["client_secret"],
    }
    answer = requests.post(
        f"{azure.info['endpoint']}/{azure.info['tenant']}/oauth2/v2.0/token",
        data={**form, "scope": f"{audience}/.default"},
        verify=azure.info["ca_file"],
        timeout=PATIENCE,
    )
    return str(answer.json()["access_token"])
