"""Slots of members: first those of this process, then those of Prefect, which hold for all processes and fleets.

A member that waits for a slot of Prefect asks for it every few seconds. Only members for which this process has room do so: else a fleet
of many members asks so often that a small server answers with errors.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import httpx
from prefect.concurrency.asyncio import concurrency

from installer.prefect_setup.rest import BUSY

LEASE_SECONDS: Final = 60
"""The least that Prefect accepts (prefect 3.8.8, server/api/concurrency_limits_v2.py)."""
PATIENCE_SECONDS: Final = 1800.0
"""Estimated: longer than an upgrade of the admin's Prefect. A member that has not begun loses nothing by waiting."""
_PAUSE_SECONDS: Final = 10.0


class Slots:
    """The slots of a fleet.

    Args:
        sizes: Number of slots by the name of the limit.

    """

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self._sizes = sizes
        self._used: Counter[str] = Counter()
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def held(self, names: list[str]) -> AsyncIterator[None]:
        """Wait for a slot of each of these limits, and hold them. Raises what Prefect refuses for good."""
        async with self._here(names), AsyncExitStack() as stack:
            await _acquired(stack, names)
            yield

    @asynccontextmanager
    async def _here(self, names: list[str]) -> AsyncIterator[None]:
        async with self._changed:
            await self._changed.wait_for(lambda: all(self._used[name] < self._sizes[name] for name in names))
            self._used.update(names)
        try:
            yield
        finally:
            self._used.subtract(names)
            async with self._changed:
                self._changed.notify_all()


async def _acquired(stack: AsyncExitStack, names: list[str]) -> None:
    """Acquire the slots in Prefect, again while its server is busy, unreachable or limits the rate of requests.

    Prefect's client retries a request only a few times (prefect 3.8.8, client/base.py: 408, 429, 502, 503).
    """
    deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    while True:
        slots = concurrency(names, strict=True, lease_duration=LEASE_SECONDS, raise_on_lease_renewal_failure=False)
        try:
            await stack.enter_async_context(slots)
        except Exception as error:
            if not passing(error) or asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(_PAUSE_SECONDS)
        else:
            return


def passing(error: BaseException | None) -> bool:
    """Whether an error of Prefect's client, or the one behind it, is of a server that is busy or out of reach."""
    while error is not None:
        if isinstance(error, httpx.HTTPStatusError):
            return error.response.status_code in BUSY
        if isinstance(error, httpx.TransportError):
            return True
        error = error.__cause__ or error.__context__
    return False
