"""Looking on at a run that another process works on: its events are read from its journal, its questions may be answered."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from installer.engine.events import Event, Listener
from installer.engine.inbox import post
from installer.engine.journal import Journal
from installer.engine.lock import is_held

POLL_SECONDS: Final = 0.3
Ask = Callable[[Event, Callable[[], bool]], str | None]
"""Asks a person the question of an event; gives up, with None, once the second argument says that it is settled."""


class JournalFollower:
    """Reads along. Writes nothing but answers."""

    def __init__(self, directory: Path, listeners: Sequence[Listener], ask: Ask | None = None) -> None:
        self._directory = directory
        self._listeners = listeners
        self._ask = ask
        self._last = 0
        self._open: Event | None = None
        self.code: int | None = None
        """Exit code with which the newest sitting has ended; None while it goes on, or when it was killed."""

    def follow(self, leave: Callable[[], bool]) -> None:
        """Tell the listeners what happened in the newest sitting and what happens, until nobody works on it any more."""
        with Journal(self._directory, write=False) as journal:
            self._last = _beginning(journal) - 1
            while True:
                held = is_held(self._directory)
                self._catch_up(journal)
                if not held or self.code is not None or leave():
                    return
                if self._open is not None and self._ask is not None:
                    self._put(journal, self._open)
                time.sleep(POLL_SECONDS)

    def _catch_up(self, journal: Journal) -> None:
        for event in journal.events(after=self._last):
            self._last = event.number
            if event.kind == "run.started":
                self.code = None
            elif event.kind == "run.finished":
                code = event.data.get("exit_code")
                self.code = code if isinstance(code, int) else 0
            elif event.kind == "question":
                self._open = event
            elif event.kind in ("answer", "step.skipped") and self._open is not None:
                self._open = None if event.step == self._open.step else self._open
            for listener in self._listeners:
                listener(event)

    def _put(self, journal: Journal, question: Event) -> None:
        """Ask the person here; somebody elsewhere may be quicker."""

        def settled() -> bool:
            self._catch_up(journal)
            return self._open is not question or not is_held(self._directory)

        assert self._ask is not None  # noqa: S101  looked at by the caller
        answer = self._ask(question, settled)
        if answer is not None and not settled():
            post(self._directory, str(question.data.get("key", "")), answer)
            self._open = None


def _beginning(journal: Journal) -> int:
    """Number of the event with which the newest sitting began; 1 when none is known."""
    starts = [event.number for event in journal.events() if event.kind == "run.started"]
    return starts[-1] if starts else 1
