"""Kills a rehearsal again and again, resumes it, and compares what is there in the end with an undisturbed one.

python -m tests.bench kills [--count 500] [--seed 1] [--speed 500] [--keep DIR]

A rehearsal is killed at every record of its journal (before and after it is written), while each deployment is being
sent, and at random instants; in some of the kills the embedded Azure goes with it, in some the next sitting begins at once.
"""

import argparse
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from subprocess import DEVNULL, STDOUT, Popen

from tests.bench.outcomes import Outcome, differences, outcome
from tests.e2e.conftest import ANSWERS, command, environment, leftovers
from tests.processes import command_lines, descendants, until

MAX_ATTEMPT_SECONDS = 300.0
"""Seconds until a sitting is taken to hang; none passes or fails by taking less."""
GONE = 60.0
EARLY, LATE = (0.5, 9.0), (9.0, 19.0)
"""Seconds: while deployments are sent and followed, and while Prefect is set up, which costs the most time."""
PER_REHEARSAL = 40
MAX_DIFFERENCES = 10


@dataclass
class Tally:
    """What came of it."""

    kills: Counter[str] = field(default_factory=Counter)
    rehearsals: int = 0
    resumed: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """All kills."""
        return sum(self.kills.values())


@dataclass
class Rehearsal:
    """One rehearsal in a state directory of its own, through as many sittings as it takes."""

    state: Path
    speed: float
    dice: random.Random
    tally: Tally
    sittings: int = 0
    over: bool = False

    @property
    def log(self) -> Path:
        """What all sittings printed."""
        return self.state.with_suffix(".log")

    def _arguments(self) -> list[str]:
        """Resume what was begun; what left no trace is started again."""
        begun = self.state.exists() and any(self.state.glob("runs/*/answers.yaml"))
        more = ["--state-dir", str(self.state), "--events", str(self.state.with_suffix(".jsonl"))]
        if begun:
            return ["resume", *more]
        return ["rehearse", "--answers", str(ANSWERS / "dev.yaml"), "--yes", "--speed", f"{self.speed:g}", *more]

    def _start(self, program: list[str]) -> "Popen[bytes]":
        self.sittings += 1
        with self.log.open("ab") as log:
            log.write(f"--- sitting {self.sittings}: {' '.join(program[1:])}\n".encode())
            log.flush()
            return Popen(program, stdin=DEVNULL, stdout=log, stderr=STDOUT, env=environment(), start_new_session=True)

    def killed_at_a_moment(self, seconds: float) -> bool:
        """A sitting that is killed after so many seconds; False when it was over before."""
        process = self._start(command(*self._arguments()))
        time.sleep(seconds)
        with_azure = self.dice.random() < 0.3
        azure = _azure_of(process.pid) if with_azure else []
        if process.poll() is not None:
            return self._ended(process.returncode)
        process.kill()
        for pid in azure:
            _kill(pid)
        process.wait()
        self._after("random, with the embedded Azure" if azure else "random")
        return True

    def killed_at(self, when: str) -> bool:
        """A sitting that kills itself; False when it found nothing new to die at."""
        notes = self.state.with_suffix(".notes")
        program = command(*self._arguments())
        process = self._start([program[0], "-m", "tests.bench.self_killing_installer", when, str(notes), *program[3:]])
        code = process.wait(MAX_ATTEMPT_SECONDS)
        if code != -signal.SIGKILL:
            return self._ended(code)
        self._after(when)
        return True

    def _after(self, how: str) -> None:
        self.tally.kills[how] += 1
        if self.dice.random() < 0.7:  # else the next sitting begins at once, beside what is just going
            until(lambda: not leftovers(self.state), f"{self.state}: nothing outlives the installer", GONE)

    def _ended(self, code: int) -> bool:
        self.over = code == 0
        if code:
            self._wrong(f"sitting {self.sittings} ended by itself with {code}")
        return False

    def _wrong(self, what: str) -> None:
        self.tally.wrong.append(f"{self.state}: {what}")
        print(f"WRONG {self.tally.wrong[-1]}", flush=True)

    def undisturbed(self) -> None:
        """A sitting to the end, unless it has come there."""
        if self.over:
            return
        code = self._start(command(*self._arguments())).wait(MAX_ATTEMPT_SECONDS)
        if code:
            self._wrong(f"the last resume ended with {code}")

    def again(self) -> None:
        """The finished run once more: nothing may be left to do."""
        (run,) = self.state.glob("runs/*/answers.yaml")
        program = command("resume", run.parent.name, "--state-dir", str(self.state))
        if code := self._start(program).wait(MAX_ATTEMPT_SECONDS):
            self._wrong(f"resuming what is done ended with {code}")

    def compare(self, reference: Outcome) -> None:
        """What is there, what was sent, what was answered."""
        until(lambda: not leftovers(self.state), f"{self.state}: nothing outlives the installer", GONE)
        for difference in islice(differences(reference, outcome(self.state)), MAX_DIFFERENCES):
            self._wrong(difference)


