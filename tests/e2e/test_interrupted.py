"""A killed or stopped run that is resumed ends like an undisturbed one; nothing is sent twice."""

import signal
import subprocess
from pathlib import Path

import pytest

from installer.engine.events import Event
from installer.engine.journal import Journal
from tests.e2e.conftest import ANSWERS, SPEED, command, environment, leftovers, run, sent
from tests.processes import until

pytestmark = pytest.mark.e2e
LONG = 150.0
"""Timeout in seconds, generous for a busy machine."""


def begin(state: Path) -> "subprocess.Popen[bytes]":
    """Start a rehearsal in a new process group."""
    arguments = (
        "rehearse",
        "--answers",
        str(ANSWERS / "dev.yaml"),
        "--yes",
        "--speed",
        SPEED,
        "--state-dir",
        str(state),
    )
    return subprocess.Popen(
        command(*arguments, "--events", str(state.with_suffix(".jsonl"))),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(),
        start_new_session=True,
    )


def events(state: Path) -> list[Event]:
    """Events of the background run so far."""
    path = state.with_suffix(".jsonl")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [Event.from_json(line) for line in lines if line.endswith("}")]


def running_resource(state: Path, step: str) -> bool:
    return any(e.kind == "resource.started" and e.step == step for e in events(state))


def assert_succeeded(state: Path) -> None:
    (directory,) = (state / "runs").iterdir()
    with Journal(directory, write=False) as journal:
        assert journal.fact("state") == "succeeded"
        canary = journal.recall("canary-dev")
    assert canary is not None
    assert canary.outputs["state"] == "COMPLETED"
    sent(state)  # fails if a deployment was accepted twice


def test_kill_9_in_the_middle_of_a_deployment(tmp_path: Path) -> None:
    state = tmp_path / "state"
    process = begin(state)
    until(lambda: running_resource(state, "data"), "a resource of the data stage runs", LONG)
    process.kill()
    process.wait()
    until(lambda: not leftovers(state), "the embedded Azure ends with the installer")
    listed = run("runs", "--state-dir", str(state))
    assert "interrupted" in listed.out
    resumed = run("resume", "--state-dir", str(state))
    assert resumed.code == 0, resumed
    assert_succeeded(state)


def test_kill_9_while_prefect_runs(tmp_path: Path) -> None:
    state = tmp_path / "state"
    process = begin(state)
    until(lambda: any(e.step == "register-dev" for e in events(state)), "Prefect is being set up", LONG)
    process.kill()
    process.wait()
    until(lambda: not leftovers(state), "no Prefect process outlives the installer")
    resumed = run("resume", "contoso-1", "--state-dir", str(state))
    assert resumed.code == 0, resumed
    assert_succeeded(state)
    assert leftovers(state) == []


def test_ctrl_c_leaves_a_run_that_can_be_resumed(tmp_path: Path) -> None:
    state = tmp_path / "state"
    process = begin(state)
    until(lambda: running_resource(state, "network"), "a resource of the network stage runs", LONG)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    assert leftovers(state) == []
    resumed = run("resume", "--state-dir", str(state))
    assert resumed.code == 0, resumed
    assert_succeeded(state)
