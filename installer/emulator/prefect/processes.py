"""Prefect of a rehearsal: a real server, real workers and real jobs, as local processes.

All runtime environments share one server, with the command and the settings of the first one that is deployed
(local_program.py); work pools carry the names of their environments. The database of the server is in the state directory.
Its login is generated at every start, because the vault of a rehearsal stores no values. Other commands than Prefect's and
Python's belong to images of a real registry: they are assumed to succeed.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

from installer.emulator.prefect.images import LocalImages
from installer.emulator.prefect.job_results import JobResults
from installer.emulator.prefect.local import LOOPBACK, answers, digest, free_port, same_port
from installer.emulator.prefect.local_program import SERVER_COMMAND, Place, is_server, is_service, local_command
from installer.emulator.prefect.supervisor import SupervisedProcess, Supervisor
from installer.emulator.providers.kubernetes.workloads import Container, Ended, NoWorkloadHost

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from installer.emulator.workload_settings import WorkloadSettings

_POLL_SECONDS: Final = 0.2


@dataclass
class _Worker:
    """A worker to keep running, the port of its health endpoint, and its settings that differ from Azure."""

    container: Container
    port: int
    more: Mapping[str, str]
    child: SupervisedProcess | None = None
    healthy: bool = False


@dataclass
class Processes:
    """Runs the commands of Prefect's images. Thread-safe; a background thread restarts server and workers.

    Attributes:
        home: Folder of their data and logs.
        local: Makes the settings of jobs that differ from Azure.
        children: Supervisor of the processes.

    """

    home: Path
    local: WorkloadSettings | None = None
    children: Supervisor = field(default_factory=Supervisor)
    _no_host: NoWorkloadHost = field(default_factory=NoWorkloadHost)
    _auth: str = field(default_factory=lambda: f"flowforge:{secrets.token_urlsafe(24)}")
    _workers: dict[str, _Worker] = field(default_factory=dict)
    _servers: dict[str, Container] = field(default_factory=dict)
    _jobs: dict[str, SupervisedProcess | None] = field(default_factory=dict)
    _server: SupervisedProcess | None = None
    _port: int = 0
    _healthy: bool = False
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _over: threading.Event = field(default_factory=threading.Event)
    _monitor: threading.Thread | None = None

    # -- interface for providers ----------------------------------------------------------------------------------

    def keep(self, where: str, container: Container) -> None:
        """Keep a server or a worker running from now on."""
        with self._lock:
            if is_server(container.command) or is_service(container.command):
                if self._servers.get(where.lower(), container) != container and self._server is not None:
                    self._server.end()  # it starts again with its new settings
                self._servers[where.lower()] = container
                if is_service(container.command):
                    return  # the server has them
            elif container.command[:2] == ("prefect", "worker"):
                before = self._workers.get(where.lower())
                if before is not None and before.container == container:
                    return
                self.end(where)
                self._workers[where.lower()] = _Worker(
                    container, free_port(), self.local.of(where, container) if self.local else {}
                )
            else:
                return
            self._ensure_started()

    def run(self, where: str, container: Container) -> None:
        """Start a program once; one that calls the API also starts the server that replaces Prefect Cloud."""
        with self._lock:
            command = local_command(container.command)
            if not command or not (self.local is None or self.local.can_run(container)):
                return
            self._results.mark(where, "running")
            self._jobs[where.lower()] = None
            if "PREFECT_API_URL" in container.settings:
                self._ensure_started()
            name, more = digest(where), self.local.of(where, container) if self.local else {}
            self._results.log_of(where).unlink(missing_ok=True)  # a new pod begins with an empty log
            self._jobs[where.lower()] = self.children.start(
                f"job {name}",
                command,
                env={**self._place.environment(container, self.home / name), **more},
                log=self._results.log_of(where),
                cwd=self.home,
            )

    def end(self, where: str) -> None:
        """Stop it."""
        with self._lock:
            self._servers.pop(where.lower(), None)
            kept, job = self._workers.pop(where.lower(), None), self._jobs.pop(where.lower(), None)
            for child in (kept.child if kept else None, job):
                if child is not None:
                    child.end()

    def ready(self, where: str) -> bool:
        """Whether it is healthy. A workload that is not run here counts as ready."""
        with self._lock:
            if where.lower() in self._servers:
                return self._healthy
            kept = self._workers.get(where.lower())
            return self._no_host.ready(where) if kept is None else kept.healthy

    def outcome(self, where: str, *, over: bool) -> Ended | None:
        """The result of a job, from earlier starts, too; a job interrupted by a stop of the server has failed."""
        with self._lock:
            mark = self._results.marked(where)
            if mark is None:
                return self._no_host.outcome(where, over=over)
            child = self._jobs.get(where.lower())
            if mark == "running" and child is not None:
                code = child.code
                if code is None:
                    return None
                self._results.mark(where, str(code))
                mark = str(code)
        return Ended(int(mark)) if mark.lstrip("-").isdecimal() else Ended(1)

    def log(self, where: str) -> str:
        """The end of its log."""
        return self._results.log(where) or self._no_host.log(where)

    # -- interface for the server process ------------------------------------------------------------------------

    def address(self) -> str:
        """The URL of the Prefect UI; "" while it is not healthy."""
        with self._lock:
            return f"http://{LOOPBACK}:{self._port}" if self._healthy else ""

    @property
    def login(self) -> str:
        """Its credentials, "name:password"."""
        return self._auth

    def assumptions(self) -> list[str]:
        """Results that are assumed."""
        missing = self._images.missing_packages()
        found = [f"packages of the flows that this machine does not have: {', '.join(missing)}"] if missing else []
        return [*(self.local.assumptions() if self.local else []), *found]

    def keep_image(self, digest: str, files: Mapping[str, bytes]) -> None:
        """Keep the files of a built image for processes in place of its containers."""
        self._images.keep(digest, files)

    def stay(self) -> None:
        """Leave server and workers running when this process ends."""
        self._over.set()
        self.children.stay()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        """End everything."""
        self._over.set()
        if self._monitor is not None:
            self._monitor.join()
        self.children.close()

    # -- supervision ----------------------------------------------------------------------------------------

    def _ensure_started(self) -> None:
        """Start the server, and the thread that monitors it and the workers, unless they run already."""
        if self._server is None:
            self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._port = same_port(self.home)
            servers = (one for one in self._servers.values() if is_server(one.command))
            container = next(servers, Container("", SERVER_COMMAND, self._place.replaced()))
            self._server = self.children.start(
                "prefect server",
                local_command(container.command, self._port),
                env=self._place.environment(container, self.home),
                log=self.home / "server.log",
                cwd=self.home,
            )
        if self._monitor is None:
            self._monitor = threading.Thread(target=self._poll, name="prefect", daemon=True)
            self._monitor.start()

    def _poll(self) -> None:
        while not self._over.wait(_POLL_SECONDS):
            healthy = answers(self._port, "/api/health")
            with self._lock:
                self._healthy = healthy
                if self._server is not None and not self._server.alive:
                    self._server, self._healthy = None, False
                    self._ensure_started()
                workers = list(self._workers.items()) if self._healthy else []
            for where, kept in workers:
                if kept.child is None or not kept.child.alive:
                    with self._lock:
                        if self._workers.get(where) is kept:
                            kept.child = self._worker(where, kept)
                kept.healthy = answers(kept.port, "/health")

    def _worker(self, where: str, kept: _Worker) -> SupervisedProcess:
        """Start a worker; it runs flows as local processes, whatever its type would be in the cluster."""
        words = local_command(kept.container.command)
        if "--type" in words:
            del words[words.index("--type") : words.index("--type") + 2]
        more = {"PREFECT_WORKER_WEBSERVER_PORT": str(kept.port), "PREFECT_WORKER_QUERY_SECONDS": "1"}
        return self.children.start(
            f"prefect worker {digest(where)}",
            [*words, "--type", "process"],
            env={**self._place.environment(kept.container, self.home), **kept.more, **more},
            log=self._results.log_of(where),
            cwd=self.home,
        )

    @property
    def _place(self) -> Place:
        return Place(self.home, self._port, self._auth)

    @property
    def _images(self) -> LocalImages:
        return LocalImages(self.home / "images")

    @property
    def _results(self) -> JobResults:
        return JobResults(self.home)
