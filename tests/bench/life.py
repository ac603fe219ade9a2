"""The whole life of one installation on the embedded Azure, command by command, as a user types them.

python -m tests.bench life [--of container-apps|aks] [--kills 0] [--seed 1] [--speed 1000] [--keep]

Install, add an environment, scale, promote, rotate, upgrade, drift and repair, back up, prove a restore, remove an environment,
uninstall. With --kills, each command is killed at random instants, with the embedded Azure in some of the cases, and continued as
the program shows: `resume`, or the same command again. The end has to be the same: nothing is left but what the
forecast has named. Takes a quarter of an hour without kills.
"""

import argparse
import random
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from installer.cloud.rest import Service
from tests.bench.kills import azure_of, kill_process
from tests.e2e.conftest import ANSWERS, azure_alone, command, environment, leftovers
from tests.keyrings import FILE
from tests.processes import until

LAKE: Final = (
    "rg-ff-{0}-{1}/providers/Microsoft.Storage/storageAccounts/stff{0}{1}/blobServices/default/containers/gold"
)
MAX_SECONDS: Final = 1200.0
EARLY, LATE = 0.5, 45.0
"""Seconds after which a command is killed, at least and at most; a short time is as probable as a long one."""
MAX_ATTEMPTS: Final = 20
RESUMED: Final = ("scale", "environment", "upgrade")
"""Commands that `resume` completes: they begin a new run of the installation."""
REFUSED: Final = 2
"""Exit code of `resume` for what the same command continues."""


@dataclass(frozen=True)
class Chapter:
    """A command of the life.

    Attributes:
        words: The command.
        before: Something that others do in Azure before it.
        codes: Exit codes that are right.
        shows: A pattern that its output has.

    """

    words: tuple[str, ...]
    before: Callable[[Path], None] | None = None
    codes: tuple[int, ...] = (0,)
    shows: str = ""


def drift(prefix: str, environment: str) -> Callable[[Path], None]:
    """A container of the lake is deleted by hand."""

    def happens(state: Path) -> None:
        rehearsal = azure_alone(state)
        try:
            lake = LAKE.format(prefix, environment)
            path = f"/subscriptions/{rehearsal.facts['subscription']}/resourceGroups/{lake}?api-version=2024-01-01"
            arm = Service.of_arm(rehearsal.target)
            arm.ask("DELETE", path)
            until(lambda: arm.find(path) is None, "the container is gone")
        finally:
            rehearsal.stop()

    return happens


@dataclass(frozen=True)
class Installation:
    """The installation that a life begins with.

    Attributes:
        file: Its answers.
        prefix: As in the file.
        first: An environment of the file.
        later: An environment that is added, and removed in the end.
        changed: A size that changes.
        upgrades: What is upgraded.
        promoted: From where to where images go.

    """

    file: str
    prefix: str
    first: str
    later: str
    changed: str
    upgrades: tuple[tuple[str, ...], ...]
    promoted: tuple[str, str]


INSTALLATIONS: Final = {
    "container-apps": Installation(
        "container-apps.yaml", "tailwind", "qa", "dev", "web_size=P1v3", (("templates",),), ("qa", "uat")
    ),
    "aks": Installation(
        "dev.yaml",
        "contoso",
        "dev",
        "prod",
        "worker_nodes_most=8",
        (("kubernetes",), ("prefect",), ("templates",)),
        ("dev", "prod"),
    ),
}


def chapters(it: Installation, speed: float) -> tuple[Chapter, ...]:
    """The life of an installation."""
    install = ("rehearse", "--answers", str(ANSWERS / it.file), "--yes", "--speed", f"{speed:g}")
    whole, healthy = "resources are in place", Chapter(("status",), codes=(0, 6), shows="0 broken")
    return (
        Chapter(install, shows=whole),
        healthy,
        Chapter(("environment", "add", it.later, "--yes"), shows=whole),
        Chapter(("scale", it.changed, "--yes"), shows=whole),
        Chapter(("promote", "--from", it.promoted[0], "--to", it.promoted[1], "--yes")),
        Chapter(("rotate", "prefect-auth", "--env", it.first, "--yes")),
        *(Chapter(("upgrade", *what, "--yes")) for what in it.upgrades),
        Chapter(("doctor", "--fix", "drift/data"), before=drift(it.prefix, it.first), codes=(0, 6), shows="gold"),
        healthy,
        Chapter(("backup", "--env", it.first, "--yes")),
        Chapter(("restore", "postgres", "--env", it.first, "--proof", "--yes")),
        Chapter(("environment", "remove", it.later, "--confirm", f"{it.prefix}-{it.later}")),
        healthy,
        Chapter(("uninstall", "--confirm", it.prefix), shows="Removed"),
    )


