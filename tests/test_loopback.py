"""Connections to loopback use no proxy, whichever client makes them; a proxy that counts its connections is the witness."""

import os
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import pytest

from installer.loopback import HOSTS, bypass_proxies

PROXIES: Final = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy")
ANSWERS: Final = Path(__file__).parent / "answers" / "dev.yaml"


@contextmanager
def proxy() -> Iterator[tuple[str, list[bytes]]]:
    """URL of a proxy with a password, and the first lines of the requests that it got; it refuses all of them."""
    listener = socket.create_server(("127.0.0.1", 0))
    seen: list[bytes] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, suppress(OSError):
                    seen.append(connection.recv(4096).partition(b"\r\n")[0])
                    connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://user:password@127.0.0.1:{listener.getsockname()[1]}", seen
    finally:
        listener.close()


@pytest.fixture
def served() -> Iterator[str]:
    """URL of a web server on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def with_urllib(url: str) -> object:
    with urllib.request.build_opener().open(url, timeout=5) as answer:  # urlopen keeps the proxies of its first request
        return answer.read()


def with_requests(url: str) -> object:
    import requests

    return requests.get(url, timeout=5).content


def with_httpx(url: str) -> object:
    import httpx

    return httpx.get(url, timeout=5).content


def with_azure_core(url: str) -> object:
    from azure.core import PipelineClient
    from azure.core.pipeline.policies import ProxyPolicy
    from azure.core.rest import HttpRequest, HttpResponse

    client: PipelineClient[HttpRequest, HttpResponse] = PipelineClient(url, policies=[ProxyPolicy()])
    return client.send_request(HttpRequest("GET", url)).content


@pytest.mark.parametrize("names", [PROXIES, ("Http_Proxy", "Https_Proxy", "All_Proxy")], ids=["usual", "mixed letters"])
@pytest.mark.parametrize("client", [with_urllib, with_requests, with_httpx, with_azure_core])
def test_no_client_asks_the_proxy_for_loopback(
    client: Callable[[str], object], names: tuple[str, ...], served: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "")
    with proxy() as (url, seen):
        for name in names:
            monkeypatch.setenv(name, url)
        with suppress(Exception):
            client(served)
        assert seen, "without the exception the client asks the proxy"
        seen.clear()
        bypass_proxies()
        assert (client(served), seen) == (b"ok", [])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {}),
        ({"NO_PROXY": ".corp.example"}, {"NO_PROXY": ".corp.example"}),
        ({"https_proxy": "http://p"}, dict.fromkeys(("NO_PROXY", "no_proxy"), ",".join(HOSTS))),
        (
            {"HTTP_PROXY": "http://p", "NO_PROXY": ".corp.example, localhost", "no_proxy": "10.0.0.1"},
            dict.fromkeys(("NO_PROXY", "no_proxy"), ".corp.example,localhost,10.0.0.1,127.0.0.1,::1"),
        ),
        ({"Https_Proxy": "http://p"}, dict.fromkeys(("NO_PROXY", "no_proxy"), ",".join(HOSTS))),
        (
            {"hTTP_pROXY": "http://p", "No_Proxy": ".corp.example"},
            dict.fromkeys(("NO_PROXY", "no_proxy"), ",".join((".corp.example", *HOSTS))),
        ),
        ({"Https_Proxy": ""}, {}),
        ({"ALL_PROXY": "http://p", "no_proxy": "*"}, dict.fromkeys(("NO_PROXY", "no_proxy"), "*")),
    ],
)
def test_exceptions_of_the_user_stay(given: dict[str, str], expected: dict[str, str]) -> None:
    environment = dict(given)
    bypass_proxies(environment)
    assert environment == {**given, **expected}


def rehearsed(url: str, state: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """A rehearsal whose environment names the proxy."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("FLOWFORGE_", "AZURE_", "PREFECT_"))}
    environment = {
        **kept,
        **dict.fromkeys(PROXIES, url),
        "NO_PROXY": "",
        "no_proxy": "",
        "TERM": "dumb",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }
    command = [sys.executable, "-m", "installer", "--state-dir", str(state), "rehearse", *words]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=1200)


def test_the_plan_of_a_rehearsal_makes_no_connection_to_the_proxy(tmp_path: Path) -> None:
    with proxy() as (url, seen):
        done = rehearsed(url, tmp_path / "state", "plan", str(ANSWERS))
    assert (done.returncode, seen) == (0, []), done.stderr
    assert "password" not in done.stdout + done.stderr


@pytest.mark.e2e
@pytest.mark.long
def test_a_whole_rehearsal_with_its_prefect_makes_no_connection_to_the_proxy(tmp_path: Path) -> None:
    with proxy() as (url, seen):
        done = rehearsed(url, tmp_path / "state", "--answers", str(ANSWERS), "--yes", "--speed", "1000")
    assert (done.returncode, seen) == (0, []), done.stderr
