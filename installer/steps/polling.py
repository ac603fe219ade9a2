"""Polling, in the time of the target."""

from collections.abc import Iterator
from typing import Final

from installer.engine.step import Context

LEAST_SECONDS: Final = 0.2
LEAST_REAL_SECONDS: Final = 1.0
"""Real processes of a rehearsal need the processor more than polling does."""


def looks(context: Context, *, every: float, most: float, speed: float, really: bool = False) -> Iterator[float]:
    """Yield at once and then periodically, until the time limit.

    Args:
        context: of the step; its pause ends when the run is to stop.
        every: interval, in seconds of the target.
        most: time limit, in seconds.
        speed: seconds of the target per real second.
        really: the awaited process takes real time in a rehearsal too; the limit is then in real seconds.

    Yields:
        Seconds that have passed.

    Raises:
        Interrupted: the run is to stop.

    """
    passed = 0.0
    while True:
        yield passed
        if passed >= most:
            return
        turn = max(every / speed, LEAST_REAL_SECONDS if really else LEAST_SECONDS)
        context.pause(turn)
        passed += turn if really else turn * speed
