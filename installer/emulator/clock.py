"""Time as the embedded Azure sees it, injected so that tests need no sleeping.

Moments are seconds since 1970 on the wall clock: operations that were in progress when a server died continue in the
meantime, as in Azure. Only durations are simulated; they are divided by the speed.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol

_MAX_SLEEP = 30.0  # seconds; re-read the wall clock regularly, because laptops are suspended


class Clock(Protocol):
    """The current moment, and waiting for a later one."""

    def now(self) -> float:
        """Seconds since 1970."""
        ...

    async def until(self, moment: float) -> None:
        """Return once `moment` has come; at once when it is past."""
        ...


class WallClock:
    """The real clock."""

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()

    async def until(self, moment: float) -> None:
        """Return once `moment` has come."""
        # The wall clock can be set, and a laptop suspended: so sleep in bounded intervals.
        while (remaining := moment - self.now()) > 0:  # noqa: ASYNC110 - nothing would set an event
            await asyncio.sleep(min(remaining, _MAX_SLEEP))


def instant(moment: float) -> str:
    """A moment as ARM writes it: seven decimals, trailing zeros dropped."""
    ticks = round(moment * 10_000_000)
    whole, fraction = divmod(ticks, 10_000_000)
    text = datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    decimals = f"{fraction:07d}".rstrip("0")
    return f"{text}.{decimals}Z" if decimals else f"{text}Z"


def period(seconds: float) -> str:
    """A duration as ARM writes it: PT0S, PT35.148644S, PT1M3.9913627S, PT1H2M."""
    ticks = max(0, round(seconds * 10_000_000))
    whole, fraction = divmod(ticks, 10_000_000)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    decimals = f"{fraction:07d}".rstrip("0")
    last = f"{rest}.{decimals}S" if decimals else f"{rest}S" if rest else ""
    text = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "") + last
    return f"PT{text or '0S'}"
