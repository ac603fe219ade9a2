"""How often Azure is asked: one budget of reads for everything that one run follows.

Azure Resource Manager gives each caller a bucket of tokens and tells with every answer what is left in it. We stay far
below that, so that others in the same subscription are not held up: a small burst is free, in the long run there are so
many reads a minute. When Azure says that little is left, fewer; when it says to come back later, none until then.
"""

import threading
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Final

READS_PER_MINUTE: Final = 36.0
BURST: Final = 20
LEAST_SECONDS: Final = 0.2
"""Between two looks at the same thing, however fast time passes."""
LITTLE_LEFT: Final = 100
"""Below so many reads that Azure still grants, we ask less often in proportion. Documented: the bucket holds 250."""
REMAINING: Final = "x-ms-ratelimit-remaining-subscription-reads"
LEAST_SHARE: Final = 0.1


class Pacer:
    """The budget. Thread-safe. `speed`: how many seconds of the cloud pass in a real one."""

    def __init__(self, speed: float = 1.0, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._speed = speed
        self._lock = threading.Lock()
        self._free = clock()
        self._closed = self._free
        self._share = 1.0
        self.reads = 0

    def real(self, seconds: float) -> float:
        """Seconds of the cloud as real ones, but never less than there have to be between two looks."""
        return max(LEAST_SECONDS, seconds / self._speed)

    def count(self) -> None:
        """One read is being sent, whatever for."""
        with self._lock:
            self.reads += 1

    def spend(self, reads: int) -> None:
        """So many reads were made to follow something. What a check reads once is not held against it."""
        unit = 60 / (READS_PER_MINUTE * self._share * self._speed)
        with self._lock:
            self._free = max(self._free, self._clock() - BURST * unit) + reads * unit

    def heard(self, status: int, headers: Mapping[str, str]) -> None:
        """What Azure said of its own budget in an answer."""
        left, later = _number(headers.get(REMAINING)), _number(headers.get("Retry-After"))
        with self._lock:
            if left is not None:
                self._share = min(1.0, max(left / LITTLE_LEFT, LEAST_SHARE))
            if status == 429 and later is not None:
                self._closed = max(self._closed, self._clock() + later)

    def wait(self) -> float:
        """Real seconds until the budget allows to ask again; 0 when it does now."""
        with self._lock:
            return max(0.0, max(self._free, self._closed) - self._clock())


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None
