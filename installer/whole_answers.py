"""Answers of services are bounded as a whole, in time and size; a stop and Ctrl-C end the wait for one. Carried into jobs, too.

A timeout of a client (urllib, requests) is one of each read from the socket: a server that sends a byte now and then is waited for
without an end, and one that sends without a pause fills the memory. Every client of the installer asks through `in_time`.
"""

import threading
import time
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

MAX_BYTES: Final = 64_000_000
"""The largest body, after decompression. Estimated: the largest answers, lists of built-in policies, have some megabytes."""
STOPPABLE_SECONDS: Final = 10.0
"""Before this, a stop waits for the answer to a request: what it has changed is then known."""
_POLL_SECONDS: Final = 0.2
_Result = TypeVar("_Result")


class NoWholeAnswer(OSError):
    """An answer without an end, or larger than MAX_BYTES."""


def _never() -> None:
    """A program that nothing stops but its end."""


def in_time(exchange: Callable[[], _Result], seconds: float, check_stopped: Callable[[], None] = _never) -> _Result:
    """The result of an exchange with a service, on a separate thread, with its exceptions.

    Args:
        exchange: Sends a request and reads the answer.
        seconds: Timeout of all of it.
        check_stopped: Raises an exception to give up the wait.

    Raises:
        TimeoutError: The answer has not ended by then.

    """
    results: list[_Result] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(exchange())
        except BaseException as error:  # noqa: BLE001  raised below, on the thread of the caller
            errors.append(error)

    # A thread that still waits then ends with the program: headers are read inside of the clients, where nothing can end it.
    thread = threading.Thread(target=run, name="request", daemon=True)
    begun = time.monotonic()
    thread.start()
    thread.join(min(seconds, STOPPABLE_SECONDS))
    while thread.is_alive() and (left := begun + seconds - time.monotonic()) > 0:
        check_stopped()
        thread.join(min(left, _POLL_SECONDS))
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError(f"no whole answer within {seconds:g} s")
    return results[0]


def bounded_body(parts: Iterable[bytes]) -> bytes:
    """The parts of a body in one. Raises NoWholeAnswer for more than MAX_BYTES."""
    found = bytearray()
    for part in parts:
        found += part
        if len(found) > MAX_BYTES:
            raise NoWholeAnswer(0, f"the answer has more than {MAX_BYTES // 1_000_000} MB")
    return bytes(found)
