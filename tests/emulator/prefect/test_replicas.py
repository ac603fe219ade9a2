"""Replicas of the manifests as processes, and the one process that replaces them where a machine cannot run what they share."""

import asyncio
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from installer.emulator.prefect.local_program import AS_ONE_PROCESS, REDIS_URLS
from installer.emulator.prefect.processes import Processes
from installer.emulator.prefect.supervisor import SupervisedProcess, Supervisor
from installer.emulator.providers.kubernetes.workloads import Container, LocalAddress
from tests.processes import until

NAME: Final = "prefect-server.flowforge-dev.svc"
SERVER: Final = Container(
    "prefect",
    ("python", "-m", "uvicorn", "prefect.server.api.server:create_app", "--host", "::", "--port", "4200"),
    {"PREFECT__SERVER_WEBSERVER_ONLY": "1", "PREFECT_SERVER_UI_API_URL": f"https://{NAME}:4200/api"},
    names=(NAME,),
    port=4200,
    replicas=3,
)
SHARING: Final = replace(SERVER, secrets=dict.fromkeys(REDIS_URLS, "kv/prefect-redis-url/1"))
SERVICES: Final = Container("prefect", ("prefect", "server", "services", "start"), secrets=SHARING.secrets, replicas=2)


class Recording(Supervisor):
    """Notes what would be started, and starts a process that only waits."""

    def __init__(self) -> None:
        super().__init__()
        self.started: list[tuple[list[str], dict[str, str]]] = []

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        log: Path,
        cwd: Path | None = None,
        user: int | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> SupervisedProcess:
        """Note it."""
        self.started.append((list(command), dict(env)))
        waits = [sys.executable, "-c", "import time; time.sleep(600)"]
        return super().start(name, waits, env=env, log=log, cwd=cwd, user=user, stop_signal=stop_signal)

    def ports(self) -> set[str]:
        """Ports of the servers."""
        return {command[command.index("--port") + 1] for command, _ in self.started}

    def apis(self) -> set[str]:
        """URL of the API for browsers, of each server."""
        return {env["PREFECT_SERVER_UI_API_URL"] for _, env in self.started}


@contextmanager
def recorded(home: Path) -> Iterator[tuple[Processes, Recording]]:
    """Processes of a session that only wait."""
    children = Recording()
    with Processes(home, children=children) as processes:
        yield processes, children


def test_every_replica_is_a_process_at_one_address(tmp_path: Path) -> None:
    async def story() -> None:
        with recorded(tmp_path) as (processes, children):
            processes.keep("/server", SERVER)
            await asyncio.to_thread(until, lambda: len(children.started) == 3, "three have started")
            (api,) = children.apis()
            address = processes.at(NAME.upper(), 4200)
            assert address is not None
            assert api == f"http://127.0.0.1:{address.port}/api"
            assert len(children.ports()) == 3
            assert str(address.port) not in children.ports(), "the balancer has it"
            assert len({env["PREFECT_HOME"] for _, env in children.started}) == 3
            assert processes.at(NAME, 443) is None
            assert processes.ready_replicas("/server", 3) == 0, "none responds"
            assert "replaced one after the other" in "".join(processes.assumptions())
            processes.end("/server")
            assert processes.at(NAME, 4200) is None

    asyncio.run(story())


def test_without_what_they_share_one_process_replaces_all_of_them(tmp_path: Path) -> None:
    with recorded(tmp_path) as (processes, children):
        processes.keep("/server", SHARING)
        processes.keep("/services", SERVICES)
        until(lambda: len(children.started) == 1, "it has started")
        (command, env) = children.started[0]
        assert "--port" in command
        assert env.keys().isdisjoint(AS_ONE_PROCESS)
        assert processes.at(NAME, 4200) == LocalAddress(int(command[command.index("--port") + 1]), ends_tls=False)
        assert processes.ready_replicas("/services", 2) == 0, "the server has them, and does not respond"
        assert processes.assumptions() == [
            "Redis, and Prefect servers that share it: on this machine one process replaces them (PostgreSQL does not run)"
        ]


def test_one_worker_does_the_work_of_several_and_waits_for_its_server(tmp_path: Path) -> None:
    url = f"https://{NAME}:4200/api"
    worker = Container("prefect", ("prefect", "worker", "start"), {"PREFECT_API_URL": url}, replicas=2)
    with recorded(tmp_path) as (processes, children):
        processes.keep("/worker", worker)
        processes.keep("/server", replace(SERVER, replicas=1))
        until(lambda: len(children.started) == 1, "the server has started")
        assert "uvicorn" in children.started[0][0]
        assert "one process replaces them" in "".join(processes.assumptions())
