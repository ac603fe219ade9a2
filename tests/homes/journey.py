"""The parts of one home: a first run, a second one that changes nothing, rotations, and a run in which processes are killed."""

import json
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar

from installer.engine.journal import Journal
from tests.bench.outcomes import Outcome, differences, outcome
from tests.homes.attempts import SLOW, Attempts
from tests.homes.kills import Killer, kills_of, named, rotations_of
from tests.homes.matrix import Home
from tests.homes.processes import Memory

MAX_DIFFERENCES: Final = 8
MAX_RESUMES: Final = 4
UNSEEN: Final = ("unknown", "directory")
"""The app registration that the answers name is not in the directory of a rehearsal, as its plan states."""
T = TypeVar("T")
TRACEBACK: Final = "Traceback (most recent call last)"
ACCEPTANCE: Final = "canary-dev"
"""Step of the acceptance run."""


@dataclass
class Row:
    """A row of the table.

    Attributes:
        wrong: Faults, a sentence each; none if the home passes.
        killed: Kills that were made.
        rotated: Secrets that were rotated.
        resumes: Attempts that ended with an error after a kill, and were resumed.
        seconds: Wall time by part.

    """

    home: Home
    wrong: list[str] = field(default_factory=list)
    first: str = "-"
    second: str = "-"
    killed: str = "-"
    rotated: str = "-"
    resumes: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    memory: Memory = field(default_factory=Memory)


@dataclass
class Journey:
    """The way of one home, in a folder."""

    home: Home
    folder: Path
    row: Row

    def go(self, *, kill: bool = False, rotate: bool = False) -> Row:
        """Go through all parts; faults are in the row."""
        self.folder.mkdir(parents=True)
        answers = self.home.write(self.folder / "answers.yaml")
        undisturbed = Attempts(self.home, answers, self.folder / "state")
        reference = self._timed("first", lambda: self._first(undisturbed))
        if reference is not None:
            self._timed("second", lambda: self._second(undisturbed))
        if rotate and reference is not None:
            self._timed("rotations", lambda: self._rotated(undisturbed, reference))
        if kill and reference is not None:
            disturbed = Attempts(self.home, answers, self.folder / "killed", speed=SLOW)
            self._timed("kills", lambda: self._killed(disturbed, reference))
            self.row.memory |= disturbed.memory
        self.row.memory |= undisturbed.memory
        return self.row

    def _timed(self, part: str, do: Callable[[], T]) -> T:
        begun = time.monotonic()
        try:
            return do()
        finally:
            self.row.seconds[part] = time.monotonic() - begun

    def _first(self, attempts: Attempts) -> Outcome | None:
        code = attempts.first()
        good = self._ended("first run", attempts, code)
        self.row.first = "passed" if good else f"exit {code}"
        return outcome(attempts.state, attempts.runs()[0]) if good else None

    def _second(self, attempts: Attempts) -> None:
        (first,) = attempts.runs()
        before = outcome(attempts.state, first, marks=True)
        plan = self.folder / "plan.json"
        code = attempts.second(first, plan)
        good = self._ended("second run", attempts, code)
        changes = [
            one
            for one in json.loads(plan.read_text("utf-8"))["changes"]
            if one["change"] not in ("same", "foreign") and (one["change"], one["family"]) != UNSEEN
        ]
        for one in changes[:MAX_DIFFERENCES]:
            self.row.wrong.append(f"plan: {one['change']} {one['type']} {one['name']} {' '.join(one['paths'])}")
        found = self._differences("second run", before, attempts, marks=True) if good else 0
        self.row.second = "no change" if good and not changes and not found else f"exit {code}, {found} differences"

    def _rotated(self, attempts: Attempts, before: Outcome) -> None:
        """Rotate each secret with an installer that is killed meanwhile; then another run has to pass."""
        attempts.version += 1
        first, *_ = attempts.runs()
        done = []
        for secret, kill in rotations_of(self.home):
            killer = Killer([kill])
            code = attempts.rotated(secret, first, killer.watch)
            if killer.due or code != -signal.SIGKILL:
                self.row.wrong.append(f"rotation of {secret}: not interrupted, exit code {code}")
            code = attempts.rotated(secret, first)
            if code:
                last = [line for line in attempts.output().splitlines() if line.strip()][-3:]
                self.row.wrong.append(f"rotation of {secret}: exit code {code}: {' / '.join(last)}")
                continue
            done.append(secret)
        pools = outcome(attempts.state, first).prefect["work pools"]
        if pools != before.prefect["work pools"]:
            self.row.wrong.append(f"work pools after the rotation: {pools}")
        code = attempts.second(first, self.folder / "rotated.json")
        self._ended("run after the rotation", attempts, code)
        self.row.rotated = ", ".join(done) or "none"

    def _killed(self, attempts: Attempts, reference: Outcome) -> None:
        killer = Killer(list(kills_of(self.home)))
        wanted = len(killer.due)
        code = attempts.first(killer.watch)
        for _ in range(MAX_RESUMES):
            if code == 0:
                break
            if code != -signal.SIGKILL:
                self.row.resumes += 1
            code = attempts.resumed(attempts.runs()[0], killer.watch)
        if killer.due:
            self.row.wrong.append(f"not killed: {named(killer.due)}")
        good = self._ended("killed run", attempts, code)
        found = self._differences("killed run", reference, attempts) if good else 0
        self.row.killed = f"{len(killer.done)} of {wanted}" + ("" if good and not found else ", failed")

    def _ended(self, what: str, attempts: Attempts, code: int) -> bool:
        """Whether the newest run succeeded with its acceptance run, and no attempt showed a traceback."""
        if TRACEBACK in attempts.output():
            self.row.wrong.append(f"{what}: a traceback is in {attempts.log}")
        if code:
            last = [line for line in attempts.output().splitlines() if line.strip()][-3:]
            self.row.wrong.append(f"{what}: exit code {code}: {' / '.join(last)}")
            return False
        with Journal(attempts.state / "runs" / attempts.runs()[-1], write=False) as journal:
            record = journal.recall(ACCEPTANCE)
        if record is None or record.outputs.get("state") != "COMPLETED":
            self.row.wrong.append(f"{what}: acceptance run {record}")
            return False
        return True

    def _differences(self, what: str, expected: Outcome, attempts: Attempts, *, marks: bool = False) -> int:
        found = list(differences(expected, outcome(attempts.state, attempts.runs()[-1], marks=marks)))
        self.row.wrong += [f"{what}: {one}" for one in islice(found, MAX_DIFFERENCES)]
        return len(found)
