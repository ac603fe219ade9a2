"""Child processes of a session; they end with it, even after kill -9."""

import contextlib
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from installer.emulator.prefect.orphans import MARK

PROCESS_GUARD = Path(__file__).with_name("process_guard.py")


class SupervisedProcess:
    """A process under a guard; its output goes to its log."""

    def __init__(self, name: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self.name = name
        self.log = log
        self._process = process

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    @property
    def code(self) -> int | None:
        """Its exit code, None while it runs."""
        return self._process.poll()

    def log_tail(self, lines: int = 5) -> str:
        """The end of its log, for an error message."""
        try:
            return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
        except OSError:
            return ""

    def end(self) -> None:
        """Request its end; `wait` returns when it has ended."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def wait(self, seconds: float) -> None:
        """Wait for its end, then kill it after so many seconds."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Supervisor:
    """All processes of a session. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._children: list[SupervisedProcess] = []

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        log: Path,
        cwd: Path | None = None,
        user: int | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> SupervisedProcess:
        """Start a command under a guard, with exactly this environment and the mark of orphans.py, in `cwd` or the current directory.

        With `user`, it runs as the user and group of this number. `stop_signal` requests its end.
        """
        switches = [] if user is None else ["--user", str(user)]
        switches += ["--stop-signal", str(stop_signal.value)]
        log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with log.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-S", "-E", str(PROCESS_GUARD), *switches, *command],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**env, MARK: str(log.resolve())},
                cwd=cwd,
                start_new_session=True,
            )
        child = SupervisedProcess(name, process, log)
        with self._lock:
            self._children.append(child)
        return child

    def close(self, *first: str) -> None:
        """End all of them, and wait until they have ended.

        Those whose names begin with the words of `first` end before the others, in this order; each group in parallel.
        """
        with self._lock:
            ending, self._children = self._children, []
        for words in (*first, ""):
            group = [child for child in ending if child.name.startswith(words)]
            ending = [child for child in ending if child not in group]
            for child in reversed(group):
                child.end()
            for child in group:
                child.wait(12)
