"""Throttling as ARM does it: a bucket of tokens for each kind of request, filled at a steady rate.

How much is left is told with every answer. Whether an empty bucket refuses is a choice (`strict`): a rehearsal in which
nobody asked for it shall not fail for its own hurry.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError

if TYPE_CHECKING:
    from installer.emulator.clock import Clock

_KINDS = {"PUT": "writes", "POST": "writes", "PATCH": "writes", "DELETE": "deletes"}
# Documented for a principal in a subscription and region: size, and tokens a second; for all principals 15 times as many.
_LIMITS = {"reads": (250, 25.0), "writes": (200, 10.0), "deletes": (200, 10.0)}
_GLOBAL = 15


def kind_of(method: str) -> str:
    """Whether a request counts among reads, writes or deletes."""
    return _KINDS.get(method, "reads")


@dataclass
class Bucket:
    """Tokens that are used up and come back with time."""

    size: float
    rate: float
    left: float
    moment: float

    def take(self, now: float) -> float:
        """Use one token; 0, or the seconds after which there is one again."""
        self.left = min(self.size, self.left + max(0.0, now - self.moment) * self.rate)
        self.moment = now
        if self.left < 1:
            return (1 - self.left) / self.rate
        self.left -= 1
        return 0.0


class Throttle:
    """The buckets of one server; they are filled as many times faster as time runs faster."""

    def __init__(self, clock: Clock, speed: float, *, strict: bool = False) -> None:
        self._clock = clock
        self._speed = speed
        self._strict = strict
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def count(self, method: str, subscription: str) -> None:
        """Count a request; ArmError 429 when the bucket is empty and that matters."""
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
        """What is left for this caller, and for all callers of the subscription."""
        bucket = self._bucket(kind_of(method), subscription)
        return int(bucket.left), int(bucket.size * _GLOBAL - (bucket.size - bucket.left))

    def _bucket(self, kind: str, subscription: str) -> Bucket:
        key = kind, subscription.lower()
        if key not in self._buckets:
            size, rate = _LIMITS[kind]
            self._buckets[key] = Bucket(size, rate * self._speed, size, self._clock.now())
        return self._buckets[key]
