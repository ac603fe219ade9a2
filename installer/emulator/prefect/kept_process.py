"""Containers that are kept running as local processes: Prefect servers, their background services, and workers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from installer.emulator.prefect.local import answers
from installer.emulator.prefect.local_program import kind_of, tls_files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from installer.emulator.prefect.local_program import ProgramKind
    from installer.emulator.prefect.supervisor import SupervisedProcess
    from installer.emulator.providers.kubernetes.workloads import Container
    from installer.emulator.relay import Listener

_READY: Final = {"server": "/api/ready", "worker": "/health"}
"""Path that answers 200 by kind; background services have no web server."""
_PROBE_EVERY: Final = 5
"""Polls between two probes of a healthy process."""


@dataclass(frozen=True)
class LocalSettings:
    """Settings of a container on this machine.

    Attributes:
        beside: Settings beside those of the container.
        secrets: Values of its secrets by environment variable.
        database: URL of its database in PostgreSQL, if that runs.
        as_one: Why one process replaces several servers, "" if it does not.

    """

    beside: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    database: str | None = None
    as_one: str = ""


@dataclass
class KeptProcess:
    """One replica.

    Attributes:
        kind: Its program.
        home: Its folder.
        port: Port at which it is probed, and called if it is a server.
        tls: Whether it ends TLS.
        former: The process of an earlier template, which has to end before; it may still answer at the port.

    """

    kind: ProgramKind
    home: Path
    port: int
    tls: bool = False
    former: SupervisedProcess | None = None
    child: SupervisedProcess | None = None
    healthy: bool = False
    _polls: int = 0

    @property
    def runs(self) -> bool:
        """Whether its process exists."""
        return self.child is not None and self.child.alive

    @property
    def may_start(self) -> bool:
        """Whether neither its process runs nor the former one."""
        return not self.runs and (self.former is None or not self.former.alive)

    def probe(self) -> None:
        """Ask whether it is well; less often once it is. Background services are while they run, without a probe."""
        self._polls += 1
        if not self.runs or self.kind == "services":
            self.healthy = self.runs
        elif not self.healthy or self._polls % _PROBE_EVERY == 0:
            self.healthy = answers(self.port, _READY[self.kind], tls=self.tls)

    def end(self) -> SupervisedProcess | None:
        """Stop it; returns the process that has to end before another one takes its place."""
        ending = self.child or self.former
        if ending is not None:
            ending.end()
        return ending


@dataclass
class KeptWorkload:
    """The replicas of a container.

    Attributes:
        home: Its folder.
        port: Port at which it is called: that of its process, or of the balancer in front of several.
        settings: Its settings on this machine.
        balancer: The balancer.

    """

    container: Container
    home: Path
    port: int
    settings: LocalSettings
    processes: list[KeptProcess] = field(default_factory=list)
    balancer: Listener | None = None

    @property
    def is_server(self) -> bool:
        """Whether they are Prefect servers."""
        return kind_of(self.container.command) == "server"

    @property
    def tls(self) -> bool:
        """Whether its processes end TLS."""
        return tls_files(self.container.command) is not None

    @property
    def healthy(self) -> bool:
        """Whether it can be called."""
        return any(one.healthy for one in self.processes)

    def ready_replicas(self, wanted: int) -> int:
        """How many of so many replicas respond; one process may replace all of them."""
        well = sum(one.healthy for one in self.processes)
        return wanted if well == len(self.processes) else min(well, wanted)

    def healthy_ports(self) -> list[int]:
        """Ports of the processes that respond."""
        return [one.port for one in self.processes if one.healthy]

    def log_tail(self, lines: int) -> str:
        """The end of the log of the first process."""
        return next((one.child.log_tail(lines) for one in self.processes if one.child is not None), "")

    def end(self) -> list[SupervisedProcess | None]:
        """Stop everything; returns for each process the one that has to end before another one takes its place."""
        if self.balancer is not None:
            self.balancer.close()
        return [one.end() for one in self.processes]
