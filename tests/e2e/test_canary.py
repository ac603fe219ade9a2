"""A secret appears in no file, event, log, bundle, process argument or screen of a run that failed, was cancelled, was
killed and finally succeeded."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
import zipfile
from pathlib import Path

import pytest

from installer.support_bundle.recording import load
from tests.bench.key_latency import read_for
from tests.e2e.conftest import ANSWERS, SPEED, command, environment, leftovers, run
from tests.processes import until

pytestmark = pytest.mark.e2e
CANARY = "canary-3f1c9d-secret"
LONG = 150.0
GIVEN = {"CANARY": CANARY}
SCREEN_LEFT = b"\x1b[?1049l"
"""Control sequence that closes the alternate screen."""


def answers(folder: Path) -> Path:
    """The dev answers, with a client secret."""
    text = (ANSWERS / "dev.yaml").read_text(encoding="utf-8")
    sign_on = "method: secret\n  client_id: 11111111-2222-3333-4444-555555555555\n  client_secret: env:CANARY\n"
    file = folder / "answers.yaml"
    file.write_text(text.replace("method: later\n", sign_on), encoding="utf-8")
    return file


def arguments_of(state: Path) -> bytes:
    """The command lines of all processes of a run."""
    found = b""
    for pid in leftovers(state):
        try:
            found += Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:  # it has ended in the meantime
            continue
    return found


class OnTerminal:
    """The run resumed on the live page of a pseudo-terminal. `shown` has all output sent to it."""

    def __init__(self, state: Path, events: Path) -> None:
        self.shown, self.arguments = b"", b""
        self._reads = 0
        self._state = state
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
            words = command("resume", "--state-dir", str(state), "--events", str(events))
            os.execve(sys.executable, words, {**environment(GIVEN), "TERM": "xterm-256color"})  # noqa: S606  the Python of the tests

    def _read(self) -> None:
        self.shown += read_for(self._terminal, 0.1)
        self._reads += 1
        if self._reads % 5 == 1:
            self.arguments += arguments_of(self._state)

    def waits_for(self, text: bytes) -> None:
        """Wait until the terminal has received this text."""

        def sees() -> bool:
            self._read()
            return text in self.shown

        until(sees, f"{text!r} on the terminal", LONG)

    def press(self, keys: bytes) -> None:
        """Type these keys."""
        os.write(self._terminal, keys)

    def exit_code(self) -> int:
        """Wait for the program and return its exit code."""
        ended: list[int] = []

        def over() -> bool:
            self._read()
            done, status = os.waitpid(self._pid, os.WNOHANG)
            ended.extend([os.waitstatus_to_exitcode(status)] if done else [])
            return bool(done)

        until(over, "the program on the terminal to end", LONG)
        os.close(self._terminal)
        return ended[0]


def cancelled(state: Path, events: Path) -> OnTerminal:
    """Resume the run on the live page, open a row, cancel during a deployment."""
    page = OnTerminal(state, events)
    page.waits_for(b"aks-ff-contoso-dev")
    for keys, then in ((b"\r", b"Close"), (b"\x1b", b"critical"), (b"\x11", b"Cancel the deployments")):
        page.press(keys)
        page.waits_for(then)
    page.press(b"\x1b[C\x1b[C\r")
    assert page.exit_code() == 130
    assert b"Resume with: flowforge-install resume contoso-1" in page.shown.rpartition(SCREEN_LEFT)[2]
    return page


def succeeded(state: Path, events: Path) -> OnTerminal:
    """Resume the run to its end, and leave the last page."""
    page = OnTerminal(state, events)
    page.waits_for(b"Rehearsed: ")
    page.waits_for(b"COMPLETED")
    page.press(b"\x11")
    assert page.exit_code() == 0
    return page


def killed(state: Path, events: Path) -> None:
    """Resume the run again, and kill it while the secret is being sent."""
    words = command("resume", "--state-dir", str(state), "--events", str(events), "--verbose")
    with (state.parent / "killed.out").open("wb") as out:
        process = subprocess.Popen(words, stdout=out, stderr=out, env=environment(GIVEN), start_new_session=True)
        until(lambda: events.exists() and b'"step": "controlplane-dev"' in events.read_bytes(), "the web app", LONG)
        assert CANARY.encode() not in arguments_of(state)
        process.kill()
        process.wait()
    until(lambda: not leftovers(state), "everything ends with the installer")


def contents(path: Path) -> bytes:
    """Contents of a file, or of all files in an archive."""
    if path.suffix != ".zip":
        return path.read_bytes()
    with zipfile.ZipFile(path) as bundle:
        return b"".join(bundle.read(name) for name in bundle.namelist())


def test_a_secret_appears_nowhere(tmp_path: Path) -> None:
    state = tmp_path / "state"
    rehearse = ("rehearse", "--answers", str(answers(tmp_path)), "--yes", "--speed", SPEED, "--state-dir", str(state))
    fault = ("--fault", "AllocationFailed:at=*managedClusters")
    failed = run(*rehearse, *fault, "--events", str(tmp_path / "failed.jsonl"), "--verbose", more=GIVEN)
    assert failed.code == 4, failed
    assert failed.err.startswith("AllocationFailed (aks-ff-contoso-dev)")
    pages = [cancelled(state, tmp_path / "cancelled.jsonl")]
    killed(state, tmp_path / "killed.jsonl")
    pages.append(succeeded(state, tmp_path / "succeeded.jsonl"))
    for name in ("plain", "hidden"):
        more = ("--pseudonymise",) if name == "hidden" else ()
        bundled = run(
            "support-bundle", "--yes", "-o", str(tmp_path / f"{name}.zip"), *more, "--state-dir", str(state), more=GIVEN
        )
        assert bundled.code == 0, bundled
    recorded = load(tmp_path / "plain.zip").events
    assert {event.kind for event in recorded} > {"step.failed", "step.skipped", "run.started"}
    assert [event.data["state"] for event in recorded if event.kind == "run.finished"][-1] == "succeeded"
    replayed = run("replay", str(tmp_path / "plain.zip"), "--plain", more=GIVEN)
    assert "acceptance" in replayed.out.lower()
    for ended in (failed, replayed, run("runs", "--state-dir", str(state), more=GIVEN)):
        assert CANARY not in ended.out + ended.err
    for page in pages:
        assert b"installer" in page.arguments
        assert CANARY.encode() not in page.shown + page.arguments
    places = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(places) > 15
    assert [path for path in places if CANARY.encode() in contents(path)] == []
