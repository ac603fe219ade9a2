"""A killed or stopped run that is resumed ends like an undisturbed one; nothing is sent twice."""

import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from installer.engine.events import Event
from installer.engine.journal import Journal
from tests.e2e.conftest import ANSWERS, SPEED, command, environment, leftovers, run, sent
from tests.processes import until

pytestmark = [pytest.mark.e2e, pytest.mark.long]
LONG = 900.0
"""Timeout in seconds, generous for a busy machine."""


@dataclass
class Attempt:
    """A run in a new process group, with a file of the events of this attempt."""

    process: "subprocess.Popen[bytes]"
    file: Path

    @classmethod
    def begin(cls, name: str, *arguments: str, state: Path) -> "Attempt":
        """Start it."""
        file = state.with_name(f"{name}.jsonl")
        process = subprocess.Popen(
            command(*arguments, "--state-dir", str(state), "--events", str(file)),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment(),
            start_new_session=True,
        )
        return cls(process, file)

    def events(self) -> list[Event]:
        """Its events so far."""
        lines = self.file.read_text(encoding="utf-8").splitlines() if self.file.exists() else []
        return [Event.from_json(line) for line in lines if line.endswith("}")]

    def runs_a_resource_of(self, step: str) -> bool:
        """Whether a resource of a step is being deployed."""
        return any(event.kind == "resource.started" and event.step == step for event in self.events())

    def kill(self) -> None:
        """End it as `kill -9` does."""
        self.process.kill()
        self.process.wait()


def assert_succeeded(state: Path) -> None:
    (directory,) = (state / "runs").iterdir()
    with Journal(directory, write=False) as journal:
        assert journal.fact("state") == "succeeded"
        canary = journal.recall("canary-dev")
    assert canary is not None
    assert canary.outputs["state"] == "COMPLETED"
    sent(state)  # fails if a deployment was accepted twice


def test_a_run_that_is_stopped_and_killed_again_and_again_ends_like_an_undisturbed_one(tmp_path: Path) -> None:
    state = tmp_path / "state"
    rehearse = ("rehearse", "--answers", str(ANSWERS / "dev.yaml"), "--yes", "--speed", SPEED)
    stopped = Attempt.begin("stopped", *rehearse, state=state)
    until(lambda: stopped.runs_a_resource_of("network"), "a resource of the network stage runs", LONG)
    stopped.process.send_signal(signal.SIGINT)
    assert stopped.process.wait(LONG) == 130
    assert leftovers(state) == [], "Ctrl-C leaves nothing running"

    deploying = Attempt.begin("deploying", "resume", state=state)
    until(lambda: deploying.runs_a_resource_of("data"), "a resource of the data stage runs", LONG)
    deploying.kill()
    until(lambda: not leftovers(state), "the embedded Azure ends with the installer")
    assert "interrupted" in run("runs", "--state-dir", str(state)).out

    registering = Attempt.begin("registering", "resume", state=state)
    until(lambda: any(event.step == "register-dev" for event in registering.events()), "Prefect is being set up", LONG)
    registering.kill()
    until(lambda: not leftovers(state), "no Prefect process outlives the installer")

    resumed = run("resume", "contoso-1", "--state-dir", str(state))
    assert resumed.code == 0, resumed
    assert_succeeded(state)
    assert leftovers(state) == []
