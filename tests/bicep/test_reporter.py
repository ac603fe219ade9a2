"""The reporter: what it asks Prefect, what it writes, and that it is silent when Prefect is."""

import datetime as dt
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bicep.reporter.reporter import Json, report

NOW = dt.datetime(2026, 12, 1, 8, 0, tzinfo=dt.UTC)
FAILED: dict[str, Json] = {
    "id": "run-1",
    "name": "brave-otter",
    "deployment_id": "deployment-1",
    "state_type": "FAILED",
    "state": {"message": "the file was empty"},
}
LATE: dict[str, Json] = {"id": "run-2", "name": "calm-owl", "deployment_id": None, "state_type": "SCHEDULED"}

Request = tuple[str, dict[str, str], Json]


@contextmanager
def azure_and_prefect(*, silent: bool = False) -> Iterator[tuple[str, list[Request]]]:
    """One server that stands for Prefect, the identity endpoint and Azure Monitor: its address, what it was asked."""
    asked: list[Request] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer({"access_token": "a-token"})

        def do_POST(self) -> None:
            body: Json = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append((self.path, dict(self.headers), body))
            if silent:
                self.send_error(503)
            else:
                ended = "end_time" in json.dumps(body)
                self.answer([FAILED if ended else LATE] if self.path.startswith("/api/") else None)

        def answer(self, content: Json) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"" if content is None else json.dumps(content).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name in the base class
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def settings(url: str) -> dict[str, str]:
    return {
        "PREFECT_API_URL": f"{url}/api",
        "PREFECT_API_AUTH_STRING": "admin:word",
        "FLOWFORGE_ENVIRONMENT": "dev",
        "FLOWFORGE_INGESTION_AUDIENCE": "https://monitor.azure.com",
        "FLOWFORGE_INGESTION_ENDPOINT": url,
        "FLOWFORGE_INGESTION_RULE": "dcr-1",
        "FLOWFORGE_INGESTION_STREAM": "Custom-FlowForgeRuns_CL",
        "AZURE_CLIENT_ID": "client",
        "IDENTITY_ENDPOINT": f"{url}/identity",
        "IDENTITY_HEADER": "header",
    }


def test_runs_that_went_wrong_become_rows_and_a_heartbeat_follows() -> None:
    with azure_and_prefect() as (url, asked):
        report(settings(url), NOW)
    path, headers, rows = asked[-1]
    assert path.startswith("/dataCollectionRules/dcr-1/streams/Custom-FlowForgeRuns_CL?")
    assert headers["Authorization"] == "Bearer a-token"
    assert isinstance(rows, list)
    written = [(row["Kind"], row.get("RunId"), row.get("State")) for row in rows if isinstance(row, dict)]
    assert written == [("run", "run-1", "FAILED"), ("run", "run-2", "LATE"), ("heartbeat", None, None)]


def test_prefect_is_asked_with_what_lets_into_it() -> None:
    with azure_and_prefect() as (url, asked):
        report(settings(url), NOW)
    questions = [(path, headers["Authorization"]) for path, headers, _ in asked[:2]]
    assert questions == [("/api/flow_runs/filter", "Basic YWRtaW46d29yZA==")] * 2


def test_a_silent_prefect_leaves_no_heartbeat() -> None:
    with azure_and_prefect(silent=True) as (url, asked), pytest.raises(OSError, match="503"):
        report(settings(url), NOW)
    assert [path for path, _, _ in asked] == ["/api/flow_runs/filter"]
