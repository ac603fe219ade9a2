"""The log of the Prefect program becomes events and outputs, and its failure that of the step."""

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import pytest

from installer.cloud.errors import AzureRefused
from installer.engine.step import Context, Outputs
from installer.errors import DeploymentFailed, InstallerError, PrefectFailed, VerificationFailed
from installer.jsontypes import Json
from installer.prefect_setup.hop_results import HopResult
from installer.steps.acceptance_results import HopMetrics
from installer.steps.prefect import Canary, Register
from tests.steps.step_context import Attempt

if TYPE_CHECKING:
    from installer.cloud.rest import Service


@dataclass
class Told:
    """A job that prints a configured log, or fails."""

    lines: list[dict[str, Json]]
    failure: InstallerError | None = None
    key: str = "register-dev"
    title: str = "t"
    needs: tuple[str, ...] = ()
    usual_seconds: float = 1.0
    done: bool = False
    proved: list[Outputs] = field(default_factory=list)

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the step's
        """Whether it is done."""
        return {} if self.done else None

    def apply(self, context: Context) -> Outputs:  # noqa: ARG002  the step's
        """Fails, or not."""
        if self.failure:
            raise self.failure
        return {}

    def verify(self, context: Context, outputs: Outputs) -> None:  # noqa: ARG002  the step's
        """Noted."""
        self.proved.append(outputs)

    def log(self, context: Context) -> str:  # noqa: ARG002  the job's
        """The lines, among what libraries print."""
        return "\n".join(["Starting", *map(json.dumps, self.lines), "17"])


CHANGES: list[dict[str, Json]] = [
    {"event": "created", "kind": "work pool", "name": "p", "text": "work pool p created"},
    {"event": "progressed", "kind": "deployment", "name": "d", "text": "prefect deploy"},
    {"event": "unchanged", "kind": "deployment", "name": "d", "text": "deployment d unchanged"},
    {"result": "done"},
]


def nowhere(_context: Context) -> str:
    """An unknown address of Prefect."""
    return ""


def test_changes_are_reported_and_counted() -> None:
    job, attempt = Told(CHANGES), Attempt()
    state, outputs = attempt.run(Register(job, "dev", lambda _context: "http://here:1"))
    assert (state, outputs) == ("done", {"created": 1, "updated": 0, "unchanged": 1})
    told = [event for event in attempt.events if event.kind == "resource.finished"]
    assert [event.resource for event in told] == ["work pool p", "deployment d", "prefect dev"]
    assert told[-1].data["ui"] == "http://here:1"
    assert job.proved == [outputs]


def test_without_a_log_no_counts_are_reported() -> None:
    attempt = Attempt()
    assert attempt.run(Register(Told([]), "dev", nowhere)) == ("done", {})
    assert attempt.events == []


def test_a_canary_is_the_proof() -> None:
    result: Json = {"flow_run_id": "f", "state": "COMPLETED", "seconds": 3.4, "url": "http://inside"}
    attempt = Attempt()
    canary = Canary(Told([{"result": result}], key="canary-dev"), "dev")
    assert attempt.run(canary) == ("done", {"state": "COMPLETED", "flow_run_id": "f", "seconds": 3.4})
    proof, unknown = attempt.events
    assert proof.data["proof"] == "Prefect run in dev COMPLETED"
    assert unknown.kind == "not-checked"
    later = Canary(Told([{"result": result}], done=True), "dev")
    assert Attempt().run(later) == ("was so", {"state": "COMPLETED", "flow_run_id": "f", "seconds": 3.4})
    assert Attempt().run(Canary(Told([]), "dev"))[1] == {"state": "COMPLETED"}, "a job that succeeds is proof enough"


def hop(name: str, state: str = "passed", **more: Json) -> dict[str, Json]:
    return {"hop": name, "state": state, "milliseconds": 12, "code": "", "why": "", **more}


def test_each_hop_is_reported_with_its_duration_and_what_was_left_out() -> None:
    hops: Json = [hop("token"), hop("landing"), hop("metric", "left out", why="no endpoint")]
    result: Json = {"flow_run_id": "f", "state": "COMPLETED", "seconds": 3.4, "hops": hops}
    attempt = Attempt()
    state, outputs = attempt.run(Canary(Told([{"result": result}], key="canary-dev"), "dev"))
    assert state == "done"
    assert outputs["hops"] == {"token": 12, "landing": 12, "metric": "left out"}
    assert [event.resource for event in attempt.events if "hop" in event.resource] == [
        "hop token of dev",
        "hop landing of dev",
    ]
    assert [event.text for event in attempt.events if event.kind == "not-checked"] == [
        "custom metric sent in dev: no endpoint"
    ]
    assert attempt.events[-1].data["proof"] == "Data path of dev: token 12 ms, landing 12 ms"


UNUSED = cast("Service", None)


@dataclass(frozen=True)
class Received(HopMetrics):
    """Metrics that have arrived."""

    hops: tuple[HopResult, ...] = ()

    def read(self, context: Context) -> tuple[HopResult, ...]:  # noqa: ARG002  as the one that asks Azure
        return self.hops


def test_without_a_log_the_hops_come_from_the_custom_metrics() -> None:
    found = Received(UNUSED, "/lake", "dev", "run", (HopResult("token", "passed", 7),))
    attempt = Attempt()
    assert attempt.run(Canary(Told([]), "dev", found))[1] == {"state": "COMPLETED", "hops": {"token": 7}}
    ended = Attempt()
    job = Told([], done=True)
    assert ended.run(Canary(job, "dev", found)) == ("was so", {"state": "COMPLETED", "hops": {"token": 7}}), (
        "without us"
    )
    assert ended.run(Canary(job, "dev", Received(UNUSED, "/lake", "dev", "run")))[1]["hops"] == {"token": 7}, "kept"
    failed = Received(
        UNUSED, "/lake", "dev", "run", (HopResult("bronze", "failed", 9, "AuthorizationPermissionMismatch"),)
    )
    with pytest.raises(VerificationFailed) as caught:
        Attempt().run(Canary(Told([], DeploymentFailed("the job ended as Failed")), "dev", failed))
    assert "copied from landing to bronze failed (AuthorizationPermissionMismatch)" in str(caught.value)
    assert "Storage Blob Data Contributor" in str(caught.value)
    assert "the job ended as Failed" in str(caught.value)


@pytest.mark.parametrize(("step", "kind"), [(Register, PrefectFailed), (Canary, VerificationFailed)])
def test_a_failure_is_reported_with_the_error_of_the_program(step: type, kind: type[InstallerError]) -> None:
    words = 'job/x failed; its last log lines:\nTraceback\n{"error": "the pool is paused"}'
    made = step(Told([], DeploymentFailed(words)), "dev", *([nowhere] if step is Register else []))
    with pytest.raises(kind, match=r"^the pool is paused$"):
        Attempt().run(made)


def test_a_refusal_of_azure_stays_one() -> None:
    with pytest.raises(AzureRefused, match="no"):
        Attempt().run(Register(Told([], AzureRefused("no", status=403)), "dev", nowhere))
