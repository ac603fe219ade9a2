"""A secret is nowhere: in no file, event, log, bundle, process argument or picture of a run that failed, was cancelled and killed."""

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

from installer.bundle.recording import load
from tests.bench.keys import read_for
from tests.e2e.conftest import ANSWERS, SPEED, command, environment, leftovers, run
from tests.processes import until

pytestmark = pytest.mark.e2e
CANARY = "canary-3f1c9d-secret"
LONG = 150.0
GIVEN = {"CANARY": CANARY}


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
        except OSError:  # it has ended meanwhile
            continue
    return found


def cancelled_on_a_terminal(state: Path, events: Path) -> bytes:
    """Resume it on the live page, look at a row, cancel while something runs. Returns what the terminal was sent."""
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        words = command("resume", "--state-dir", str(state), "--events", str(events))
        os.execve(sys.executable, words, {**environment(GIVEN), "TERM": "xterm-256color"})  # noqa: S606  our own Python
    shown = b""

    def sees(text: bytes) -> bool:
        nonlocal shown
        shown += read_for(terminal, 0.1)
        return text in shown

    until(lambda: sees(b"aks-ff-contoso-dev"), "the cluster is being built", LONG)
    for keys, then in ((b"\r", b"Close"), (b"\x1b", b"critical"), (b"\x11", b"Cancel the deployments")):
        os.write(terminal, keys)
        until(lambda then=then: sees(then), f"{then!r} after {keys!r}", LONG)  # type: ignore[misc]
    os.write(terminal, b"\x1b[C\x1b[C\r")
    ended: list[int] = []

    def over() -> bool:
        nonlocal shown
        shown += read_for(terminal, 0.1)
        done, status = os.waitpid(pid, os.WNOHANG)
        ended.extend([os.waitstatus_to_exitcode(status)] if done else [])
        return bool(done)

    until(over, "the cancelled run to end", LONG)
    os.close(terminal)
    assert ended == [130]
    return shown


def killed_late(state: Path, events: Path) -> None:
    """Resume it again, and kill it when nearly all is done."""
    words = command("resume", "--state-dir", str(state), "--events", str(events), "--verbose")
    with (state.parent / "killed.out").open("wb") as out:
        process = subprocess.Popen(words, stdout=out, stderr=out, env=environment(GIVEN), start_new_session=True)
        until(lambda: events.exists() and b'"canary-dev"' in events.read_bytes().split(b"\n", 1)[-1], "the end", LONG)
        assert CANARY.encode() not in arguments_of(state)
        process.kill()
        process.wait()
    until(lambda: not leftovers(state), "everything ends with the installer")


def contents(path: Path) -> bytes:
    """What a file holds; of an archive, what is in it."""
    if path.suffix != ".zip":
        return path.read_bytes()
    with zipfile.ZipFile(path) as bundle:
        return b"".join(bundle.read(name) for name in bundle.namelist())


def test_a_secret_is_nowhere(tmp_path: Path) -> None:
    state = tmp_path / "state"
    rehearse = ("rehearse", "--answers", str(answers(tmp_path)), "--yes", "--speed", SPEED, "--state-dir", str(state))
    fault = ("--fault", "SkuNotAvailable:at=*managedClusters")
    failed = run(*rehearse, *fault, "--events", str(tmp_path / "failed.jsonl"), "--verbose", more=GIVEN)
    assert failed.code == 4, failed
    shown = cancelled_on_a_terminal(state, tmp_path / "cancelled.jsonl")
    killed_late(state, tmp_path / "killed.jsonl")
    for name in ("plain", "hidden"):
        more = ("--pseudonymise",) if name == "hidden" else ()
        made = run(
            "support-bundle", "--yes", "-o", str(tmp_path / f"{name}.zip"), *more, "--state-dir", str(state), more=GIVEN
        )
        assert made.code == 0, made
    assert {event.kind for event in load(tmp_path / "plain.zip").events} > {
        "step.failed",
        "step.skipped",
        "run.started",
    }
    assert CANARY not in failed.out + failed.err
    assert CANARY.encode() not in shown
    places = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(places) > 15
    assert [path for path in places if CANARY.encode() in contents(path)] == []
