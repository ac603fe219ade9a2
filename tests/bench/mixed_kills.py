"""Disturbs installations in every way at once, from a seed: kills, stops, proxies, errors of Azure and damaged files.

python -m tests.bench kills --mix [--seed 1] [--count 20] [--speed 1000] [--keep]

Each life installs, promotes and uninstalls. The errors of Azure are transient ones that the embedded Azure injects; an attempt is
killed, is stopped by a signal, or has proxies in its environment that lead nowhere and is then killed; between two attempts a file is
damaged. Prints how many disturbances were right: the program ended as it should, without a traceback, and the command that was
disturbed has ended right in the end.
"""

import argparse
import random
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from tests.bench.life import EARLY, INSTALLATIONS, LATE, REFUSED, Chapter, Life, chapters
from tests.e2e.conftest import leftovers
from tests.processes import until

WORDS: Final = ("rehearse", "promote", "uninstall")
STOPS: Final = (signal.SIGINT, signal.SIGHUP, signal.SIGTERM)
INTERRUPTED: Final = 130
AZURE_FAILED: Final = 4
MAX_RESUMED: Final = 4
STOP_SECONDS: Final = 120.0
PER_LIFE: Final = 10
NOWHERE: Final = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "https_proxy"), "http://127.0.0.1:1")
"""Proxies that do not connect: what stays on this machine must not use them."""
FAULTS: Final = (
    "throttling:count=2",
    "server-error:count=2",
    "bad-gateway:count=2",
    "service-unavailable:count=2",
    "gateway-timeout:count=2",
    "connection-reset:count=2",
    "answer-lost:count=1",
    "AnotherOperationInProgress",
    "PrincipalNotFound",
)
KINDS: Final = ("kill", *(one.name for one in STOPS), "proxy", "damage")


def _written(pattern: str, content: bytes) -> Callable[[Path], None]:
    def damage(state: Path) -> None:
        for path in state.glob(pattern):
            path.write_bytes(content)

    return damage


def _deleted(pattern: str) -> Callable[[Path], None]:
    def damage(state: Path) -> None:
        for path in state.glob(pattern):
            path.unlink()

    return damage


def _torn_event(state: Path) -> None:
    for path in state.glob("runs/*/journal.sqlite"):
        with suppress(sqlite3.Error), closing(sqlite3.connect(path, timeout=1)) as db, db:
            db.execute("UPDATE events SET line = '{torn' WHERE number = (SELECT max(number) / 2 FROM events)")


DAMAGES: Final[Mapping[str, Callable[[Path], None]]] = {
    "lock deleted": _deleted("runs/*/journal.lock"),
    "owner is no JSON": _written("runs/*/owner.json", b"\xff{"),
    "event torn": _torn_event,
    "preferences cut": _written("preferences.json", b"{"),
    "draft emptied": _written("draft-rehearsal.json", b""),
    "certificate emptied": _written("rehearsals/*/server.pem", b""),
    "key cut": _written("rehearsals/*/server.key", b"-----BEGIN"),
}


class MixedLife(Life):
    """A life whose attempts are disturbed in all ways."""

    extra: Mapping[str, str] = {}
    kinds: Counter[str]

    def _killed(self, words: tuple[str, ...]) -> tuple[int, str] | None:
        kind = self.dice.choice(KINDS)
        self.kinds[kind] += 1
        if kind == "damage":
            name = self.dice.choice(list(DAMAGES))
            DAMAGES[name](self.state)
            self._counted()
            return None
        if kind in (one.name for one in STOPS):
            return self._stopped(words, signal.Signals[kind])
        self.extra = NOWHERE if kind == "proxy" else {}
        try:
            ended = super()._killed(words)
        finally:
            self.extra = {}
        return None if ended is not None and ended[0] == AZURE_FAILED else ended

    def _run(self, words: tuple[str, ...]) -> tuple[int, str]:
        """The end of a command; where an error of Azure has ended it, the program offers `resume`."""
        code, shown = super()._run(words)
        for _ in range(MAX_RESUMED):
            if code != AZURE_FAILED or "Resume with:" not in shown:
                break
            code, shown = super()._run(("resume",))
        return code, shown

    def _stopped(self, words: tuple[str, ...], how: signal.Signals) -> tuple[int, str] | None:
        """An attempt that is asked to stop; None if it did, else its end."""
        process, at = self._start(self._next(words)), self.log.stat().st_size
        deadline = time.monotonic() + EARLY * (LATE / EARLY) ** self.dice.random()
        while time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.1)
        if (code := process.poll()) is not None:
            return None if code in (REFUSED, AZURE_FAILED) else (code, self._text(at))
        process.send_signal(how)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        if process.poll() is None:
            process.kill()
            process.wait()
            self.wrong.append(f"{' '.join(words)}: did not stop after {how.name}")
        elif process.returncode not in (0, INTERRUPTED, -how):
            self.wrong.append(
                f"{' '.join(words)}: exit code {process.returncode} after {how.name}\n{self._text(at)[-1500:]}"
            )
        self._counted()
        return None

    def _counted(self) -> None:
        self.left, self.killed = self.left - 1, self.killed + 1
        until(lambda: not leftovers(self.state), "nothing outlives the command", STOP_SECONDS)

    def _variables(self) -> Mapping[str, str]:
        return self.extra


def _disturbed(speed: float, dice: random.Random) -> tuple[Chapter, ...]:
    """Installation with errors of Azure, promotion, removal."""
    chosen = [one for one in chapters(INSTALLATIONS["container-apps"], speed) if one.words[0] in WORDS]
    faults = tuple(word for fault in dice.sample(FAULTS, 3) for word in ("--fault", fault))
    first = chosen[0]
    return (Chapter((*first.words, *faults), first.before, first.codes, first.shows), *chosen[1:])


def lives(options: argparse.Namespace, folder: Path) -> Iterator[MixedLife]:
    """Lives, one after another, until there were enough disturbances."""
    left, number = options.count, 0
    while left > 0:
        dice = random.Random(f"{options.seed} {number}")  # noqa: S311  no secret
        life = MixedLife(folder / f"{number:03d}", dice, min(left, PER_LIFE))
        life.kinds = Counter()
        for line in life.lived(_disturbed(options.speed, dice)):
            print(line, flush=True)
        if "Traceback (most recent call last)" in life.log.read_text(encoding="utf-8", errors="replace"):
            life.wrong.append(f"a traceback in {life.log}")
        yield life
        left, number = left - max(life.killed, 1), number + 1


def main(options: argparse.Namespace) -> int:
    """Disturb lives. Returns 1 if anything was wrong."""
    folder, begun = Path(tempfile.mkdtemp(prefix="mixed-")), time.monotonic()
    all_, right, wrong, kinds = 0, 0, list[str](), Counter[str]()
    for life in lives(options, folder):
        all_ += life.killed
        right += 0 if life.wrong else life.killed
        wrong += life.wrong
        kinds += life.kinds
        if len(wrong) > 5:
            break
    print(
        f"seed {options.seed}, {(time.monotonic() - begun) / 60:.0f} minutes; "
        + ", ".join(f"{n} {k}" for k, n in kinds.items())
    )
    print(f"right: {right} of {all_}")
    for one in wrong:
        print(f"WRONG {one}")
    if not wrong and not options.keep:
        shutil.rmtree(folder)
    return 1 if wrong else 0
