"""ARM's throttling: a token bucket for each kind of request, refilled at a steady rate.

Every response reports the remaining tokens. An empty bucket refuses requests only on demand (`strict`), as the emulator
runs many times faster than Azure.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError

if TYPE_CHECKING:
    from installer.emulator.clock import Clock

_KINDS = {"PUT": "writes", "POST": "writes", "PATCH": "writes", "DELETE": "deletes"}
# Documented per principal, subscription and region: size, and tokens per second; 15 times that for all principals.
_LIMITS = {"reads": (250, 25.0), "writes": (200, 10.0), "deletes": (200, 10.0)}
_GLOBAL = 15


def kind_of(method: str) -> str:
    """The bucket of a method: reads, writes or deletes."""
    return _KINDS.get(method, "reads")


@dataclass
class Bucket:
    """A token bucket.

    Attributes:
        size: The maximum number of tokens.
        rate: Tokens per second.
        left: Tokens left at `moment`.
        moment: The time of the last use, in seconds since the epoch.

    """

    size: float
    rate: float
    left: float
    moment: float

    def take(self, now: float) -> float:
        """Takes one token; returns 0, or the seconds until one is available."""
        self.left = min(self.size, self.left + max(0.0, now - self.moment) * self.rate)
        self.moment = now
        if self.left < 1:
            return (1 - self.left) / self.rate
        self.left -= 1
        return 0.0


class Throttle:
    """The buckets of one server, refilled `speed` times faster than Azure's."""

    def __init__(self, clock: Clock, speed: float, *, strict: bool = False) -> None:
        self._clock = clock
        self._speed = speed
        self._strict = strict
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def count(self, method: str, subscription: str) -> None:
        """Counts a request; ArmError 429 when the bucket is empty and the throttle is strict."""
        wait = self._bucket(kind_of(method), subscription).take(self._clock.now())
        if wait and self._strict:
            seconds = max(1, math.ceil(wait))
            raise ArmError(
                429,
                "SubscriptionRequestsThrottled",
                f"Number of '{kind_of(method)}' requests for subscription '{subscription}' exceeded. Please try again "
                f"after '{seconds}' seconds.",
                headers={"Retry-After": str(seconds)},
            )

    def remaining(self, method: str, subscription: str) -> tuple[int, int]:
        """Tokens left for this caller, and for all callers of the subscription."""
        bucket = self._bucket(kind_of(method), subscription)
        return int(bucket.left), int(bucket.size * _GLOBAL - (bucket.size - bucket.left))

    def _bucket(self, kind: str, subscription: str) -> Bucket:
        key = kind, subscription.lower()
        if key not in self._buckets:
            size, rate = _LIMITS[kind]
            self._buckets[key] = Bucket(size, rate * self._speed, size, self._clock.now())
        return self._buckets[key]
