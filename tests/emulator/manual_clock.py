"""A clock that moves only on request, so that an hour of Azure takes no time."""

import asyncio
import heapq
from collections import deque
from itertools import count

from installer.emulator.deployments.engine import Engine

_ROUNDS = 200
"""Rounds of the event loop after which all work that needs no passing of time is done, at the latest."""
_QUIET_ROUNDS = 3
"""Rounds in which the loop had nothing else to do, after which it is done earlier."""


async def _idle(engine: Engine) -> None:
    """Return once the engine has no task left."""
    while engine._tasks:
        await asyncio.gather(*engine._tasks, return_exceptions=True)


class ManualClock:
    """Waits end in the order of their moments; `advance` and `finish` move the current time."""

    def __init__(self, now: float = 1_790_000_000.0) -> None:
        self.start = now
        self._now = now
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = count()

    def now(self) -> float:
        return self._now

    @property
    def elapsed(self) -> float:
        return self._now - self.start

    async def until(self, moment: float) -> None:
        if moment > self._now:
            future = asyncio.get_running_loop().create_future()
            heapq.heappush(self._waiting, (moment, next(self._order), future))
            await future

    async def advance(self, seconds: float) -> None:
        """Advance by so many seconds, and run everything due in them."""
        target = self._now + seconds
        await self._settle()
        while self._waiting and self._waiting[0][0] <= target:
            await self._step()
        self._now = target
        await self._settle()

    async def finish(self, engine: Engine) -> None:
        """Advance until the engine is idle."""
        idle = asyncio.ensure_future(_idle(engine))
        await self._settle()
        while not idle.done():
            assert self._waiting, "the engine waits for something other than time"
            await self._step()
        await idle

    def forget(self) -> None:
        """Drop all waits, as the end of a process does."""
        self._waiting.clear()

    async def _step(self) -> None:
        moment, _, future = heapq.heappop(self._waiting)
        self._now = max(self._now, moment)
        if not future.done():
            future.set_result(None)
        await self._settle()

    async def _settle(self) -> None:
        waiting: deque[object] = getattr(asyncio.get_running_loop(), "_ready", deque([None]))
        quiet = 0
        for _ in range(_ROUNDS):
            await asyncio.sleep(0)
            quiet = 0 if waiting else quiet + 1
            if quiet == _QUIET_ROUNDS:
                return
