"""A token or a password follows no redirect to another host, and a page in place of Prefect is named."""

import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError

import pytest
from pydantic import SecretStr

from installer import whole_answers
from installer.errors import PrefectFailed
from installer.prefect_setup.rest import Api, ask, successful_body, wait_for_health
from installer.prefect_setup.same_host import open_on_host, whole_answer


@contextmanager
def server(status: int, body: bytes = b"", location: str = "") -> Iterator[tuple[str, list[str]]]:
    """URL of a server with one answer, and the headers with a secret that it got."""
    secrets: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            secrets.extend(self.headers.get_all("Authorization") or [])
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if location:
                self.send_header("Location", location)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815  the name of the base class

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{found.server_port}", secrets
        found.shutdown()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("body", [None, b"x"])
def test_no_secret_follows_a_redirect(status: int, body: bytes | None) -> None:
    with server(200) as (other, got), server(status, location=f"{other}/x") as (url, _):
        request = urllib.request.Request(url, body, {"Authorization": "Bearer token"})  # noqa: S310  the test's own
        with pytest.raises(HTTPError) as refused:
            open_on_host(request, seconds=5)
        refused.value.close()
        assert refused.value.code == status
        api = Api(url, SecretStr("me:secret"), "")
        answer = ask(api, "GET" if body is None else "POST", "/x")
        assert answer is not None
        assert answer.status == status
        assert got == []


def test_a_redirect_on_the_same_host_is_followed() -> None:
    with server(302, location="/health") as (url, got):
        with pytest.raises(HTTPError, match="infinite loop") as refused:
            open_on_host(urllib.request.Request(url, None, {"Authorization": "x"}), seconds=5)  # noqa: S310  as above
        refused.value.close()
        assert len(got) > 1


PAGE = b"<!DOCTYPE html>\x1b[2J\n<html>Sign in</html>"


@pytest.mark.parametrize("body", [PAGE, b"\xff\x00", b"[" * 100_000 + b"]" * 100_000], ids=["page", "bytes", "deep"])
def test_a_page_in_place_of_prefect_is_named(body: bytes) -> None:
    with server(200, body) as (url, _):
        api = Api(url, SecretStr(""), "")
        with pytest.raises(PrefectFailed, match="something else than Prefect answered 200") as refused:
            successful_body(ask(api, "GET", "/x"), "read x")
        assert str(refused.value).isprintable()
        assert len(str(refused.value)) < 2500

        def give_up(_seconds: float) -> None:
            raise PrefectFailed("still waiting")

        with pytest.raises(PrefectFailed, match="still waiting"):
            wait_for_health(api, give_up)


def raw_server(first: bytes, then: bytes, pause: float) -> tuple[str, socket.socket]:
    """A server that sends a beginning, and then the same for ever."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            connection, _ = listening.accept()
            with connection:
                connection.recv(9999)
                connection.sendall(first)
                while then:
                    connection.sendall(then)
                    time.sleep(pause)

    threading.Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.1:{listening.getsockname()[1]}/", listening


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("first", "then"),
    [(OK + b"\r\n[", b" "), (OK, b"X"), (b"", b"HTTP/1.1 100 Continue\r\n\r\n"), (b"HTTP/1.1 404 No\r\n\r\n", b"x")],
    ids=["body", "headers", "continue", "refusal"],
)
def test_an_answer_without_an_end_is_given_up(first: bytes, then: bytes) -> None:
    url, listening = raw_server(first, then, 0.05)
    begun = time.monotonic()
    with listening, pytest.raises(TimeoutError, match="no whole answer"):
        whole_answer(urllib.request.Request(url), seconds=5, whole=0.6)  # noqa: S310  the test's own
    assert time.monotonic() - begun < 3


def test_an_answer_that_is_too_large_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_answers, "MAX_BYTES", 100_000)
    url, listening = raw_server(OK + b"\r\n[", b" " * 50_000, 0)
    with listening, pytest.raises(OSError, match="more than"):
        whole_answer(urllib.request.Request(url), seconds=5)  # noqa: S310  the test's own


def test_an_answer_that_breaks_off_is_none() -> None:
    url, listening = raw_server(OK + b"Content-Length: 99\r\n\r\n[]", b"", 0)
    with listening:
        assert ask(Api(url, SecretStr(""), ""), "GET", "x") is None
