"""A real Prefect server with a worker whose credential is rotated while clients submit flow runs."""

import dataclasses
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.client import CREATED, UNAUTHORIZED
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from installer.emulator.prefect.local import LOOPBACK
from installer.emulator.prefect.processes import Processes
from installer.emulator.providers.kubernetes.workloads import Container
from installer.job_program.changes import Change
from installer.json_access import as_text, objects_of
from installer.jsontypes import Json
from installer.prefect_setup.desired import FlowRunLocation, describe
from installer.prefect_setup.model import Estate
from installer.prefect_setup.payload import COMMAND, drain_settings, resume_settings
from installer.prefect_setup.rest import Api, ask, request_with_retries
from tests.prefect_setup.program_runner import apply
from tests.prefect_setup.sample_answers import answers
from tests.processes import pause, until

LONG: Final = 240.0
_FLOW: Final = """\
from prefect import flow

@flow
def canary(environment: str) -> str:
    return environment
"""


def quick_estate(home: Path) -> Estate:
    """An environment on Container Apps whose canary does nothing."""
    home.mkdir(parents=True)
    (home / "canary.py").write_text(_FLOW, encoding="utf-8")
    (dev,) = describe(answers("dev", runtime="container_apps"), FlowRunLocation.on_azure("image")).environments
    return Estate((dataclasses.replace(dev, flows=str(home)),))


def secret(version: int) -> str:
    """A version of the credential in the key vault."""
    return f"kv/prefect-auth/{version}"


@dataclass
class Rotated:
    """The installation.

    Attributes:
        version: Version of the credential that clients use.

    """

    processes: Processes
    home: Path
    pool: str
    workers: int
    limit: int
    version: int = 1
    url: str = ""

    @property
    def api(self) -> Api:
        """The API with the current credential."""
        self.url = next(iter(self.processes.addresses().values()), self.url)
        return Api(f"{self.url}/api", SecretStr(self.processes.secret(secret(self.version))), self.url)

    def start(self, version: int) -> None:
        """Start the server, or start it again with another credential."""
        command, name = ("prefect", "server", "start"), "PREFECT_SERVER_API_AUTH_STRING"
        self.processes.keep("server", Container("prefect", command, secrets={name: secret(version)}, names=(LOOPBACK,)))
        until(partial(self.responds, "server"), "the server answers", LONG)
        self.version = version

    def start_workers(self) -> None:
        """Start the workers, or start them again with the current credential."""
        words = ("prefect", "worker", "start", "--pool", self.pool, "--limit", str(self.limit), "--with-healthcheck")
        settings = {"PREFECT_API_URL": self.api.url}
        for number in range(self.workers):
            own = {"PREFECT_API_AUTH_STRING": secret(self.version)}
            self.processes.keep(f"worker-{number}", Container("prefect", words, settings, own))
        for number in range(self.workers):
            until(partial(self.responds, f"worker-{number}"), "the worker is well", LONG)

    def responds(self, name: str) -> bool:
        """Whether a process is healthy."""
        return self.processes.ready_replicas(name, 1) == 1

    def program(self, settings: Mapping[str, Json]) -> list[Json]:
        """Lines of the setup program with an order. Raises AssertionError with its error."""
        prefect = {
            "PREFECT_API_URL": self.api.url,
            "PREFECT_API_AUTH_STRING": self.api.auth.get_secret_value(),
            "PREFECT_HOME": str(self.home),
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "FLOWFORGE_"))}
        given = {name: str(value) for name, value in settings.items()}
        done = subprocess.run(
            [sys.executable, *map(str, COMMAND[1:])], env={**kept, **given, **prefect}, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stdout.decode()[-2000:]
        return [json.loads(line) for line in done.stdout.splitlines()]

    def rotate(self, patience: float = LONG) -> None:
        """As the command does: pause and drain, the new credential, start again, resume."""
        self.program(drain_settings(patience, "one"))
        self.start(self.version + 1)
        self.start_workers()
        self.program(resume_settings("one"))

    def submit(self, deployment: str, key: str) -> None:
        """Create a flow run as a client that reads the credential again when it is refused."""
        body: Json = {"state": {"type": "SCHEDULED"}, "idempotency_key": key, "name": key}
        while True:
            answer = ask(self.api, "POST", f"/deployments/{deployment}/create_flow_run", body)
            if answer is not None and answer.status in {200, CREATED}:
                return
            assert answer is None or answer.status in {UNAUTHORIZED, 429, 500, 503}, answer
            pause(0.2)

    def runs(self) -> list[dict[str, Json]]:
        """All flow runs."""
        found, offset = list[dict[str, Json]](), 0
        while True:
            body: Json = {"limit": 200, "offset": offset, "sort": "ID_DESC"}
            page = objects_of(
                request_with_retries(self.api, "POST", "/flow_runs/filter", body, what="runs", pause=pause)
            )
            found += page
            if len(page) < 200:
                return found
            offset += 200

    def history(self, run: str) -> list[str]:
        """Names of the states of a run."""
        path = f"/flow_run_states/?flow_run_id={run}"
        return [
            as_text(one["name"])
            for one in objects_of(request_with_retries(self.api, "GET", path, what=path, pause=pause))
        ]

    def unfinished(self) -> Counter[str]:
        """Number of runs that have not completed by state."""
        return Counter(as_text(one["state_type"]) for one in self.runs() if one["state_type"] != "COMPLETED")


@contextmanager
def rotated(home: Path, estate: Estate, *, workers: int = 1, limit: int = 2) -> Iterator[Rotated]:
    """An environment with its objects and workers."""
    (environment,) = estate.environments
    with Processes(home) as processes:
        found = Rotated(processes, home, environment.pool.name, workers, limit)
        found.start(1)

        def emit(_change: Change) -> None:
            """Nothing."""

        apply(found.api, estate, home=home, emit=emit)
        found.start_workers()
        yield found
