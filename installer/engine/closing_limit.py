"""Closing steps after a request to stop: they are still done, and end the run at the latest after a minute."""

from collections.abc import Callable, Collection
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Final

from installer.engine.step import ClosingStep, Outputs, Step, Stop
from installer.errors import Interrupted

CLOSING_SECONDS: Final = 60.0
"""How long closing steps may take after a request to stop."""
_LOOK_SECONDS: Final = 0.5
"""How often a request to stop is noticed while only closing steps run."""


def is_closing(step: Step) -> bool:
    """Whether a step cleans up after others."""
    return isinstance(step, ClosingStep) and step.closes


def on_own_thread(work: Callable[[], Outputs], name: str) -> Future[Outputs]:
    """Begin a closing step on a thread that does not keep the process from ending: a request may outlast the limit."""
    future: Future[Outputs] = Future()

    def fulfil() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001  the future carries it, as those of a pool do
            future.set_exception(error)

    Thread(target=fulfil, name=name, daemon=True).start()
    return future


class ClosingLimit:
    """The time that closing steps have after a request to stop."""

    def __init__(self, stop: Stop, closing: Collection[str]) -> None:
        self._stop = stop
        self.closing = closing
        self._until: float | None = None

    def next_of(
        self, inbox: "SimpleQueue[tuple[str, Future[Outputs] | None]]", running: Collection[str]
    ) -> tuple[str, Future[Outputs] | None]:
        """The next step that ends, or a closing step whose time is over."""
        while True:
            only_closing = bool(running) and set(running) <= set(self.closing)
            try:
                return inbox.get(timeout=_LOOK_SECONDS if only_closing else None)
            except Empty:
                if not self._stop.requested:
                    continue
            self._until = self._until or monotonic() + CLOSING_SECONDS
            if monotonic() >= self._until:
                late: Future[Outputs] = Future()
                late.set_exception(Interrupted(f"not finished {CLOSING_SECONDS:.0f} s after the stop"))
                return min(running), late
