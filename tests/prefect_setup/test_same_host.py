"""A token or a password follows no redirect to another host, and a page in place of Prefect is named."""

import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError

import pytest
from pydantic import SecretStr

from installer.errors import PrefectFailed
from installer.prefect_setup.rest import Api, ask, successful_body, wait_for_health
from installer.prefect_setup.same_host import open_on_host


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