@dataclass
class Life:
    """One life in a state directory."""

    state: Path
    dice: random.Random
    left: int
    """Kills that are left."""
    wrong: list[str] = field(default_factory=list)
    killed: int = 0

    @property
    def log(self) -> Path:
        """Output of all commands."""
        return self.state.with_suffix(".log")

    def lived(self, every: tuple[Chapter, ...]) -> Iterator[str]:
        """Live it; a line for each command. Ends at the first that goes wrong."""
        for number, one in enumerate(every):
            if one.before is not None:
                one.before(self.state)
            begun, kills = time.monotonic(), self.killed
            share = -(-self.left // (len(every) - number))  # of the kills that are left, rounded up
            code, shown = self._to_its_end(one.words, share)
            took = time.monotonic() - begun
            yield f"{' '.join(one.words)[:70]:<72}{took:6.0f} s   exit code {code}   {self.killed - kills} kills"
            if code not in one.codes:
                self.wrong.append(f"{' '.join(one.words)}: exit code {code}\n{shown[-2000:]}")
                return
            if one.shows and not re.search(one.shows, shown):
                self.wrong.append(f"{' '.join(one.words)}: does not show {one.shows!r}\n{shown[-2000:]}")
                return

    def _to_its_end(self, words: tuple[str, ...], kills: int) -> tuple[int, str]:
        """Run a command, killed as often as asked; code and output of what has ended it."""
        reads, before = words[0] in ("status", "doctor"), self._runs()
        for _ in range(0 if reads else min(kills, MAX_ATTEMPTS)):
            if (ended := self._killed(words)) is not None:
                return ended
        if not self.killed or reads:
            return self._run(words)
        return self._continued(words, before)

    def _runs(self) -> set[Path]:
        return {*self.state.glob("runs/*/owner.json")}

    def _killed(self, words: tuple[str, ...]) -> tuple[int, str] | None:
        """An attempt that is killed; None if it was, else its end."""
        process, at = self._start(self._next(words)), self.log.stat().st_size
        deadline = time.monotonic() + EARLY * (LATE / EARLY) ** self.dice.random()
        while time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.1)
        if process.poll() is not None:
            code = process.returncode
            if code == REFUSED:
                return None  # the same command continues it, not `resume`
            return code, self._text(at)
        azure = azure_of(process.pid) if self.dice.random() < 0.3 else []
        process.kill()
        for pid in azure:
            kill_process(pid)
        process.wait()
        self.left, self.killed = self.left - 1, self.killed + 1
        until(lambda: not leftovers(self.state), "nothing outlives the command", 120.0)
        return None

    def _next(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """The command of the next attempt: after a kill of an installation, `resume`."""
        if words[0] == "rehearse" and self._runs():
            return ("resume",)
        return words

    def _continued(self, words: tuple[str, ...], before: set[Path]) -> tuple[int, str]:
        """The end of a command that may have been killed: `resume` where the program shows it, then the same command."""
        if self._runs() - before:  # else none of its attempts has begun a run
            code, shown = self._run(("resume",))
            if words[0] == "rehearse" or (code != REFUSED and (code or words[0] in RESUMED)):
                return code, shown
        return self._run(self._next(words))

    def _run(self, words: tuple[str, ...]) -> tuple[int, str]:
        process, at = self._start(words), self.log.stat().st_size
        with suppress(subprocess.TimeoutExpired):
            process.wait(MAX_SECONDS)
        if process.poll() is None:
            process.kill()
            process.wait()
        return process.returncode, self._text(at)

    def _start(self, words: tuple[str, ...]) -> "subprocess.Popen[bytes]":
        keyring = {"PYTHON_KEYRING_BACKEND": "tests.keyrings.FileKeyring", FILE: str(self.state.with_suffix(".keys"))}
        with self.log.open("ab") as log:
            log.write(f"--- {time.ctime()}: {' '.join(words)}\n".encode())
            log.flush()
            return subprocess.Popen(
                command("--state-dir", str(self.state), *words),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment({**keyring, **self._variables()}),
                start_new_session=True,
            )

    def _variables(self) -> Mapping[str, str]:
        """Further variables of the next command."""
        return {}

    def _text(self, at: int) -> str:
        with self.log.open("rb") as log:
            log.seek(at)
            return log.read().decode(errors="replace")


def main(arguments: list[str]) -> int:
    """Live it. Returns 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench life")
    parser.add_argument("--of", choices=INSTALLATIONS, default="container-apps", help="what is installed")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", type=float, default=1000)
    parser.add_argument("--keep", action="store_true", help="keep the state directory and the log")
    options = parser.parse_args(arguments)
    folder, begun = Path(tempfile.mkdtemp(prefix="life-")), time.monotonic()
    life = Life(folder / "state", random.Random(options.seed), options.kills)  # noqa: S311  no secret
    for line in life.lived(chapters(INSTALLATIONS[options.of], options.speed)):
        print(line, flush=True)
    print(f"{life.killed} kills, {(time.monotonic() - begun) / 60:.0f} minutes; log: {life.log}")
    for one in life.wrong:
        print(f"WRONG {one}")
    if not life.wrong and not options.keep:
        shutil.rmtree(folder)
    return 1 if life.wrong else 0
