"""An acceptance run that was lost with its process or its worker is replaced once; one that fails is final."""

import time
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from pydantic import SecretStr

from installer.errors import PrefectFailed, VerificationFailed
from installer.job_program.changes import Change
from installer.json_access import as_list, as_object, as_text
from installer.jsontypes import Json
from installer.prefect_setup import acceptance
from installer.prefect_setup.acceptance import FlowRunResult, prove
from installer.prefect_setup.rest import Api

API: Final = Api("http://127.0.0.1:1/api", SecretStr(""), "http://127.0.0.1:1")
LOST: Final[Json] = {"type": "CRASHED", "name": "Crashed", "message": "the process of this run was lost"}
TAKEN: Final[Json] = {"type": "PENDING", "name": "Submitting"}
WAITING: Final[Json] = {"type": "SCHEDULED", "name": "Scheduled"}
FAILED: Final[Json] = {"type": "FAILED", "name": "Failed", "message": "a hop failed"}
COMPLETED: Final[Json] = {"type": "COMPLETED", "name": "Completed", "timestamp": "2026-01-01T00:00:09+00:00"}


class Prefect:
    """A server whose runs are in these states, one after the other, an hour after they were created."""

    def __init__(self, *states: Json) -> None:
        self.states = list(states)
        self.runs: dict[str, dict[str, Json]] = {}
        self.told: list[str] = []
        self.alive = False

    def ask(self, _api: Api, _method: str, path: str, body: Json = None, **_more: object) -> Json:
        """One response."""
        if path.startswith("/deployments/name/"):
            return {"id": "d"}
        if path == "/flow_runs/filter":
            wanted = as_object(as_object(as_object(body).get("flow_runs")).get("idempotency_key"))
            return [self.runs[str(key)] for key in as_list(wanted.get("any_")) if key in self.runs]
        if path.endswith("/create_flow_run"):
            key = as_text(as_object(body)["idempotency_key"])
            created = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
            if key not in self.runs:
                state = self.states[len(self.runs)]
                name = f"run-{len(self.runs) + 1}"
                self.runs[key] = {"id": key, "name": name, "created": created, "state": state}
            return self.runs[key]
        if path == "/artifacts/filter":
            return []
        if path == "/events/filter":
            return {"events": [{"id": "e"}] if self.alive else []}
        if path.endswith("/set_state"):
            self.runs[path.split("/")[2]]["state"] = as_object(body)["state"]
            return {"status": "ACCEPT"}
        return self.runs[path.removeprefix("/flow_runs/")]

    def emit(self, change: Change) -> None:
        """Note what is reported."""
        self.told.append(change.text)


def proved(monkeypatch: pytest.MonkeyPatch, prefect: Prefect) -> FlowRunResult:
    monkeypatch.setattr(acceptance, "request_with_retries", prefect.ask)
    return prove(API, "dev", "key", emit=prefect.emit, pause=lambda _seconds: None)


@pytest.mark.parametrize("first", [LOST, TAKEN])
def test_a_lost_run_is_replaced_and_reported(monkeypatch: pytest.MonkeyPatch, first: Json) -> None:
    prefect = Prefect(first, COMPLETED)
    assert proved(monkeypatch, prefect).state == "COMPLETED"
    assert list(prefect.runs) == ["dev/key", "dev/key/2"]
    assert [text for text in prefect.told if "another run replaces it" in text]


@pytest.mark.parametrize(
    ("states", "text"),
    [
        ((LOST, LOST), "run-2 of dev is Crashed: the process of this run was lost"),
        ((FAILED,), "run-1 of dev is Failed: a hop failed"),
        ((WAITING,), "run-1 of dev is still Scheduled"),
    ],
)
def test_other_ends_and_a_second_loss_are_final(
    monkeypatch: pytest.MonkeyPatch, states: tuple[Json, ...], text: str
) -> None:
    with pytest.raises(VerificationFailed, match=text):
        proved(monkeypatch, Prefect(*states))


@pytest.mark.parametrize(("alive", "runs"), [(False, ["dev/key", "dev/key/2"]), (True, ["dev/key"])])
def test_a_run_of_an_earlier_attempt_that_reports_nothing_is_replaced(
    monkeypatch: pytest.MonkeyPatch, *, alive: bool, runs: list[str]
) -> None:
    """Its process was killed with the server that would have noticed; one that lives is waited for."""
    prefect = Prefect({"type": "RUNNING", "name": "Running"}, COMPLETED)
    prefect.alive = alive
    clock = iter(range(0, 1_000_000, 50))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    prefect.ask(API, "POST", "/deployments/d/create_flow_run", {"idempotency_key": "dev/key"})
    prefect.runs["dev/key"]["created"] = datetime.now(UTC).isoformat()

    def pause(_seconds: float) -> None:
        if alive and float(next(clock)) > 1000:
            prefect.runs["dev/key"]["state"] = COMPLETED

    monkeypatch.setattr(acceptance, "request_with_retries", prefect.ask)
    assert prove(API, "dev", "key", emit=prefect.emit, pause=pause).state == "COMPLETED"
    assert list(prefect.runs) == runs


@pytest.mark.parametrize("shape", [{}, None, "page", [1]], ids=repr)
@pytest.mark.parametrize(
    ("path", "state"),
    [
        ("/flow_runs/filter", COMPLETED),
        ("/artifacts/filter", COMPLETED),
        ("/events/filter", {"type": "RUNNING", "name": "Running"}),
    ],
)
def test_an_answer_that_is_no_list_is_refused_and_not_taken_for_an_empty_one(
    monkeypatch: pytest.MonkeyPatch, path: str, state: Json, shape: Json
) -> None:
    prefect = Prefect(state)
    prefect.ask(API, "POST", "/deployments/d/create_flow_run", {"idempotency_key": "dev/key"})
    prefect.runs["dev/key"]["created"] = datetime.now(UTC).isoformat()
    clock = iter(range(0, 1_000_000, 50))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    genuine = prefect.ask

    def ask(api: Api, method: str, asked: str, body: Json = None, **more: object) -> Json:
        if asked == path:
            return {"events": shape} if path == "/events/filter" else shape
        return genuine(api, method, asked, body, **more)

    monkeypatch.setattr(prefect, "ask", ask)
    with pytest.raises(PrefectFailed, match="something else than Prefect answered"):
        proved(monkeypatch, prefect)
