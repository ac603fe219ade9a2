"""Taking turns on the event loop: when a thousand resources begin at once, requests are answered in between."""

from __future__ import annotations

import asyncio
from collections import deque

_AT_ONCE = 4  # pieces of work, about a millisecond each, between two looks at the sockets


class Turns:
    """Lets a few pieces of work pass in each round of the event loop, in the order in which they came."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._left = _AT_ONCE
        self._ticking = False

    async def turn(self) -> None:
        """Return when it is one's turn: at once unless many come together."""
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
        """The next round: some of those who wait go on, and the others come nearer."""
        self._left = _AT_ONCE
        while self._waiting and self._left:
            future = self._waiting.popleft()
            if not future.done():
                future.set_result(None)
                self._left -= 1
        self._ticking = False
        if self._waiting:
            self._start()
