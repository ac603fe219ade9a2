"""Rate limit for polling Azure: one budget of reads for a run.

Azure Resource Manager gives each caller a token bucket and reports the remaining reads with every response. The budget
stays far below that limit, so that other clients of the subscription are not throttled: a small burst, then a fixed rate.
The rate drops when few reads remain, and polling stops until Retry-After has passed.
"""

import threading
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Final

from installer.waiting import bounded

READS_PER_MINUTE: Final = 36.0
BURST: Final = 20
MIN_POLL_SECONDS: Final = 0.2
"""Minimum real time between two polls, at any speed."""
LITTLE_LEFT: Final = 100
"""With fewer remaining reads than this, the rate drops in proportion. The documented bucket size is 250."""
REMAINING: Final = "x-ms-ratelimit-remaining-subscription-reads"
MIN_SHARE: Final = 0.1


class RateLimiter:
    """The read budget. Thread-safe.

    Args:
        speed: Simulated seconds per real second; 1 for a real cloud.
        clock: Returns the current time in seconds.

    """

    def __init__(self, speed: float = 1.0, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._speed = speed
        self._lock = threading.Lock()
        self._free = clock()
        self._closed = self._free
        self._share = 1.0
        self.reads = 0

    def real(self, seconds: float) -> float:
        """Convert simulated to real seconds, at least MIN_POLL_SECONDS."""
        return max(MIN_POLL_SECONDS, seconds / self._speed)

    def count(self) -> None:
        """Count a read request of any purpose."""
        with self._lock:
            self.reads += 1

    def spend(self, reads: int) -> None:
        """Charge reads for polling to the budget; single reads of checks are not charged."""
        unit = 60 / (READS_PER_MINUTE * self._share * self._speed)
        with self._lock:
            self._free = max(self._free, self._clock() - BURST * unit) + reads * unit

    def update(self, status: int, headers: Mapping[str, str]) -> None:
        """Adjust the budget to the rate limit headers of a response."""
        left, later = _number(headers.get(REMAINING)), _number(headers.get("Retry-After"))
        with self._lock:
            if left is not None:
                self._share = min(1.0, max(left / LITTLE_LEFT, MIN_SHARE))
            if status == 429 and later is not None:
                self._closed = max(self._closed, self._clock() + later)

    def wait(self) -> float:
        """Real seconds until the next read is allowed; 0 if it is allowed now."""
        with self._lock:
            return max(0.0, max(self._free, self._closed) - self._clock())


def _number(text: str | None) -> float | None:
    try:
        return bounded(float(text)) if text is not None else None
    except ValueError:
        return None
