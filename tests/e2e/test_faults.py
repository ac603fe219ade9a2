"""Faults in Azure: a transient fault is survived, a permanent one is explained, and the resumed run succeeds."""

import re
from pathlib import Path

import pytest

from installer.answers.files import load
from installer.engine.journal import Journal
from installer.runs.facts import EXPORTED, read_facts
from tests.e2e.conftest import ANSWERS, SPEED, accepted, run

pytestmark = pytest.mark.e2e
OTHER_SIZE = "Standard_D4ds_v5"
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


def test_transient_faults_are_survived_and_a_permanent_one_ends_with_another_size(tmp_path: Path) -> None:
    state = tmp_path / "state"
    failed = run(*rehearse(state, *TRANSIENT, "AllocationFailed:at=*managedClusters"))
    assert failed.code == 4, failed
    assert failed.err.startswith("AllocationFailed (aks-ff-contoso-dev)")
    assert "Remedy: " in failed.out
    assert re.search(r"^\d+ steps wait for runtime-dev$", failed.out, re.MULTILINE)
    unknown = run("resume", "--set", "sizing.node_sise=Standard_D4ds_v5", "--state-dir", str(state))
    assert (unknown.code, unknown.err) == (2, "there is no answer sizing.node_sise; did you mean sizing.node_size?\n")
    resumed = run("resume", "--set", f"sizing.node_size={OTHER_SIZE}", "--state-dir", str(state))
    assert resumed.code == 0, resumed
    assert "Prefect run in dev COMPLETED" in resumed.out
    again = [name for name, count in accepted(state).items() if count > 1]
    assert again == ["ff-contoso-runtime-dev"], "only the deployment that failed is sent again"
    (directory,) = (state / "runs").iterdir()
    with Journal(directory, write=False) as journal:
        assert journal.fact("state") == "succeeded"
        assert read_facts(journal).answers.sizing.node_size == OTHER_SIZE
    assert load(directory / EXPORTED).answers.sizing.node_size == OTHER_SIZE
