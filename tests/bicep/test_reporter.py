"""The reporter: its requests to Prefect, its rows, and no heartbeat when Prefect does not respond."""

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


def runs_for(question: str) -> Json:
    """The failed run, the late run, or nothing."""
    if "end_time" in question:
        return [FAILED]
    return [LATE] if "Late" in question else []


@contextmanager
def azure_and_prefect(*, silent: bool = False) -> Iterator[tuple[str, list[Request]]]:
    """A server that imitates Prefect, the identity endpoint and Azure Monitor: its URL and the recorded requests."""
    requests: list[Request] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer({"access_token": "a-token"})

        def do_POST(self) -> None:
            body: Json = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            requests.append((self.path, dict(self.headers), body))
            if silent:
                self.send_error(503)
            else:
                self.answer(runs_for(json.dumps(body)) if self.path.startswith("/api/") else None)

        def answer(self, content: Json) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"" if content is None else json.dumps(content).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  name of the base class
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", requests
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


def test_failed_and_late_runs_become_rows_followed_by_a_heartbeat() -> None:
    with azure_and_prefect() as (url, requests):
        report(settings(url), NOW)
    path, headers, rows = requests[-1]
    assert path.startswith("/dataCollectionRules/dcr-1/streams/Custom-FlowForgeRuns_CL?")
    assert headers["Authorization"] == "Bearer a-token"
    assert isinstance(rows, list)
    written = [(row["Kind"], row.get("RunId"), row.get("State")) for row in rows if isinstance(row, dict)]
    assert written == [("run", "run-1", "FAILED"), ("run", "run-2", "LATE"), ("heartbeat", None, "COMPLETE")]


def test_prefect_requests_are_authenticated() -> None:
    with azure_and_prefect() as (url, requests):
        report(settings(url), NOW)
    questions = [(path, headers["Authorization"]) for path, headers, _ in requests if path.startswith("/api/")]
    assert {word for _, word in questions} == {"Basic YWRtaW46d29yZA=="}
    assert "/api/flow_runs/filter" in {path for path, _ in questions}


def test_no_heartbeat_is_sent_when_prefect_does_not_respond() -> None:
    with azure_and_prefect(silent=True) as (url, requests), pytest.raises(OSError, match="503"):
        report(settings(url), NOW)
    assert [path for path, _, _ in requests] == ["/api/flow_runs/filter"]
