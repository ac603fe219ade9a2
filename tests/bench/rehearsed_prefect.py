"""Prefect of a rehearsed installation while it runs: real PostgreSQL, and the commands and settings of its apps.

The embedded Azure runs one process for an app, so that further replicas of the worker are started here, with its own
command and environment.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import CREATED, OK, UNAUTHORIZED
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Final

from installer.answers.files import load
from installer.cli.commands.rotate import begin_rotation
from installer.emulator.prefect.local import free_port
from installer.errors import PrefectFailed
from installer.json_access import as_text, objects_of
from installer.jsontypes import Json
from installer.prefect_setup.rest import Api, Method, ask, request_with_retries
from installer.runs.run import Run
from installer.runs.session import Session, TargetOptions
from installer.runs.state_directory import StateDirectory
from tests.homes.matrix import HOMES, SIGN_ON
from tests.homes.processes import Kind, Memory, processes
from tests.processes import PROC, descendants, pause, until

POOL: Final = "flowforge-dev"
LONG: Final = 600.0
_SPEED: Final = 1000.0
_WORKER_PORT: Final = "PREFECT_WORKER_WEBSERVER_PORT"
_REACH: Final = ("HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE")
_PAGE: Final = 200
_ATTEMPTS: Final = 9
"""Each takes a minute at least while the server does not respond (rest.BUSY_TRIES)."""


@dataclass
class RehearsedPrefect:
    """The installation.

    Attributes:
        installation: Name of the run that made it.
        replicas: Workers beside that of the embedded Azure.
        memory: Peaks of the processes.

    """

    session: Session
    installation: str
    replicas: list["Popen[bytes]"] = field(default_factory=list)
    memory: Memory = field(default_factory=Memory)
    _api: Api | None = None

    def pids(self, kind: Kind) -> list[int]:
        """Processes of a kind."""
        return sorted(pid for pid, found in processes(os.getpid()).items() if found == kind)

    @property
    def api(self) -> Api:
        """The API, as the worker calls it."""
        if self._api is None:
            self.read_credential()
        assert self._api is not None
        return self._api

    def read_credential(self) -> None:
        """Read address and credential of the API again."""
        until(lambda: bool(self._worker()), "the worker runs", LONG)
        environment = _environment(self._worker()[0])
        # The names of the rehearsal resolve in its proxy only.
        os.environ.update({name: environment[name] for name in _REACH if name in environment})
        self._api = Api.of(environment)

    def _worker(self) -> list[int]:
        """The worker of the embedded Azure."""
        own = {process.pid for process in self.replicas}
        return [pid for pid in self.pids("worker") if pid not in own and _environment(pid)]

    def start_replicas(self, count: int) -> None:
        """Start further workers, in place of earlier ones."""
        for process in self.replicas:
            process.terminate()
        for process in self.replicas:
            process.wait()
        self.replicas = []
        until(lambda: bool(self._worker()), "the worker runs", LONG)
        self.replicas = [self._replica() for _ in range(count)]

    def replace_ended_replicas(self) -> None:
        """Start replicas again that have ended, as their runtime does."""
        alive = [process for process in self.replicas if process.poll() is None]
        self.replicas = alive + [self._replica() for _ in range(len(self.replicas) - len(alive))]

    def _replica(self) -> "Popen[bytes]":
        """A further worker with command, environment and folder of that of the embedded Azure."""
        original, *_ = self._worker()
        words = (PROC / str(original) / "cmdline").read_text().split("\0")[:-1]
        return Popen(
            words,
            env={**_environment(original), _WORKER_PORT: str(free_port())},
            cwd=(PROC / str(original) / "cwd").readlink(),
            stdin=DEVNULL,
            stdout=DEVNULL,
            stderr=DEVNULL,
        )

    def rotate(self, wait: float) -> None:
        """Rotate the credential as the command does. Raises AssertionError if it fails."""
        self.session.end_run()
        run = begin_rotation(self.session, self.installation, "prefect-auth", "dev", wait)
        _succeeded(run)
        self.read_credential()

    def deployment(self, folder: Path, source: str) -> str:
        """ID of a new deployment; `source`: text of its file, with the flow `quick`."""
        folder.mkdir(parents=True)
        (folder / "quick.py").write_text(source, encoding="utf-8")
        flow = self.post("/flows/", {"name": "quick"})
        assert isinstance(flow, dict)
        made = self.post(
            "/deployments/",
            {
                "name": "quick-dev",
                "flow_id": flow["id"],
                "work_pool_name": POOL,
                "entrypoint": "quick.py:quick",
                "path": str(folder),
                "enforce_parameter_schema": False,
            },
        )
        assert isinstance(made, dict)
        return as_text(made["id"])

    def post(self, path: str, body: Json) -> Json:
        """Body of the response to a request that may be repeated."""
        return self._patiently("POST", path, body)

    def _patiently(self, method: Method, path: str, body: Json = None) -> Json:
        """Body of the response, once a server that was killed responds again."""
        for _ in range(_ATTEMPTS):
            with suppress(PrefectFailed):
                return request_with_retries(self.api, method, path, body, what=path, pause=pause)
        return request_with_retries(self.api, method, path, body, what=path, pause=pause)

    def submit(self, deployment: str, name: str) -> None:
        """Create a flow run as a client that tries again, and reads the credential again when it is refused."""
        body: Json = {"state": {"type": "SCHEDULED"}, "idempotency_key": name, "name": name}
        while True:
            answer = ask(self.api, "POST", f"/deployments/{deployment}/create_flow_run", body)
            if answer is not None and answer.status in {OK, CREATED}:
                return
            assert answer is None or answer.status in {UNAUTHORIZED, 429, 500, 503}, answer
            pause(0.5)
            if answer is not None and answer.status == UNAUTHORIZED:
                self.read_credential()

    def runs(self, deployment: str) -> list[dict[str, Json]]:
        """All flow runs of a deployment."""
        found, offset = list[dict[str, Json]](), 0
        while True:
            body: Json = {
                "deployments": {"id": {"any_": [deployment]}},
                "limit": _PAGE,
                "offset": offset,
                "sort": "ID_DESC",
            }
            page = objects_of(self.post("/flow_runs/filter", body))
            found += page
            if len(page) < _PAGE:
                return found
            offset += _PAGE

    def history(self, run: str) -> list[tuple[str, str]]:
        """Name and message of each state of a run."""
        path = f"/flow_run_states/?flow_run_id={run}"
        states = objects_of(self._patiently("GET", path))
        return [(as_text(one["name"]), as_text(one.get("message"))) for one in states]


def _environment(pid: int) -> dict[str, str]:
    """Environment of a process; empty if it has ended."""
    try:
        pairs = (PROC / str(pid) / "environ").read_text().split("\0")
    except OSError:
        return {}
    return {name: value for name, equals, value in (pair.partition("=") for pair in pairs) if equals}


def _succeeded(run: Run) -> None:
    result = run.wait()
    assert result is not None
    assert result.state == "succeeded", result.failures


@contextmanager
def rehearsed_prefect(home: str, folder: Path, replicas: int) -> Iterator[RehearsedPrefect]:
    """Rehearse a home, and keep it running with so many further workers."""
    loaded = load(HOMES[home].write(folder / "answers.yaml", {"sizing.worker_nodes": replicas + 1}))
    os.environ[SIGN_ON] = "client-secret"
    session = Session(StateDirectory.at(str(folder / "state")), TargetOptions(rehearsal=True, speed=_SPEED))
    found = RehearsedPrefect(session, "")
    try:
        run = session.begin(loaded.answers, loaded.draft, attended=False)
        found.installation = run.name
        _succeeded(run)
        found.start_replicas(replicas)
        yield found
    finally:
        for process in found.replicas:
            for pid in (*descendants(process.pid), process.pid):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait()
        session.close()
