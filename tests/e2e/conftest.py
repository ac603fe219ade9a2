"""Runs the command as a user would, and reads the requests recorded by the embedded Azure afterwards."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from installer.cloud.emulator_process import Rehearsal, Seed, start
from installer.json_access import JsonObject, as_list, as_text
from installer.jsontypes import Json
from tests.shared_work import made_once, session_folder

ANSWERS = Path(__file__).parent.parent / "answers"
SPEED = "120"
MAX_SECONDS = 1200
"""Ends a command that hangs; a busy machine takes several times the usual minute."""


@dataclass(frozen=True)
class Ended:
    """Result of a command."""

    code: int
    out: str
    err: str


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Environment of a command, without the machine's keyring, FlowForge settings and Azure session."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("FLOWFORGE_", "AZURE_", "PREFECT_"))}
    kept["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    return {**kept, "TERM": "dumb", **(more or {})}


def command(*arguments: str) -> list[str]:
    """Command line of the installer."""
    return [sys.executable, "-m", "installer", *arguments]


def run(
    *arguments: str, stdin: str = "", more: Mapping[str, str] | None = None, patience: float = MAX_SECONDS
) -> Ended:
    """Run a command to its end."""
    done = subprocess.run(
        command(*arguments),
        input=stdin,
        capture_output=True,
        text=True,
        env=environment(more),
        timeout=patience,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def azure_alone(state: Path) -> Rehearsal:
    """A state directory's embedded Azure, for its records and resources: Prefect's processes are not started again."""
    (directory,) = (state / "rehearsals").iterdir()
    return start(directory, speed=1000, seed=Seed(processes=False))


def emulator_records(state: Path, path: str) -> list[dict[str, Any]]:
    """Records of a state directory's embedded Azure: `/rehearsal/requests` or `/rehearsal/timeline`."""
    import requests

    rehearsal = azure_alone(state)
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


def _accepted(state: Path) -> list[dict[str, Any]]:
    return [request for request in emulator_records(state, "/rehearsal/requests") if request["status"] in (200, 201)]


def accepted(state: Path) -> Counter[str]:
    """How many times each deployment was accepted, by name."""
    return Counter(str(request["name"]) for request in _accepted(state))


def sent(state: Path) -> dict[str, str]:
    """Hash of the parameters of every accepted deployment, by name; fails if one was accepted twice."""
    requests = _accepted(state)
    found = {str(request["name"]): str(request["parametersHash"]) for request in requests}
    assert len(found) == len(requests), f"sent twice: {sorted(request['name'] for request in requests)}"
    return found


def last_sent(state: Path) -> dict[str, str]:
    """Hash of the parameters of every deployment when it was accepted for the last time, by name."""
    return {str(request["name"]): str(request["parametersHash"]) for request in _accepted(state)}


def copied(state: Path, to: Path) -> Path:
    """A copy of a state directory, with the owner of PostgreSQL's data, which the server checks."""
    subprocess.run(["cp", "-a", str(state), str(to)], check=True)
    return to


def leftovers(state: Path) -> list[int]:
    """Processes whose command line or environment contains a state directory."""
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
    """A complete rehearsal that several tests share.

    Attributes:
        state: Copy of its state directory for this process.
        ended: Result of its command.
        left: Processes that were left when the command had ended.

    """

    state: Path
    ended: Ended
    left: tuple[Json, ...] = ()

    @property
    def run(self) -> Path:
        """The run's directory."""
        (directory,) = (self.state / "runs").iterdir()
        return directory


@pytest.fixture(scope="session")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    """A rehearsal of the dev answers without a terminal: one for all processes of the session, and a copy for each."""

    def rehearse(folder: Path) -> JsonObject:
        state, answers = folder / "state", str(ANSWERS / "dev.yaml")
        ended = run("rehearse", "--answers", answers, "--yes", "--speed", SPEED, "--state-dir", str(state))
        return {"code": ended.code, "out": ended.out, "err": ended.err, "left": [*leftovers(state)]}

    folder, ended = made_once(session_folder(tmp_path_factory), "rehearsed", rehearse)
    state = copied(folder / "state", tmp_path_factory.mktemp("rehearsed") / "state")
    code = ended["code"]
    assert isinstance(code, int)
    return Rehearsed(state, Ended(code, as_text(ended["out"]), as_text(ended["err"])), tuple(as_list(ended["left"])))
