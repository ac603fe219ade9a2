"""Kills a rehearsal repeatedly, resumes it, and compares the final state with an undisturbed rehearsal.

python -m tests.bench kills [--count 500] [--seed 1] [--speed 500]
python -m tests.bench kills --mix [--count 500] [--seed 1] [--speed 500] [--keep]   see mixed_kills.py

A rehearsal is killed at every record of its journal (before and after it is written), while each deployment is being
sent, and at random times; some kills include the embedded Azure, and after some the next attempt starts immediately.
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
"""Timeout of an attempt in seconds."""
GONE = 60.0
EARLY, LATE = (0.5, 9.0), (9.0, 19.0)
"""Seconds from the start: while deployments run, and while Prefect is set up, which is the slowest part."""
PER_REHEARSAL = 40
MAX_DIFFERENCES = 10


@dataclass
class Tally:
    """Counts of kills and failures."""

    kills: Counter[str] = field(default_factory=Counter)
    rehearsals: int = 0
    resumed: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Number of kills."""
        return sum(self.kills.values())


@dataclass
class Rehearsal:
    """A rehearsal in a separate state directory, over as many attempts as necessary."""

    state: Path
    speed: float
    dice: random.Random
    tally: Tally
    attempts: int = 0
    over: bool = False

    @property
    def log(self) -> Path:
        """Output of all attempts."""
        return self.state.with_suffix(".log")

    def _arguments(self) -> list[str]:
        """Resume a run, or start again if none was recorded."""
        begun = self.state.exists() and any(self.state.glob("runs/*/answers.yaml"))
        more = ["--state-dir", str(self.state), "--events", str(self.state.with_suffix(".jsonl"))]
        if begun:
            return ["resume", *more]
        return ["rehearse", "--answers", str(ANSWERS / "dev.yaml"), "--yes", "--speed", f"{self.speed:g}", *more]

    def _start(self, program: list[str]) -> "Popen[bytes]":
        self.attempts += 1
        with self.log.open("ab") as log:
            log.write(f"--- attempt {self.attempts}: {' '.join(program[1:])}\n".encode())
            log.flush()
            return Popen(program, stdin=DEVNULL, stdout=log, stderr=STDOUT, env=environment(), start_new_session=True)

    def killed_at_a_moment(self, seconds: float) -> bool:
        """Make an attempt that is killed after the given seconds; False if it ended earlier."""
        process = self._start(command(*self._arguments()))
        time.sleep(seconds)
        with_azure = self.dice.random() < 0.3
        azure = azure_of(process.pid) if with_azure else []
        if process.poll() is not None:
            return self._ended(process.returncode)
        process.kill()
        for pid in azure:
            kill_process(pid)
        process.wait()
        self._after("random, with the embedded Azure" if azure else "random")
        return True

    def killed_at(self, when: str) -> bool:
        """Make an attempt that kills itself; False if it found no new point to die at."""
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
        if self.dice.random() < 0.7:  # else the next attempt starts immediately, while child processes are still ending
            until(lambda: not leftovers(self.state), f"{self.state}: nothing outlives the installer", GONE)

    def _ended(self, code: int) -> bool:
        self.over = code == 0
        if code:
            self._wrong(f"attempt {self.attempts} ended with {code} without a kill")
        return False

    def _wrong(self, what: str) -> None:
        self.tally.wrong.append(f"{self.state}: {what}")
        print(f"WRONG {self.tally.wrong[-1]}", flush=True)

    def undisturbed(self) -> None:
        """Make an attempt without a kill, unless the run has ended."""
        if self.over:
            return
        code = self._start(command(*self._arguments())).wait(MAX_ATTEMPT_SECONDS)
        if code:
            self._wrong(f"the last resume ended with {code}")

    def again(self) -> None:
        """Resume the finished run: nothing may be left to do."""
        (run,) = self.state.glob("runs/*/answers.yaml")
        program = command("resume", run.parent.name, "--state-dir", str(self.state))
        if code := self._start(program).wait(MAX_ATTEMPT_SECONDS):
            self._wrong(f"resuming what is done ended with {code}")

    def compare(self, reference: Outcome) -> None:
        """Compare the final state with the reference."""
        until(lambda: not leftovers(self.state), f"{self.state}: nothing outlives the installer", GONE)
        for difference in islice(differences(reference, outcome(self.state)), MAX_DIFFERENCES):
            self._wrong(difference)


def azure_of(pid: int) -> list[int]:
    """Processes of the embedded Azure below a process."""
    lines = command_lines()
    return [child for child in descendants(pid) if "installer.emulator" in lines.get(child, "")]


def kill_process(pid: int) -> None:
    """Kill a process, which may have ended."""
    import os

    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _instants(dice: random.Random, late: float) -> Iterator[float]:
    while True:
        yield dice.uniform(*(LATE if dice.random() < late else EARLY))


def rounds(options: argparse.Namespace, folder: Path, tally: Tally) -> Iterator[Callable[[], None]]:
    """Rehearsals, one after another, until the number of kills is reached."""
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
    """Kill, resume, compare. Returns 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench kills")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--mix", action="store_true", help="disturb in every way, over install, promote and uninstall")
    parser.add_argument("--keep", action="store_true", help="with --mix: keep the state directories and logs")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", type=float, default=500)
    parser.add_argument("--late", type=float, default=0.15, help="share of random kills in the later part")
    parser.add_argument("--at", action="append", help="before-record, after-record or sending; default: all")
    options = parser.parse_args(arguments)
    if options.mix:
        from tests.bench.mixed_kills import main as mixed

        return mixed(options)
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
