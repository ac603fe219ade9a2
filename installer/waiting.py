"""Waits that a service asks for: shown, and ended by a stop, wherever a client deep in a library waits.

A run sets the wait of the thread of each step; any other thread uses the one of the program. Threads of `Workers` wait as the thread
that has made them, and no longer than they are needed.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import TracebackType
from typing import Final

from installer.durations import clock
from installer.errors import Interrupted

MAX_SECONDS: Final = 300.0
"""The longest wait at once, whatever a service asks for: a proxy in between may ask for a day."""
SILENT_SECONDS: Final = 5.0
"""Shorter waits are not worth a line."""
Say = Callable[[str], object]
Pause = Callable[[float], None]


class _OfThread(threading.local):
    say: Say | None = None
    pause: Pause | None = None


_of_thread: Final = _OfThread()


@contextmanager
def waiting_with(say: Say, pause: Pause) -> Iterator[None]:
    """Show waits of this thread with `say`, and wait with `pause`, whose exceptions are passed on."""
    before = _of_thread.say, _of_thread.pause
    _of_thread.say, _of_thread.pause = say, pause
    try:
        yield
    finally:
        _of_thread.say, _of_thread.pause = before


def wait(seconds: float) -> None:
    """Wait as a service asks for, at most MAX_SECONDS."""
    real = bounded(seconds)
    if real >= SILENT_SECONDS:
        asked = f", which asks for {seconds:.0f} s" if real < seconds < float("inf") else ""
        (_of_thread.say or _on_standard_error)(f"waiting {clock(real)} for the service{asked}")
    (_of_thread.pause or time.sleep)(real)


def check_stopped() -> None:
    """End what this thread does, as `wait` does, if its run is to stop or its block has ended."""
    if _of_thread.pause is not None:
        _of_thread.pause(0.0)


class Workers(ThreadPoolExecutor):
    """Threads that send requests for the thread that makes them.

    An exception in its `with` block, such as a KeyboardInterrupt, ends their waits: the block would else end after them.

    Args:
        most: Number of threads.
        name: Beginning of their names.

    """

    def __init__(self, most: int, name: str = "") -> None:
        self._ended = threading.Event()
        self._say, self._pause = _of_thread.say, _of_thread.pause
        super().__init__(most, thread_name_prefix=name, initializer=self._begin)

    def _begin(self) -> None:
        _of_thread.say, _of_thread.pause = self._say, self._pause or self._until_ended

    def _until_ended(self, seconds: float) -> None:
        if self._ended.wait(seconds):
            raise Interrupted("stopped on request")

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002  as in the base class
        """End the threads; with `cancel_futures` their waits end at once."""
        if cancel_futures:
            self._ended.set()
        super().shutdown(wait, cancel_futures=cancel_futures)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown(cancel_futures=kind is not None)


def bounded(seconds: float) -> float:
    """A duration from outside between 0 and MAX_SECONDS; 0 for one that is not a number."""
    return min(max(seconds, 0.0), MAX_SECONDS) if seconds == seconds else 0.0  # noqa: PLR0124  NaN


def _on_standard_error(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
