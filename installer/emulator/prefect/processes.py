"""Prefect of a rehearsal: one real server and real workers, and jobs that really run, as processes of this machine.

Whatever stands in the runtime of an environment shares the one server: its pools bear the names of their environments. The
server keeps what it knows beside the state. Its login is made anew at every start, for a vault of a rehearsal keeps no
values. What is neither Prefect's command nor a program in Python belongs to images that only a real registry has: it is
taken to run well.
"""

from __future__ import annotations

import contextlib
import secrets
import socket
import sys
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

from installer.emulator.prefect.local import LOOPBACK, PREFECT, answers, digest, free_port, surroundings
from installer.emulator.prefect.supervisor import SupervisedProcess, Supervisor
from installer.emulator.providers.kubernetes.workloads import Container, Ended, NoWorkloadHost

if TYPE_CHECKING:
    from pathlib import Path

_LOOK_SECONDS: Final = 0.2
_ELSEWHERE: Final = (
    "PREFECT_SERVER_DATABASE",
    "PREFECT_MESSAGING",
    "PREFECT_REDIS",
    "PREFECT_PLUGINS",
    "PREFECT_INTEGRATIONS",
)
"""Settings for what is only in the cloud: databases, caches, its identities."""
_AUTH: Final = ("PREFECT_SERVER_API_AUTH_STRING", "PREFECT_API_AUTH_STRING")
_LOG_LINES: Final = 400


@dataclass
class _Kept:
    """A worker that is kept running: at which port it tells that it is well, and since when it has been gone."""

    container: Container
    port: int
    child: SupervisedProcess | None = None
    well: bool = False