def _azure_of(pid: int) -> list[int]:
    lines = command_lines()
    return [child for child in descendants(pid) if "installer.emulator" in lines.get(child, "")]


def _kill(pid: int) -> None:
    import os

    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _instants(dice: random.Random, late: float) -> Iterator[float]:
    while True:
        yield dice.uniform(*(LATE if dice.random() < late else EARLY))


def rounds(options: argparse.Namespace, folder: Path, tally: Tally) -> Iterator[Callable[[], None]]:
    """One rehearsal after another until there were enough kills."""
    dice = random.Random(options.seed)  # noqa: S311  no secret
    reference: list[Outcome] = []

    def rehearse(how: str) -> None:
        it = Rehearsal(folder / f"{tally.rehearsals:03d}-{how}", options.speed, dice, tally)
        tally.rehearsals += 1
        before, wrong = tally.count, len(tally.wrong)
        if how == "random":
            for _, seconds in zip(range(PER_REHEARSAL), _instants(dice, options.late), strict=False):
                if tally.count >= options.count or not it.killed_at_a_moment(seconds):
                    break
        elif how != "undisturbed":
            while tally.count < options.count and it.killed_at(how):
                pass
        it.undisturbed()
        it.again()
        if how == "undisturbed":
            reference.append(outcome(it.state))
        else:
            it.compare(reference[0])
        good = len(tally.wrong) == wrong
        tally.resumed += tally.count - before if good else 0
        if good:
            for path in folder.glob(f"{it.state.name}*"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        print(f"{tally.count:4d} kills, {tally.resumed} resumed to the same state ({how}, {time.ctime()})", flush=True)

    for how in ("undisturbed", *options.at):
        yield lambda how=how: rehearse(how)  # type: ignore[misc]
    while tally.count < options.count:
        yield lambda: rehearse("random")


def main(arguments: list[str]) -> int:
    """Kill, resume, compare; 1 when anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench kills")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", type=float, default=500)
    parser.add_argument("--late", type=float, default=0.15, help="share of random kills in the later part")
    parser.add_argument("--at", action="append", help="before-record, after-record, sending; all unless told")
    options = parser.parse_args(arguments)
    options.at = options.at or ["before-record", "after-record", "sending"]
    tally, begun = Tally(), time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="kills-"))
    for one in rounds(options, folder, tally):
        try:
            one()
        except (AssertionError, OSError, ValueError) as error:
            tally.wrong.append(f"{type(error).__name__}: {error}")
            print(f"WRONG {tally.wrong[-1]}", flush=True)
        if len(tally.wrong) > 20:
            break
    print(f"{tally.count} kills in {tally.rehearsals} rehearsals, {(time.monotonic() - begun) / 60:.0f} minutes")
    for how, count in sorted(tally.kills.items()):
        print(f"  {how:<34} {count}")
    print(f"resumed to the same final state: {tally.resumed} of {tally.count}")
    for wrong in tally.wrong:
        print(f"  {wrong}")
    if not tally.wrong:
        shutil.rmtree(folder)
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
