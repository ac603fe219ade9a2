"""The endpoint of a platform that gives assertions to its jobs, on this machine."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import parse_qs, urlsplit

ISSUER: Final = "https://token.actions.githubusercontent.com"
EXCHANGE: Final = "api://AzureADTokenExchange"


@dataclass
class Platform:
    """The endpoint of a platform that gives assertions to its jobs.

    Attributes:
        asked: Method, query and authorization of each request.
        answer: Status and body.

    """

    url: str = ""
    asked: list[tuple[str, dict[str, list[str]], str]] = field(default_factory=list)
    answer: tuple[int, str] = (200, "{}")


@contextmanager
def job_platform() -> Iterator[Platform]:
    """The endpoint while it listens."""
    found = Platform()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            found.asked.append((self.command, query, self.headers.get("Authorization", "")))
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, body = found.answer
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        do_GET = _serve  # noqa: N815  named by http.server
        do_POST = _serve  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  named by http.server
            """Nothing to the output of the tests."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        found.url = f"http://127.0.0.1:{server.server_port}/token"
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()