@dataclass
class Processes:
    """Runs what Prefect's images run. Thread-safe; one thread of its own looks after everything."""

    home: Path
    children: Supervisor = field(default_factory=Supervisor)
    _nobody: NoWorkloadHost = field(default_factory=NoWorkloadHost)
    _auth: str = field(default_factory=lambda: f"flowforge:{secrets.token_urlsafe(24)}")
    _kept: dict[str, _Kept] = field(default_factory=dict)
    _servers: set[str] = field(default_factory=set)
    _jobs: dict[str, SupervisedProcess | None] = field(default_factory=dict)
    _server: SupervisedProcess | None = None
    _port: int = 0
    _well: bool = False
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _over: threading.Event = field(default_factory=threading.Event)
    _keeper: threading.Thread | None = None

    # -- what providers ask for ----------------------------------------------------------------------------------

    def keep(self, where: str, container: Container) -> None:
        """Have a server or a worker running from now on."""
        with self._lock:
            if container.command[:2] == ("prefect", "server"):
                self._servers.add(where.lower())
            elif container.command[:2] == ("prefect", "worker"):
                before = self._kept.get(where.lower())
                if before is not None and before.container == container:
                    return
                self.end(where)
                self._kept[where.lower()] = _Kept(container, free_port())
            else:
                return
            self._begin()

    def run(self, where: str, container: Container) -> None:
        """Run a program once, from now on. Where an image of Prefect is at work, its server will be wanted soon."""
        with self._lock:
            if "prefect" in container.image:
                self._begin()
            if container.command[:1] != ("python",):
                return
            self._mark(where, "running")
            self._jobs[where.lower()] = None
            self._begin()
            name = digest(where)
            self._jobs[where.lower()] = self.children.start(
                f"job {name}",
                [sys.executable, *container.command[1:]],
                env=self._environment(container, self.home / name),
                log=self._log_of(where),
                cwd=self.home,
            )

    def end(self, where: str) -> None:
        """Have it running no more."""
        with self._lock:
            self._servers.discard(where.lower())
            kept, job = self._kept.pop(where.lower(), None), self._jobs.pop(where.lower(), None)
            for child in (kept.child if kept else None, job):
                if child is not None:
                    child.end()

    def ready(self, where: str) -> bool:
        """Whether it answers. What is not run here counts as ready."""
        with self._lock:
            if where.lower() in self._servers:
                return self._well
            kept = self._kept.get(where.lower())
            return self._nobody.ready(where) if kept is None else kept.well

    def outcome(self, where: str, *, over: bool) -> Ended | None:
        """How a job has ended, also in an earlier life of this server; a job that ended with it has failed."""
        with self._lock:
            mark = self._marked(where)
            if mark is None:
                return self._nobody.outcome(where, over=over)
            child = self._jobs.get(where.lower())
            if mark == "running" and child is not None:
                code = child.code
                if code is None:
                    return None
                self._mark(where, str(code))
                mark = str(code)
        return Ended(int(mark)) if mark.lstrip("-").isdecimal() else Ended(1)

    def log(self, where: str) -> str:
        """What it has printed."""
        with contextlib.suppress(OSError):
            lines = self._log_of(where).read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
            return "".join(lines[-_LOG_LINES:])
        return self._nobody.log(where)

    # -- what the server process asks for ------------------------------------------------------------------------

    def address(self) -> str:
        """Where people look at Prefect; "" while there is none."""
        with self._lock:
            return f"http://{LOOPBACK}:{self._port}" if self._well else ""

    @property
    def login(self) -> str:
        """What lets into it: "name:password"."""
        return self._auth

    def stay(self) -> None:
        """Leave server and workers running when this process ends."""
        self._over.set()
        self.children.stay()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        """End everything."""
        self._over.set()
        if self._keeper is not None:
            self._keeper.join()
        self.children.close()

    # -- looking after it ----------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """The server, whatever asks for Prefect first; and the thread that looks after it and the workers."""
        if self._server is None:
            self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._port = self._same_port()
            own = {
                **dict.fromkeys(_AUTH, self._auth),
                "PREFECT_SERVER_UI_API_URL": f"http://{LOOPBACK}:{self._port}/api",
            }
            self._server = self.children.start(
                "prefect server",
                [*PREFECT, "server", "start", "--host", LOOPBACK, "--port", str(self._port)],
                env={**surroundings(self.home), **own},
                log=self.home / "server.log",
                cwd=self.home,
            )
        if self._keeper is None:
            self._keeper = threading.Thread(target=self._look_after, name="prefect", daemon=True)
            self._keeper.start()

    def _look_after(self) -> None:
        while not self._over.wait(_LOOK_SECONDS):
            well = answers(self._port, "/api/health")
            with self._lock:
                self._well = well
                if self._server is not None and not self._server.alive:
                    self._server, self._well = None, False
                    self._begin()
                workers = list(self._kept.items()) if self._well else []
            for where, kept in workers:
                if kept.child is None or not kept.child.alive:
                    with self._lock:
                        if self._kept.get(where) is kept:
                            kept.child = self._worker(where, kept)
                kept.well = answers(kept.port, "/health")

    def _worker(self, where: str, kept: _Kept) -> SupervisedProcess:
        """A worker runs flows as processes of this machine, whatever kind of pods it would make in its cluster."""
        words = list(kept.container.command[1:])
        if "--type" in words:
            del words[words.index("--type") : words.index("--type") + 2]
        more = {"PREFECT_WORKER_WEBSERVER_PORT": str(kept.port), "PREFECT_WORKER_QUERY_SECONDS": "1"}
        return self.children.start(
            f"prefect worker {digest(where)}",
            [*PREFECT, *words, "--type", "process"],
            env={**self._environment(kept.container, self.home), **more},
            log=self._log_of(where),
            cwd=self.home,
        )

    def _environment(self, container: Container, home: Path) -> dict[str, str]:
        """Settings of a container, those apart that lead out of this machine; and the way to the server here."""
        plain = {name: value for name, value in container.settings.items() if not name.startswith(_ELSEWHERE)}
        auth = dict.fromkeys(_AUTH, self._auth)
        return {**plain, **surroundings(home), **auth, "PREFECT_API_URL": f"http://{LOOPBACK}:{self._port}/api"}

    def _same_port(self) -> int:
        """The port of an earlier life if it is free, so that what was told stays true."""
        file = self.home / "port"
        with contextlib.suppress(OSError, ValueError):
            port = int(file.read_text(encoding="ascii"))
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((LOOPBACK, port))
            return port
        port = free_port()
        file.write_text(str(port), encoding="ascii")
        return port

    # -- how jobs ended, kept beside the state -------------------------------------------------------------------

    def _log_of(self, where: str) -> Path:
        return self.home / f"{digest(where)}.log"

    def _mark(self, where: str, word: str) -> None:
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.home / f"{digest(where)}.job").write_text(word, encoding="ascii")

    def _marked(self, where: str) -> str | None:
        with contextlib.suppress(OSError):
            return (self.home / f"{digest(where)}.job").read_text(encoding="ascii")
        return None
