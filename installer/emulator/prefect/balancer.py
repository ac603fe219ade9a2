"""One address for the replicas of a workload, as the service of a cluster or the ingress of Container Apps is."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from installer.emulator.prefect.local import LOOPBACK
from installer.emulator.relay import pass_on

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass
class Balancer:
    """Passes each connection on to the next replica that responds.

    Attributes:
        ports: Returns the ports of the replicas that respond.

    """

    ports: Callable[[], Sequence[int]]
    _turn: int = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection; it is closed if no replica takes it."""
        with contextlib.suppress(OSError):
            other = await self._connected()
            if other is not None:
                await pass_on(reader, writer, other)
        with contextlib.suppress(OSError):
            writer.close()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        ports = self.ports()
        self._turn += 1
        for number in range(len(ports)):
            # A replica may have ended since it was probed.
            with contextlib.suppress(OSError):
                return await asyncio.open_connection(LOOPBACK, ports[(self._turn + number) % len(ports)])
        return None
