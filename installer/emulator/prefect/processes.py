"""Prefect of a rehearsal: real servers, real workers and real jobs, as local processes.

Each environment has its servers, with their own command, settings, secrets and database. Several servers and their background
services are separate processes, with a balancer in front; where Redis or PostgreSQL does not run, one process replaces all of
them. Clients keep the URL of their server, which a proxy leads here. A local server replaces Prefect Cloud. Other commands than
Prefect's and Python's belong to images of a real registry: they are assumed to succeed.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

from installer.emulator.prefect.balancer import Balancer
from installer.emulator.prefect.cloud_server import CLOUD_API, CLOUD_SERVER, host_of
from installer.emulator.prefect.images import LocalImages
from installer.emulator.prefect.jobs import Jobs
from installer.emulator.prefect.kept_process import KeptProcess, KeptWorkload
from installer.emulator.prefect.local import LOOPBACK, digest, free_port, same_port
from installer.emulator.prefect.local_containers import LocalContainers
from installer.emulator.prefect.local_program import kind_of, local_command
from installer.emulator.prefect.not_proved import not_proved
from installer.emulator.prefect.supervisor import Supervisor
from installer.emulator.providers.kubernetes.workloads import Ended, LocalAddress, NoWorkloadHost
from installer.emulator.relay import listen
from installer.images.flow_context import PACKAGES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from installer.emulator.prefect.supervisor import SupervisedProcess
    from installer.emulator.providers.kubernetes.workloads import Container
    from installer.emulator.workload_settings import WorkloadSettings

_POLL_SECONDS: Final = 0.2


@dataclass
class Processes:
    """Runs the commands of Prefect's images. Thread-safe; a background thread restarts servers and workers.

    Several replicas of a server need a running event loop, for the balancer in front of them.

    Attributes:
        home: Folder of their data and logs.
        local: Makes the settings that differ from Azure.
        children: Supervisor of the processes.

    """

    home: Path
    local: WorkloadSettings | None = None
    children: Supervisor = field(default_factory=Supervisor)
    stays: bool = False
    _no_host: NoWorkloadHost = field(default_factory=NoWorkloadHost)
    _kept: dict[str, KeptWorkload] = field(default_factory=dict)
    _in_server: dict[str, str] = field(default_factory=dict)
    """Why the one process of a server has the background services, by their ID."""
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _over: threading.Event = field(default_factory=threading.Event)
    _monitor: threading.Thread | None = None

    def __post_init__(self) -> None:
        self._jobs = Jobs(self.home, self.children)
        self._images = LocalImages(self.home / "images")
        self._containers = LocalContainers(self.home, self.local)

    # -- interface for providers ----------------------------------------------------------------------------------

    def keep(self, where: str, container: Container) -> None:
        """Keep a server, its services or a worker running from now on; one whose template has changed starts again."""
        kind, key = kind_of(container.command), where.lower()
        if kind is None:
            return
        with self._lock:
            before = self._kept.get(key)
            if before is not None and before.container == container:
                return
            given = self._containers.settings(where, container)
            former = before.end() if before else []
            if kind == "services" and given.as_one:
                self._kept.pop(key, None)
                self._in_server[key] = given.as_one
                return
            self._in_server.pop(key, None)
            home = self.home / digest(where)
            home.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Each server of the manifest is a process; one worker does the work of several.
            count = 1 if kind == "worker" or given.as_one else container.replicas
            alone = before is not None and count == len(before.processes) == 1
            port = before.port if before and alone else same_port(home) if kind == "server" else free_port()
            kept = KeptWorkload(container, home, port, given)
            for number in range(count):
                own = home if count == 1 else home / f"replica-{number}"
                own.mkdir(exist_ok=True, mode=0o700)
                previous = former[number] if number < len(former) else None
                kept.processes.append(
                    KeptProcess(kind, own, port if count == 1 else free_port(), kept.tls, former=previous)
                )
            if kind == "server" and count > 1:
                kept.balancer = listen(Balancer(kept.healthy_ports).handle, port)
            self._kept[key] = kept
            self._ensure_started(container)

    def run(self, where: str, container: Container) -> None:
        """Start a program once; one that calls the API also starts the server that replaces Prefect Cloud."""
        with self._lock:
            runs = local_command(container.command) and (self.local is None or self.local.can_run(container))
            if not runs:
                return
            self._ensure_started(container)
            start = self._containers.start_of_job(where, self._images.with_paths(container), self._cloud_port)
            may_start = self._cloud_answers if host_of(container) == CLOUD_API else lambda: True
            self._jobs.start(where, start.command, start.environment, container, may_start)

    def end(self, where: str) -> None:
        """Stop it."""
        with self._lock:
            self._in_server.pop(where.lower(), None)
            kept = self._kept.pop(where.lower(), None)
            if kept is not None:
                kept.end()
            self._jobs.end(where)
            self._containers.files.remove(where)

    def ready_replicas(self, where: str, wanted: int) -> int:
        """How many replicas are healthy. A workload that is not run here counts as ready."""
        with self._lock:
            if where.lower() in self._in_server:
                return wanted if all(kept.healthy for kept in self._kept.values() if kept.is_server) else 0
            kept = self._kept.get(where.lower())
            return self._no_host.ready_replicas(where, wanted) if kept is None else kept.ready_replicas(wanted)

    def outcome(self, where: str, *, over: bool) -> Ended | None:
        """The result of a job, from earlier starts, too; a job interrupted by a stop of the server has failed."""
        with self._lock:
            if not self._jobs.results.began(where):
                return self._no_host.outcome(where, over=over)
            return self._jobs.outcome(where)

    def log(self, where: str) -> str:
        """The end of its log."""
        with self._lock:
            kept = self._kept.get(where.lower())
        found = kept.log_tail(400) if kept is not None else ""
        results = self._jobs.results
        return found or (results.log(where) if results.began(where) else self._no_host.log(where))

    def at(self, name: str, port: int) -> LocalAddress | None:
        """The server or worker that is called at a name and a port."""
        wanted = (name.lower().rstrip("."), port)
        with self._lock:
            for kept in self._kept.values():
                if wanted in {(one.lower(), kept.container.port) for one in kept.container.names}:
                    return LocalAddress(kept.port, kept.container.ends_tls)
        return None

    # -- interface for the server process ------------------------------------------------------------------------

    def addresses(self) -> dict[str, str]:
        """URL of the UI of each server that responds, by the first of its names."""
        with self._lock:
            servers = [(where, kept) for where, kept in self._kept.items() if kept.is_server and kept.healthy]
            return {
                next(iter(kept.container.names), where): f"{'https' if kept.tls else 'http'}://{LOOPBACK}:{kept.port}"
                for where, kept in servers
            }

    def secret(self, reference: str) -> str:
        """Value of a version of a secret of a key vault."""
        return self._containers.secret(reference)

    def assumptions(self) -> list[str]:
        """Results that are assumed."""
        missing = self._images.missing_packages()
        found = [f"{PACKAGES}: {', '.join(missing)}"] if missing else []
        with self._lock:
            own = not_proved(self._kept.values())
        return [*own, *(self.local.assumptions() if self.local else []), *found]

    def keep_image(self, digest: str, files: Mapping[str, bytes]) -> None:
        """Keep the files of a built image for processes in place of its containers."""
        self._images.keep(digest, files)

    def stay(self) -> None:
        """Leave everything running when the installer ends."""
        self.stays = True

    def __enter__(self) -> Self:
        self._containers.files.clear()  # of a killed session
        return self

    def __exit__(self, *_failure: object) -> None:
        """End everything."""
        self._over.set()
        if self._monitor is not None:
            self._monitor.join()
        for kept in self._kept.values():
            if kept.balancer is not None:
                kept.balancer.close()
        # A flow run that is ended reports that to its server, which has to answer then.
        self.children.close("job")
        self._containers.files.clear()

    def _cloud_answers(self) -> bool:
        """Whether the server that replaces Prefect Cloud is healthy; clients do not wait for Prefect Cloud itself."""
        kept = self._kept.get(CLOUD_API)
        return kept is not None and kept.healthy

    # -- supervision ----------------------------------------------------------------------------------------

    @property
    def _cloud_port(self) -> int | None:
        kept = self._kept.get(CLOUD_API)
        return kept.port if kept else None

    def _ensure_started(self, container: Container) -> None:
        """Start the thread that monitors all processes, and the server that replaces Prefect Cloud for its clients."""
        if host_of(container) == CLOUD_API:
            self.keep(CLOUD_API, CLOUD_SERVER)
        if self._monitor is None:
            self._monitor = threading.Thread(target=self._poll, name="prefect", daemon=True)
            self._monitor.start()

    def _poll(self) -> None:
        while not self._over.wait(_POLL_SECONDS):
            with self._lock:
                self._jobs.poll()
                every = [(where, kept, one) for where, kept in self._kept.items() for one in kept.processes]
            if self.local is not None:
                self.local.renew_tokens()
            for where, kept, process in every:
                process.probe()
                with self._lock:
                    if process.may_start and self._kept.get(where) is kept and self._can_start(kept):
                        process.child = self._started(where, kept, process)

    def _can_start(self, kept: KeptWorkload) -> bool:
        """A worker starts once its server is healthy."""
        if kind_of(kept.container.command) != "worker":
            return True
        called = host_of(kept.container)
        return any(one.is_server and one.healthy and called in one.container.names for one in self._kept.values())

    def _started(self, where: str, kept: KeptWorkload, process: KeptProcess) -> SupervisedProcess:
        """Start a process."""
        start = self._containers.start_of(where, kept, process, self._cloud_port)
        return self.children.start(
            f"prefect {process.kind} {digest(where)}",
            start.command,
            env=start.environment,
            log=process.home / f"{process.kind}.log",
            cwd=process.home,
        )
