"""Looking again and again, in the time of the target, until something is so or patience ends."""

from collections.abc import Iterator
from typing import Final

from installer.engine.step import Context

LEAST_SECONDS: Final = 0.2
LEAST_REAL_SECONDS: Final = 1.0
"""What takes its own time needs its processor more than our looks."""


def looks(context: Context, *, every: float, most: float, speed: float, really: bool = False) -> Iterator[float]:
    """A look at once and then every so many seconds of the target, for as long as `most`; gives the seconds that passed.

    really: what is waited for takes its time in a rehearsal too: patience is in our own seconds.
    Raises Interrupted when the run is to stop.
    """
    passed = 0.0
    while True:
        yield passed
        if passed >= most:
            return
        turn = max(every / speed, LEAST_REAL_SECONDS if really else LEAST_SECONDS)
        context.pause(turn)
        passed += turn if really else turn * speed
