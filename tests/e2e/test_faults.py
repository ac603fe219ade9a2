"""Faults in Azure: a transient fault is survived, a permanent one is explained, and the resumed run succeeds."""

from pathlib import Path

import pytest

from installer.engine.journal import Journal
from tests.e2e.conftest import ANSWERS, SPEED, accepted, run

pytestmark = pytest.mark.e2e
TRANSIENT = (
    "throttling:count=1",
    "service-unavailable:count=2",
    "connection-reset:count=1,at=GET *",
    "token-expiry:count=3,at=GET *operations*",
    "answer-lost:count=2,at=PUT *deployments*",
)


def rehearse(state: Path, *faults: str) -> tuple[str, ...]:
    """Arguments of a rehearsal with faults."""
    options = [word for fault in faults for word in ("--fault", fault)]
    answers = str(ANSWERS / "dev.yaml")
    return ("rehearse", "--answers", answers, "--yes", "--speed", SPEED, "--state-dir", str(state), *options)


def test_transient_faults_are_survived_and_a_permanent_one_is_explained_until_it_is_gone(tmp_path: Path) -> None:
    state = tmp_path / "state"
    failed = run(*rehearse(state, *TRANSIENT, "AllocationFailed:at=*managedClusters"))
    assert failed.code == 4, failed
    assert failed.err.startswith("AllocationFailed (aks-ff-contoso-dev)")
    assert "Remedy: " in failed.out
    assert "cluster-dev waits for runtime-dev" in failed.out
    resumed = run("resume", "--state-dir", str(state))
    assert resumed.code == 0, resumed
    assert "Prefect run in dev COMPLETED" in resumed.out
    again = [name for name, count in accepted(state).items() if count > 1]
    assert again == ["ff-contoso-runtime-dev"], "only the deployment that failed is sent again"
    (directory,) = (state / "runs").iterdir()
    with Journal(directory, write=False) as journal:
        assert journal.fact("state") == "succeeded"
