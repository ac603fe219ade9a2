"""A life whose attempts are disturbed in all ways, and what is right about it: see mixed_kills.py."""

import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from installer.cloud.rest import Service
from tests.bench.disturbances import A_DAY, DAMAGES, FAULTS, HOSTILE, KINDS, NOWHERE, REFUSALS, STOPS
from tests.bench.kills import azure_of, kill_process
from tests.bench.life import MAX_SECONDS, REFUSED, Life
from tests.bench.running_azure import RunningAzure, Witness
from tests.e2e.conftest import azure_alone, leftovers
from tests.processes import until

INTERRUPTED: Final = 130
AZURE_FAILED: Final = 4
MAX_RESUMED: Final = 4
STOP_SECONDS: Final = 120.0
LASTS: Final = {"rehearse": 70.0, "promote": 24.0, "uninstall": 4.0}
"""Seconds of work of a command that nothing disturbs, at the speed of --mix."""
WHOLE, PART = 0.25, 0.2
"""Share of attempts that are disturbed anywhere in that time; the others in a part of it: each attempt continues the one before."""
STARTS: Final = 6.0
"""Seconds in which a command starts, plans and checks."""
KILLED_AFTERWARDS: Final = 0.8
WORKS: Final = re.compile(r"^\S+ begin ", re.MULTILINE)
"""A line of a command whose steps have begun."""
REMOVED: Final = re.compile(r"^Removed\b", re.MULTILINE)
"""The last line of a removal."""
BEFORE: Final = 0.1
"""Share of attempts that are disturbed while they still start, plan or check."""


