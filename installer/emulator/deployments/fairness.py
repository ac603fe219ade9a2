"""Fair use of the event loop: when a thousand resources start at once, requests are answered in between."""

from __future__ import annotations

import asyncio
from collections import deque

_PER_ROUND = 4  # tasks of about a millisecond each, between two polls of the sockets


class RoundLimiter:
    """Admits a few tasks in each round of the event loop, in order of arrival."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._left = _PER_ROUND
        self._ticking = False

    async def admit(self) -> None:
        """Return when the caller may proceed: at once unless many wait."""
        self._start()
        if self._left and not self._waiting:
            self._left -= 1
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        await future

    def _start(self) -> None:
        if not self._ticking:
            self._ticking = True
            asyncio.get_running_loop().call_soon(self._tick)

    def _tick(self) -> None:
        """Start the next round and admit the first of those waiting."""
        self._left = _PER_ROUND
        while self._waiting and self._left:
            future = self._waiting.popleft()
            if not future.done():
                future.set_result(None)
                self._left -= 1
        self._ticking = False
        if self._waiting:
            self._start()
