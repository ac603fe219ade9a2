"""The installer is killed repeatedly while it sends deployments; each is accepted once, and no answer is lost.

`python -m tests.bench kills` does the same with 500 kills over complete rehearsals.
"""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.kills import MAX_ATTEMPT_SECONDS
from tests.e2e.conftest import ANSWERS, environment, leftovers, run, sent
from tests.processes import until

pytestmark = pytest.mark.e2e
KILLS = 2


def test_deployments_in_transit_during_a_kill_are_accepted_once(tmp_path: Path) -> None:
    state, notes = tmp_path / "state", tmp_path / "notes"
    begin = ["rehearse", "--answers", str(ANSWERS / "dev.yaml"), "--yes", "--speed", "1000"]
    exported = []
    for number in range(KILLS):
        arguments = [*(["resume"] if number else begin), "--state-dir", str(state)]
        program = [sys.executable, "-m", "tests.bench.self_killing_installer", "sending", str(notes), *arguments]
        died = subprocess.run(
            program,
            env=environment(),
            capture_output=True,
            timeout=MAX_ATTEMPT_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert died.returncode == -signal.SIGKILL, died
        until(lambda: not leftovers(state), "nothing outlives the installer")
        (answers,) = state.glob("runs/*/answers.yaml")
        exported.append(answers.read_bytes())
    last = run("resume", answers.parent.name, "--only", "foundation", "--state-dir", str(state))
    assert last.code == 0, last
    assert "The rest of the run is still to do" in last.out
    assert "ff-contoso-foundation" in sent(state)  # fails if one was accepted twice
    assert len(set(exported)) == 1
