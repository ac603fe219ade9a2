"""The installer, which kills itself at an exact point of its work.

python -m tests.bench.self_killing_installer WHEN NOTES ARGUMENTS…

WHEN: "before-record" or "after-record" of a journal record that is not in the file NOTES yet, or "sending" a deployment
that is not in it yet. The point is added to NOTES, so that the next process dies later. Otherwise it is the installer
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
"""Maximum delay of the kill; an idle machine accepts a deployment within about half of it."""


def die() -> None:
    """Kill this process without any cleanup."""
    os.kill(os.getpid(), signal.SIGKILL)


class Notes:
    """The points at which earlier processes died."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = set(path.read_text(encoding="utf-8").splitlines()) if path.exists() else set()

    def is_new(self, point: str) -> bool:
        """Whether no process has died at this point yet; if so, the point is noted."""
        if point in self._known:
            return False
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{point}\n")
        self._known.add(point)
        return True


def at_records(notes: Notes, *, before: bool) -> None:
    """Die at the first record at which no process has died."""
    write = Journal.remember

    def remember(journal: Journal, record: object) -> None:
        dies = notes.is_new(f"{getattr(record, 'step', '')} {getattr(record, 'state', '')} before={before}")
        if dies and before:
            die()
        write(journal, record)  # type: ignore[arg-type]
        if dies:
            die()

    _replace(Journal, "remember", remember)


def while_sending(notes: Notes) -> None:
    """Die shortly after a deployment is sent: before, while or after Azure accepts it."""
    send = Arm.begin

    def begin(arm: Arm, name: str, **rest: object) -> object:
        if notes.is_new(f"sending {name}"):
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
