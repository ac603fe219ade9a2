"""Prefect of a rehearsal: real servers, real workers and real jobs, as local processes.

Each environment has its server, with its own command, settings, secrets and database. Clients find it by the name in their
PREFECT_API_URL. A local server replaces Prefect Cloud. Other commands than Prefect's and Python's belong to images of a
real registry: they are assumed to succeed.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

from installer.emulator.prefect.cloud_server import CLOUD_API, CLOUD_SERVER, host_of, secrets_of
from installer.emulator.prefect.images import LocalImages
from installer.emulator.prefect.jobs import Jobs
from installer.emulator.prefect.kept_process import KeptProcess
from installer.emulator.prefect.local import LOOPBACK, digest, free_port, same_port
from installer.emulator.prefect.local_program import (
    API,
    BESIDE,
    DATABASE,
    NOT_PROVED,
    environment,
    is_server,
    is_service,
    is_worker,
    local_command,
    local_url,
    server_settings,
)
from installer.emulator.prefect.supervisor import Supervisor
from installer.emulator.providers.kubernetes.workloads import Ended, NoWorkloadHost
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
    _kept: dict[str, KeptProcess] = field(default_factory=dict)
    _services: set[str] = field(default_factory=set)
    _values: dict[str, str] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _over: threading.Event = field(default_factory=threading.Event)
    _monitor: threading.Thread | None = None

    def __post_init__(self) -> None:
        self._jobs = Jobs(self.home, self.children)
        self._images = LocalImages(self.home / "images")

    # -- interface for providers ----------------------------------------------------------------------------------

    def keep(self, where: str, container: Container) -> None:
        """Keep a server or a worker running from now on; one whose template has changed starts again."""
        with self._lock:
            if is_service(container.command):
                self._services.add(where.lower())  # the server has them
                return
            if not (is_server(container.command) or is_worker(container.command)):
                return
            before = self._kept.get(where.lower())
            if before is not None and before.container == container:
                return
            home = self.home / digest(where)
            home.mkdir(parents=True, exist_ok=True, mode=0o700)
            port = before.port if before else same_port(home) if is_server(container.command) else free_port()
            kept = KeptProcess(container, home, port, self._more(where, container), self._secrets(container))
            kept.database = self._database(container)
            if before is not None and (former := before.child or before.former) is not None:
                former.end()
                kept.former = former
            self._kept[where.lower()] = kept
            self._ensure_started(container)

    def run(self, where: str, container: Container) -> None:
        """Start a program once; one that calls the API also starts the server that replaces Prefect Cloud."""
        with self._lock:
            command = local_command(container.command)
            if not command or not (self.local is None or self.local.can_run(container)):
                return
            self._ensure_started(container)
            env = environment(
                self._images.with_paths(container),
                self.home / digest(where),
                replaced=self._replaced(container),
                secrets=self._secrets(container),
            )
            may_start = self._cloud_answers if host_of(container) == CLOUD_API else lambda: True
            self._jobs.start(where, command, {**env, **self._more(where, container)}, container, may_start)

    def end(self, where: str) -> None:
        """Stop it."""
        with self._lock:
            self._services.discard(where.lower())
            kept = self._kept.pop(where.lower(), None)
            if kept is not None and kept.child is not None:
                kept.child.end()
            self._jobs.end(where)

    def ready(self, where: str) -> bool:
        """Whether it is healthy. A workload that is not run here counts as ready."""
        with self._lock:
            if where.lower() in self._services:
                return all(kept.healthy for kept in self._kept.values() if kept.is_server)
            kept = self._kept.get(where.lower())
            return self._no_host.ready(where) if kept is None else kept.healthy

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
        if kept is not None and kept.child is not None:
            return kept.child.log_tail(400)
        results = self._jobs.results
        return results.log(where) if results.began(where) else self._no_host.log(where)

    # -- interface for the server process ------------------------------------------------------------------------

    def addresses(self) -> dict[str, str]:
        """URL of the UI of each healthy server by the first of its names."""
        with self._lock:
            servers = [(where, kept) for where, kept in self._kept.items() if kept.is_server and kept.healthy]
            return {
                next(iter(kept.container.names), where): f"http://{LOOPBACK}:{kept.port}" for where, kept in servers
            }

    def secret(self, reference: str) -> str:
        """Value of a version of a secret of a key vault."""
        if self.local is not None:
            return self.local.secret(reference)
        return self._values.setdefault(reference, f"flowforge:{secrets.token_urlsafe(24)}")

    def assumptions(self) -> list[str]:
        """Results that are assumed."""
        missing = self._images.missing_packages()
        found = [f"{PACKAGES}: {', '.join(missing)}"] if missing else []
        return [NOT_PROVED, *(self.local.assumptions() if self.local else []), *found]

    def keep_image(self, digest: str, files: Mapping[str, bytes]) -> None:
        """Keep the files of a built image for processes in place of its containers."""
        self._images.keep(digest, files)

    def stay(self) -> None:
        """Leave everything running when the installer ends."""
        self.stays = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        """End everything."""
        self._over.set()
        if self._monitor is not None:
            self._monitor.join()
        self.children.close()

    # -- settings -------------------------------------------------------------------------------------------------

    def _more(self, where: str, container: Container) -> Mapping[str, str]:
        return self.local.of(where, container) if self.local else {}

    def _secrets(self, container: Container) -> dict[str, str]:
        return {name: self.secret(reference) for name, reference in secrets_of(container).items()}

    def _database(self, container: Container) -> str | None:
        url = container.settings.get(DATABASE)
        return self.local.database_url(url) if self.local and url else None

    def _replaced(self, container: Container) -> dict[str, str]:
        """Settings of a client that lead to parts of this machine: its server, and its database."""
        server = next(
            (one for one in self._kept.values() if one.is_server and host_of(container) in one.container.names), None
        )
        found = {API: local_url(server.port)} if server else {}
        if url := container.settings.get(DATABASE):
            found[DATABASE] = self._database(container) or self._file(url)
        return found

    def _file(self, url: str) -> str:
        """URL of the file in place of a database."""
        return f"sqlite+aiosqlite:///{self.home}/prefect-{digest(url)}.db"

    def _cloud_answers(self) -> bool:
        """Whether the server that replaces Prefect Cloud is healthy; clients do not wait for Prefect Cloud itself."""
        kept = self._kept.get(CLOUD_API)
        return kept is not None and kept.healthy

    # -- supervision ----------------------------------------------------------------------------------------

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
                every = list(self._kept.items())
            if self.local is not None:
                self.local.renew_tokens()
            for where, kept in every:
                kept.probe()
                with self._lock:
                    if kept.may_start and self._kept.get(where) is kept and self._can_start(kept):
                        kept.child = self._started(where, kept)

    def _can_start(self, kept: KeptProcess) -> bool:
        """A worker starts once its server is healthy."""
        servers = [one for one in self._kept.values() if one.is_server]
        return kept.is_server or any(one.healthy and host_of(kept.container) in one.container.names for one in servers)

    def _started(self, where: str, kept: KeptProcess) -> SupervisedProcess:
        """Start a process."""
        if kept.is_server:
            url = kept.container.settings.get(DATABASE, "")
            replaced = server_settings(kept.home, kept.port, kept.database or self._file(url))
            beside: dict[str, str] = {}
        else:
            replaced = self._replaced(kept.container)
            beside = {**BESIDE, "PREFECT_WORKER_WEBSERVER_PORT": str(kept.port)}
        env = environment(kept.container, kept.home, replaced=replaced, secrets=kept.secrets)
        kind = "server" if kept.is_server else "worker"
        return self.children.start(
            f"prefect {kind} {digest(where)}",
            local_command(kept.container.command, kept.port),
            env={**env, **beside, **kept.more},
            log=kept.home / f"{kind}.log",
            cwd=kept.home,
        )
