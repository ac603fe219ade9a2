"""Runs the command as a user would, and asks the embedded Azure afterwards what it was sent."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from installer.cloud.emulator_process import start

ANSWERS = Path(__file__).parent.parent / "answers"
SPEED = "120"
LONGEST = 240


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The surroundings of a command: no keyring of this machine, no settings of ours, nobody's Azure session."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("FLOWFORGE_", "AZURE_", "PREFECT_"))}
    kept["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    return {**kept, "TERM": "dumb", **(more or {})}


def command(*arguments: str) -> list[str]:
    """Our command line."""
    return [sys.executable, "-m", "installer", *arguments]


def run(*arguments: str, stdin: str = "", more: Mapping[str, str] | None = None) -> Ended:
    """Run a command to its end."""
    done = subprocess.run(
        command(*arguments),
        input=stdin,
        capture_output=True,
        text=True,
        env=environment(more),
        timeout=LONGEST,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def asked(state: Path, path: str) -> list[dict[str, Any]]:
    """What the embedded Azure of a state directory recorded: `/rehearsal/requests` or `/rehearsal/timeline`."""
    import requests

    (directory,) = (state / "rehearsals").iterdir()
    rehearsal = start(directory, speed=1000)
    try:
        target = rehearsal.target
        token = target.credential().get_token(f"{target.audience}/.default").token
        answer = requests.get(
            f"{target.endpoint}{path}", headers={"Authorization": f"Bearer {token}"}, verify=target.ca_file, timeout=30
        )
        answer.raise_for_status()
        value: list[dict[str, Any]] = answer.json()["value"]
        return value
    finally:
        rehearsal.stop()


def sent(state: Path) -> dict[str, str]:
    """Deployment name to the hash of its parameters; fails when one was accepted twice."""
    accepted = [request for request in asked(state, "/rehearsal/requests") if request["status"] in (200, 201)]
    names = [request["name"] for request in accepted]
    assert sorted(names) == sorted(set(names)), f"sent twice: {names}"
    return {request["name"]: request["parametersHash"] for request in accepted}


def leftovers(state: Path) -> list[int]:
    """Processes that belong to a state directory: it stands in their command line or environment."""
    needle = str(state).encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            try:
                texts = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            except OSError:
                continue
            if needle in texts:
                found.append(int(entry.name))
    return found


@dataclass(frozen=True)
class Rehearsed:
    """A whole rehearsal that was run once for several tests."""

    state: Path
    ended: Ended

    @property
    def run(self) -> Path:
        """The run's directory."""
        (directory,) = (self.state / "runs").iterdir()
        return directory


@pytest.fixture(scope="session")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    """The dev answers, rehearsed without a terminal."""
    state = tmp_path_factory.mktemp("rehearsed") / "state"
    answers = str(ANSWERS / "dev.yaml")
    ended = run("rehearse", "--answers", answers, "--yes", "--speed", SPEED, "--state-dir", str(state))
    return Rehearsed(state, ended)
