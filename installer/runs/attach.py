"""Watching a run of another process: reads its events from the journal and can answer its questions."""

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
"""Prompts the user for the question of an event; returns None once the second argument returns True (answered)."""


class JournalFollower:
    """Follows the journal of a run. Writes nothing except answers."""

    def __init__(self, directory: Path, listeners: Sequence[Listener], ask: Ask | None = None) -> None:
        self._directory = directory
        self._listeners = listeners
        self._ask = ask
        self._last = 0
        self._open: Event | None = None
        self.code: int | None = None
        """Exit code of the newest attempt; None while it runs, or if it was killed."""

    def follow(self, leave: Callable[[], bool]) -> None:
        """Pass past and new events of the newest attempt to the listeners, until no process holds the run or `leave()`."""
        with Journal(self._directory, write=False) as journal:
            self._last = _first_event(journal) - 1
            while True:
                held = is_held(self._directory)
                self._catch_up(journal)
                if not held or self.code is not None or leave():
                    return
                if self._open is not None and self._ask is not None:
                    self._prompt(journal, self._open)
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

    def _prompt(self, journal: Journal, question: Event) -> None:
        """Prompt the user here; another terminal may answer first."""

        def settled() -> bool:
            self._catch_up(journal)
            return self._open is not question or not is_held(self._directory)

        assert self._ask is not None  # noqa: S101  checked by the caller
        answer = self._ask(question, settled)
        if answer is not None and not settled():
            post(self._directory, str(question.data.get("key", "")), answer)
            self._open = None


def _first_event(journal: Journal) -> int:
    """Number of the first event of the newest attempt; 1 if none has started."""
    starts = [event.number for event in journal.events() if event.kind == "run.started"]
    return starts[-1] if starts else 1
