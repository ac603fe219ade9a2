"""Connections of the embedded Azure: a slow head is cut off, and a request whose length has two meanings is refused."""

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from installer.emulator.connections import HEAD_SECONDS
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
