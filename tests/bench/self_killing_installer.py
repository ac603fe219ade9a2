"""The installer, which kills itself at a moment that no clock would find.

python -m tests.bench.self_killing_installer WHEN NOTES ARGUMENTS…

WHEN: "before-record" and "after-record" a record of the journal that is not in the file NOTES yet, "sending" a deployment
that is not in it yet. What it died at is noted there, so that the next one dies further on. Otherwise it is the command
with these arguments.
"""

import os
import random
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from installer.cli.main import main
from installer.cloud.arm import Arm
from installer.engine.journal import Journal

MAX_DELAY_SECONDS: Final = 0.12
"""Seconds: a deployment that is sent is accepted within about half of it on an idle machine."""


def die() -> None:
    """As if somebody had pulled the plug of this process."""
    os.kill(os.getpid(), signal.SIGKILL)


class Notes:
    """What earlier processes died at."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = set(path.read_text(encoding="utf-8").splitlines()) if path.exists() else set()

    def first(self, what: str) -> bool:
        """Whether nobody has died at it yet; then it is noted."""
        if what in self._known:
            return False
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{what}\n")
        self._known.add(what)
        return True


def at_records(notes: Notes, *, before: bool) -> None:
    """Die at the first record that nobody has died at."""
    write = Journal.remember

    def remember(journal: Journal, record: object) -> None:
        dies = notes.first(f"{getattr(record, 'step', '')} {getattr(record, 'state', '')} before={before}")
        if dies and before:
            die()
        write(journal, record)  # type: ignore[arg-type]
        if dies:
            die()

    _replace(Journal, "remember", remember)


def while_sending(notes: Notes) -> None:
    """Die a moment after a deployment is being sent: before, while, or after Azure takes it."""
    send = Arm.begin

    def begin(arm: Arm, name: str, **rest: object) -> object:
        if notes.first(f"sending {name}"):
            threading.Timer(random.uniform(0, MAX_DELAY_SECONDS), die).start()  # noqa: S311  no secret
        return send(arm, name, **rest)  # type: ignore[arg-type]

    _replace(Arm, "begin", begin)


def _replace(where: type, name: str, instead: Callable[..., object]) -> None:
    setattr(where, name, instead)


if __name__ == "__main__":
    when, noted = sys.argv[1], Notes(Path(sys.argv[2]))
    sys.argv = [sys.argv[0], *sys.argv[3:]]
    if when == "sending":
        while_sending(noted)
    else:
        at_records(noted, before=when == "before-record")
    main()
