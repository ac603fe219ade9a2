"""Attempts of a rehearsal as processes: their events are followed, and their processes sampled, until they end."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL, STDOUT, Popen
from typing import Final

from installer.engine.events import Event
from tests.e2e.conftest import command, environment, leftovers
from tests.homes.matrix import CLOUD_KEY, SIGN_ON, Home
from tests.homes.processes import Memory
from tests.processes import pause, until

SPEED: Final = "1000"
SLOW: Final = "200"
"""With kills, which need some time in the middle of a deployment."""
MAX_SECONDS: Final = 1800.0
"""Limit of an attempt; lost flow runs start again after minutes (prefect_setup/lost_runs.py)."""
_POLL_SECONDS: Final = 0.1
_GONE_SECONDS: Final = 90.0
_SAMPLE_POLLS: Final = 10


@dataclass
class Progress:
    """Steps of an attempt so far, read from its file of events.

    Attributes:
        begun: Keys of steps that have begun.
        running: Those that have not ended.
        working: Those of which a resource has begun.

    """

    file: Path
    begun: set[str] = field(default_factory=set)
    running: set[str] = field(default_factory=set)
    working: set[str] = field(default_factory=set)
    _offset: int = 0

    def read(self) -> None:
        """Read the events since the last time."""
        if not self.file.exists():
            return
        with self.file.open("rb") as file:
            file.seek(self._offset)
            new, newline, _rest = file.read().rpartition(b"\n")
        self._offset += len(new) + len(newline)
        for line in new.decode().splitlines():
            self._take(Event.from_json(line))

    def _take(self, event: Event) -> None:
        if event.kind == "step.started":
            self.begun.add(event.step)
            self.running.add(event.step)
        elif event.kind in {"step.finished", "step.failed", "step.skipped"}:
            self.running.discard(event.step)
        elif event.kind == "resource.started":
            self.working.add(event.step)


@dataclass
class Attempts:
    """All attempts of one home in one state directory.

    Attributes:
        answers: The answers file.
        state: The state directory.
        memory: Peaks of all attempts.
        speed: Simulated seconds per second.
        version: Version of the secrets that the user has.

    """

    home: Home
    answers: Path
    state: Path
    memory: Memory = field(default_factory=Memory)
    speed: str = SPEED
    version: int = 1
    count: int = 0

    @property
    def log(self) -> Path:
        """Output of all attempts."""
        return self.state.with_suffix(".log")

    def first(self, watch: Callable[[int, Progress], None] | None = None) -> int:
        """Rehearse from the answers file; the exit code."""
        words = ("rehearse", "--answers", str(self.answers), "--yes", "--speed", self.speed)
        return self.run(command(*words, *self._options()), watch)

    def resumed(self, run: str, watch: Callable[[int, Progress], None] | None = None) -> int:
        """Resume a run; the exit code."""
        return self.run(command("resume", run, *self._options()), watch)

    def second(self, run: str, plan: Path) -> int:
        """Another run with the answers of the first, on its embedded Azure; the exit code. Writes the plan before it."""
        words = ("-m", "tests.homes.second_run", str(self.state), run, str(self._events(self.count + 1)), str(plan))
        return self.run([sys.executable, *words])

    def rotated(self, secret: str, run: str, watch: Callable[[int, Progress], None] | None = None) -> int:
        """Rotate a secret of the installation of a run; the exit code."""
        return self.run(command("rotate", secret, "--env", "dev", "--yes", "--run", run, *self._options()), watch)

    def run(self, program: Sequence[str], watch: Callable[[int, Progress], None] | None = None) -> int:
        """Run a program to its end, and until none of its processes is left; the exit code, negative after a signal."""
        self.count += 1
        progress = Progress(self._events(self.count))
        with self.log.open("ab") as log:
            log.write(f"--- attempt {self.count}: {' '.join(program[1:])}\n".encode())
            log.flush()
            given = environment({CLOUD_KEY: f"pnu_{self.version:036d}", SIGN_ON: f"client-secret-{self.version}"})
            process = Popen(program, stdin=DEVNULL, stdout=log, stderr=STDOUT, env=given, start_new_session=True)
        for poll in range(int(MAX_SECONDS / _POLL_SECONDS)):
            if process.poll() is not None:
                break
            progress.read()
            if watch is not None:
                watch(process.pid, progress)
            if poll % _SAMPLE_POLLS == 0:
                self.memory.sample(process.pid)
            pause(_POLL_SECONDS)
        else:
            process.kill()
            process.wait()
            raise AssertionError(f"attempt {self.count} did not end within {MAX_SECONDS:.0f} s; see {self.log}")
        until(lambda: not leftovers(self.state), f"nothing outlives attempt {self.count}", _GONE_SECONDS)
        return process.returncode

    def output(self) -> str:
        """Output of all attempts."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def runs(self) -> list[str]:
        """Names of the runs, in the order of their numbers."""
        names = [one.name for one in (self.state / "runs").iterdir()]
        return sorted(names, key=lambda name: int(name.rpartition("-")[2]))

    def _events(self, number: int) -> Path:
        return self.state.with_suffix(f".{number}.jsonl")

    def _options(self) -> tuple[str, ...]:
        return ("--state-dir", str(self.state), "--events", str(self._events(self.count + 1)))
