"""Prefect Cloud: a key that it does not know, and a workspace that the key does not open, are named; the key never is."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Final

import pytest

from installer.answers.model import Answers
from installer.preflight.model import Finding, Result
from installer.preflight.prefect_cloud import PREFECT_CLOUD
from installer.preflight.report import result_of
from installer.secret_store import Secrets
from tests.preflight.surveyed import checked, sample, subject_of, with_way

if TYPE_CHECKING:
    from installer.jsontypes import Json

ACCOUNT: Final = "11111111-aaaa-4000-8000-000000000001"
WORKSPACE: Final = "22222222-bbbb-4000-8000-000000000002"
OTHER: Final = "33333333-cccc-4000-8000-000000000003"
KEY: Final = "pnu_of_a_test"
NAME: Final = "FLOWFORGE_TEST_PREFECT_KEY"
"""Environment variable with the key."""


@contextmanager
def prefect_cloud(status: int = 200, workspace: str = WORKSPACE) -> Iterator[str]:
    """A server that responds to GET /me/workspaces as Prefect Cloud does; yields the URL of its API."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.path == "/api/me/workspaces" and self.headers["Authorization"] == f"Bearer {KEY}"
            seen: Json = [
                {
                    "account_id": ACCOUNT,
                    "account_name": "Contoso",
                    "workspace_id": workspace,
                    "workspace_name": "data",
                }
            ]
            self.send_response(status if known else 401)
            self.end_headers()
            self.wfile.write(json.dumps(seen if known and status == 200 else {"detail": "no"}).encode())

        def log_message(self, *_given: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/api"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, KEY)


def on_cloud() -> Answers:
    return sample(
        platform={
            "prefect": "cloud",
            "cloud_account": ACCOUNT,
            "cloud_workspace": WORKSPACE,
            "cloud_key": f"env:{NAME}",
        }
    )


def found(folder: Path, given: Answers, url: str) -> Result:
    with subject_of(folder, given) as subject:
        real = replace(subject, target=replace(subject.target, kind="azure"), secrets=Secrets(), prefect_cloud=url)
        return result_of(PREFECT_CLOUD, real)


def only(result: Result) -> Finding:
    (finding,) = result.findings
    assert KEY not in json.dumps(result.as_json())
    return finding


def test_a_self_hosted_server_needs_no_workspace(tmp_path: Path) -> None:
    assert checked(tmp_path, PREFECT_CLOUD, sample()).state == "passed"


def test_a_rehearsal_does_not_reach_prefect_cloud(tmp_path: Path) -> None:
    result = checked(tmp_path, PREFECT_CLOUD, on_cloud())
    assert [one.why for one in result.not_checked] == ["a rehearsal has a local server in its place"]


def test_a_key_that_opens_the_workspace(tmp_path: Path) -> None:
    with prefect_cloud() as url:
        result = found(tmp_path, on_cloud(), url)
    assert result.findings == ()
    assert [proof.text for proof in result.proofs] == ["the API key opens the workspace data in Prefect Cloud"]


def test_another_workspace_of_the_key_is_a_way_out(tmp_path: Path) -> None:
    with prefect_cloud(workspace=OTHER) as url:
        finding = only(found(tmp_path, on_cloud(), url))
        solved = with_way(on_cloud(), finding)
        assert solved.platform.cloud_workspace == OTHER
        assert found(tmp_path / "again", solved, url).findings == ()
    assert finding.severity == "blocks"


def test_an_unknown_key_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "pnu_of_another_account")
    with prefect_cloud() as url:
        finding = only(found(tmp_path, on_cloud(), url))
    assert finding.what == "Prefect Cloud does not know the API key"
    assert checked(tmp_path / "again", PREFECT_CLOUD, with_way(on_cloud(), finding, 1)).state == "passed"


def test_a_refused_key_may_be_refused_by_an_allowlist(tmp_path: Path) -> None:
    with prefect_cloud(403) as url:
        finding = only(found(tmp_path, on_cloud(), url))
    assert finding.severity == "warns"
    assert "IP allowlist" in finding.why


@pytest.mark.parametrize("status", [500, 404])
def test_an_unexpected_response_is_not_checked(tmp_path: Path, status: int) -> None:
    with prefect_cloud(status) as url:
        result = found(tmp_path, on_cloud(), url)
    assert [one.why for one in result.not_checked] == [f"Prefect Cloud responds with status {status}"]


def test_without_the_key_or_without_a_response_nothing_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with prefect_cloud() as url:
        pass
    assert found(tmp_path, on_cloud(), url).not_checked[0].why.startswith(f"{url} does not respond")
    monkeypatch.delenv(NAME)
    assert found(tmp_path / "again", on_cloud(), url).not_checked[0].why == f"this machine has no value for env:{NAME}"