@dataclass
class MixedLife(Life):
    """A life whose attempts are disturbed in all ways.

    Attributes:
        witness: The proxy of its commands.
        kinds: Disturbances by command and kind.
        numbers: Faults that were injected.

    """

    witness: Witness = field(default_factory=Witness)
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    numbers: int = 0
    dead_proxies: bool = False

    def _killed(self, words: tuple[str, ...]) -> tuple[int, str] | None:
        kind = self.dice.choice(KINDS)
        if kind == "damage":
            if name := self._damaged():
                self._counted(words, f"damage: {name}")
                return None
            kind = "kill"  # nothing of this kind exists yet
        if kind == "hostile":
            return self._answered(words)
        self.dead_proxies = kind == "proxy"
        try:
            return self._ended(words, kind)
        finally:
            self.dead_proxies = False

    def _runs(self) -> set[Path]:
        """Runs that have begun; one that was stopped has no owner any more."""
        return {*self.state.glob("runs/*/answers.yaml")}

    def _damaged(self) -> str:
        """Damage a file; its kind, "" if none exists."""
        name = self.dice.choice(list(DAMAGES))
        return name if DAMAGES[name](self.state) else ""

    def _run(self, words: tuple[str, ...]) -> tuple[int, str]:
        """The end of a command; where an error of Azure has ended it, the program offers `resume`."""
        code, shown = super()._run(words)
        for _ in range(MAX_RESUMED):
            if code != AZURE_FAILED or "Resume with:" not in shown:
                break
            code, shown = super()._run(("resume",))
        return code, shown

    def _ended(self, words: tuple[str, ...], kind: str) -> tuple[int, str] | None:
        """An attempt that is killed or stopped at some moment; None if it was, else its end."""
        attempt = self._next(words)
        process, at = self._start(attempt), self.log.stat().st_size
        fault = ""
        pause(process, self._until_it_works(process, at, words) * self.dice.random())
        if kind == "a day" and self.dice.random() < 0.9:
            fault = self._injected(process, A_DAY)
            with suppress(AssertionError):
                until(lambda: self._azure.occurrences(fault) > 0 or process.poll() is not None, "it waits", 20.0)
            time.sleep(2 * self.dice.random())
        elif self.dice.random() < 0.5:
            share = f"{self.dice.choice(FAULTS)}:probability=0.2,count=2"
            self._injected(process, share)
            time.sleep(2 * self.dice.random())
        if (code := process.poll()) is not None:
            return None if code in (REFUSED, AZURE_FAILED) else (code, self._text(at))
        if kind in ("kill", "proxy"):
            azure = azure_of(process.pid) if self.dice.random() < 0.3 else []
            process.kill()
            for pid in azure:
                kill_process(pid)
            process.wait()
        else:
            how = self.dice.choice(STOPS) if kind == "a day" else signal.Signals[kind]
            self._stopped(process, how, attempt, at)
        waited = kind == "a day" and self._azure.occurrences(fault) > 0
        self._counted(attempt, kind if kind != "a day" or waited else how.name)
        return self._end(at)

    def _end(self, at: int) -> tuple[int, str] | None:
        """The end of a removal that was disturbed when it had ended: the same command has nothing to continue then."""
        shown = self._text(at)
        return (0, shown) if REMOVED.search(shown) else None

    def _stopped(
        self, process: "subprocess.Popen[bytes]", how: signal.Signals, words: tuple[str, ...], at: int
    ) -> None:
        """Ask it to stop, which it has to do."""
        process.send_signal(how)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        if process.poll() is None:
            process.kill()
            process.wait()
            self.wrong.append(f"{' '.join(words)}: did not stop after {how.name}\n{self._text(at)[-1500:]}")
        elif process.returncode not in (0, INTERRUPTED, -how):
            self.wrong.append(
                f"{' '.join(words)}: exit code {process.returncode} after {how.name}\n{self._text(at)[-1500:]}"
            )

    def _answered(self, words: tuple[str, ...]) -> tuple[int, str] | None:
        """An attempt that gets hostile answers, and may be killed after them; None if it did not succeed, else its end."""
        attempt = self._next(words)
        process, at = self._start(attempt), self.log.stat().st_size
        seconds = self._until_it_works(process, at, words)
        moments = sorted(seconds * self.dice.random() for _ in range(self.dice.randint(1, 3)))
        faults = []
        for before, moment in zip((0.0, *moments), moments, strict=False):
            pause(process, moment - before)
            faults.append(self._injected(process, f"{self.dice.choice(HOSTILE)}:count={self.dice.randint(1, 3)}"))
        killed = self.dice.random() < KILLED_AFTERWARDS
        pause(process, seconds * self.dice.random() if killed else MAX_SECONDS)
        killed = killed and process.poll() is None
        if process.poll() is None:
            process.kill()
            process.wait()
            if not killed:
                self.wrong.append(f"{' '.join(attempt)}: did not end after {faults}")
        code, shown, struck = (
            process.returncode,
            self._text(at),
            [one for one in faults if self._azure.occurrences(one)],
        )
        for name in [*(one.partition(":")[0] for one in struck), *(["kill"] if killed else [])]:
            self._counted(attempt, name)
        if killed:
            return self._end(at)
        if struck and code == AZURE_FAILED and not any(re.search(one, shown) for one in REFUSALS):
            self.wrong.append(f"{' '.join(attempt)}: no reason after {struck}\n{shown[-1500:]}")
        if struck and code not in (0, AZURE_FAILED, REFUSED):
            self.wrong.append(f"{' '.join(attempt)}: exit code {code} after {struck}\n{shown[-1500:]}")
            return None
        return None if code in (AZURE_FAILED, REFUSED) else (code, shown)

    def _until_it_works(self, process: "subprocess.Popen[bytes]", at: int, words: tuple[str, ...]) -> float:
        """Wait until most attempts have begun their work; the seconds within which they are disturbed from then on."""
        deadline = time.monotonic() + MAX_SECONDS
        if self.dice.random() < BEFORE:
            return STARTS
        while process.poll() is None and time.monotonic() < deadline and not WORKS.search(self._text(at)):
            time.sleep(0.05)
        return LASTS[words[0]] * (1 if self.dice.random() < WHOLE else PART)

    @property
    def _azure(self) -> RunningAzure:
        return RunningAzure(self.state)

    def _injected(self, process: "subprocess.Popen[bytes]", fault: str) -> str:
        """Inject a fault as soon as the embedded Azure answers."""
        self.numbers += 1
        named = f"{fault},seed={self.numbers}"  # occurrences are counted by the whole text
        while process.poll() is None and not self._azure.inject(named):
            time.sleep(0.1)
        return named

    def _counted(self, words: tuple[str, ...], kind: str) -> None:
        self.kinds[words[0], kind] += 1
        self.left, self.killed = self.left - 1, self.killed + 1
        until(lambda: not leftovers(self.state), "nothing outlives the command", STOP_SECONDS)

    def _variables(self) -> Mapping[str, str]:
        return NOWHERE if self.dead_proxies else self.witness.variables

    def judge(self) -> None:
        """Checks the life as a whole."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        if "Traceback (most recent call last)" in text:
            self.wrong.append(f"a traceback in {self.log}")
        if found := {char for line in text.split("\n") for char in line if not char.isprintable()}:
            self.wrong.append(f"characters that are not printable in {self.log}: {sorted(map(ascii, found))}")
        if asked := self.witness.foreign():
            self.wrong.append(f"another host was asked: {asked[:3]}")
        self.witness.shutdown()
        self.witness.server_close()
        if not self.wrong and (left := self._groups()):
            self.wrong.append(f"resource groups are left: {left}")

    def _groups(self) -> list[str]:
        """Resource groups in the embedded Azure."""
        rehearsal = azure_alone(self.state)
        try:
            found = Service.of_arm(rehearsal.target).every(
                f"/subscriptions/{rehearsal.facts['subscription']}/resourcegroups?api-version=2024-03-01"
            )
            return [str(one["name"]) for one in found]
        finally:
            rehearsal.stop()


def pause(process: "subprocess.Popen[bytes]", seconds: float) -> None:
    """Wait a number of seconds, or until a process has ended."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(max(seconds, 0.0))
