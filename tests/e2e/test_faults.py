"""Faults in Azure: a transient fault is survived, a permanent one is explained, and the resumed run succeeds."""

from pathlib import Path

import pytest

from installer.engine.journal import Journal
from tests.e2e.conftest import ANSWERS, SPEED, run, sent

pytestmark = pytest.mark.e2e


def rehearse(state: Path, *faults: str) -> tuple[str, ...]:
    """Arguments of a rehearsal with faults."""
    options = [word for fault in faults for word in ("--fault", fault)]
    answers = str(ANSWERS / "dev.yaml")
    return ("rehearse", "--answers", answers, "--yes", "--speed", SPEED, "--state-dir", str(state), *options)


def test_a_permanent_fault_is_explained_and_the_run_resumes_when_it_is_gone(tmp_path: Path) -> None:
    state = tmp_path / "state"
    failed = run(*rehearse(state, "AllocationFailed:at=*managedClusters"))
    assert failed.code == 4, failed
    assert failed.err.startswith("AllocationFailed (aks-ff-contoso-dev)")
    assert "Remedy: " in failed.out
    assert "cluster-dev waits for runtime-dev" in failed.out
    resumed = run("resume", "--state-dir", str(state))
    assert resumed.code == 0, resumed
    assert "Prefect run in dev COMPLETED" in resumed.out


def test_transient_faults_are_survived(tmp_path: Path) -> None:
    state = tmp_path / "state"
    faults = (
        "throttling:count=1",
        "service-unavailable:count=2",
        "connection-reset:count=1,at=GET *",
        "token-expiry:count=3,at=GET *operations*",
        "answer-lost:count=2,at=PUT *deployments*",
    )
    ended = run(*rehearse(state, *faults))
    assert ended.code == 0, ended
    sent(state)
    (directory,) = (state / "runs").iterdir()
    with Journal(directory, write=False) as journal:
        assert journal.fact("state") == "succeeded"
