"""A container that is kept running as a local process: a Prefect server or a worker."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from installer.emulator.prefect.local import answers
from installer.emulator.prefect.local_program import is_server

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from installer.emulator.prefect.supervisor import SupervisedProcess
    from installer.emulator.providers.kubernetes.workloads import Container

_SERVER_READY: Final = "/api/ready"
_WORKER_READY: Final = "/health"
_PROBE_EVERY: Final = 5
"""Polls between two probes of a healthy process."""


@dataclass
class KeptProcess:
    """A process to keep running.

    Attributes:
        home: Its folder.
        port: Port at which it is probed, and called if it is a server.
        more: Settings of this machine, beside those of its container.
        secrets: Values of its secrets by environment variable.
        database: URL of its database in PostgreSQL, if that runs.
        former: The process of an earlier template, which has to end before; it may still answer at the port.

    """

    container: Container
    home: Path
    port: int
    more: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    database: str | None = None
    former: SupervisedProcess | None = None
    child: SupervisedProcess | None = None
    healthy: bool = False
    _polls: int = 0

    @property
    def is_server(self) -> bool:
        """Whether it is a server."""
        return is_server(self.container.command)

    @property
    def runs(self) -> bool:
        """Whether its process exists."""
        return self.child is not None and self.child.alive

    @property
    def may_start(self) -> bool:
        """Whether neither its process runs nor the former one."""
        return not self.runs and (self.former is None or not self.former.alive)

    def probe(self) -> None:
        """Ask whether it is well; less often once it is."""
        self._polls += 1
        if not self.runs:
            self.healthy = False
        elif not self.healthy or self._polls % _PROBE_EVERY == 0:
            self.healthy = answers(self.port, _SERVER_READY if self.is_server else _WORKER_READY)
