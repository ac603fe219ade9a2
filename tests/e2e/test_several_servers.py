"""Several Prefect servers in a rehearsal, as deployed: TLS, Redis, a balancer; they survive a restart and killed processes."""

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from ruamel.yaml import YAML

from installer.cloud import emulator_process
from installer.emulator.prefect.local import answers
from installer.emulator.redis.server import NoRedisError, find_program
from installer.estate.parameters.prefect_server import READY_PATH, SERVICES_REPLICAS
from installer.json_access import objects_of
from installer.prefect_setup.acceptance import prove
from installer.prefect_setup.rest import Api, ask, request_with_retries
from tests.bicep.stage_requests import at
from tests.e2e.conftest import ANSWERS, SPEED, run
from tests.keyrings import FILE, FileKeyring, using
from tests.processes import PROC, command_lines, pause, until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.long,
    pytest.mark.skipif(not PROC.exists(), reason="reads processes from /proc"),
]
LONG: Final = 600.0
"""Seconds that many first starts may take on a busy machine."""
RUNTIMES: Final = {"aks": 3, "container_apps": 2}
"""Prefect servers by runtime."""
PROXY: Final = ("HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE")


@dataclass
class Estate:
    """A rehearsed environment whose processes run.

    Attributes:
        state: State directory of the embedded Azure.
        servers: Number of Prefect servers.
        shown: Output of the rehearsal.

    """

    state: Path
    servers: int
    shown: str

    def processes(self, *words: str) -> list[int]:
        """Processes of this rehearsal with these words in their command line, without their guards."""
        found = command_lines()
        own = str(self.state).encode()
        return [
            pid
            for pid, line in found.items()
            if all(word in line for word in words) and "process_guard" not in line and own in _environment_of(pid)
        ]

    @property
    def web_servers(self) -> list[int]:
        """Processes of the web servers."""
        return self.processes("prefect.server.api.server:create_app") or self.processes("prefect server start --host")

    @property
    def services(self) -> list[int]:
        """Processes of background services."""
        return self.processes("prefect", "server", "services", "start")

    @property
    def redis(self) -> list[int]:
        """Processes of Redis, whose environment has no path."""
        (note,) = self.state.glob("redis/*/sockets.path")
        return [pid for pid, line in command_lines().items() if f"unixsocket:{note.read_text('utf-8')}" in line]

    def settings_of_worker(self) -> dict[str, str]:
        """Environment of the worker, which is that of a client in the network."""
        (worker,) = self.processes("prefect", "worker", "start")
        parts = _environment_of(worker).decode().split("\0")
        return dict(part.split("=", 1) for part in parts if "=" in part)

    def complete(self) -> bool:
        """Whether every process of the manifests runs."""
        worker = self.processes("prefect", "worker", "start")
        return (len(self.web_servers), len(self.services), len(worker)) == (self.servers, SERVICES_REPLICAS, 1)

    def ready(self) -> bool:
        """Whether every process runs, and every web server responds."""
        lines = command_lines()
        ports = [int(lines[pid].partition("--port ")[2].split()[0]) for pid in self.web_servers if pid in lines]
        ends_tls = "--ssl-certfile" in "".join(lines[pid] for pid in self.web_servers if pid in lines)
        return self.complete() and all(answers(port, READY_PATH, tls=ends_tls) for port in ports)


def _environment_of(pid: int) -> bytes:
    try:
        return (PROC / str(pid) / "environ").read_bytes()
    except OSError:
        return b""


@pytest.fixture(scope="module", params=RUNTIMES)
def estate(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """A rehearsal to its end; then its embedded Azure is started again."""
    try:
        find_program()
    except NoRedisError as problem:
        pytest.skip(str(problem))
    home = tmp_path_factory.mktemp(request.param)
    document = YAML().load((ANSWERS / "dev.yaml").read_text("utf-8"))
    document["platform"] = {"runtime": request.param, "prefect_servers": RUNTIMES[request.param]}
    with (home / "answers.yaml").open("w", encoding="utf-8") as file:
        YAML().dump(document, file)
    keyring = {"PYTHON_KEYRING_BACKEND": "tests.keyrings.FileKeyring", FILE: str(home / "keyring")}
    where = ["--answers", str(home / "answers.yaml"), "--state-dir", str(home / "state")]
    ended = run("rehearse", *where, "--yes", "--speed", SPEED, more=keyring, patience=2 * LONG)
    assert ended.code == 0, ended
    (state,) = (home / "state" / "rehearsals").iterdir()
    emulator_process._vault_key.cache_clear()
    with using(FileKeyring(home / "keyring")):
        rehearsal = emulator_process.start(state, speed=float(SPEED))
    try:
        yield Estate(state, RUNTIMES[request.param], ended.out)
    finally:
        rehearsal.stop()
        emulator_process._vault_key.cache_clear()


@pytest.fixture
def api(estate: Estate, monkeypatch: pytest.MonkeyPatch) -> Api:
    """The API as the worker reaches it, once all processes run again after the restart."""
    until(estate.ready, "every server, service and worker runs", LONG)
    settings = estate.settings_of_worker()
    for name in PROXY:
        monkeypatch.setenv(name, settings[name])
    found = Api.of(settings)
    until(lambda: (answer := ask(found, "GET", "/ready")) is not None and answer.status == 200, "it responds", LONG)
    return found


def test_the_rehearsal_ran_a_flow_and_says_what_is_left(estate: Estate) -> None:
    assert "Prefect run in dev COMPLETED" in estate.shown
    assert (
        "Not proved by this rehearsal: the version, the size and the high availability of Managed Redis" in estate.shown
    )
    assert "replaced one after the other" in estate.shown
    assert "one process replaces them" not in estate.shown
    (stored,) = [file.read_bytes() for file in estate.state.glob("redis/*/appendonly.aof")]
    for stream in (b"events", b"prefect:stream"):
        assert stream in stored, "events, and the tasks of background services"


def test_clients_keep_the_address_of_azure_and_verify_its_name(estate: Estate, api: Api) -> None:
    assert api.url.startswith("https://")
    assert "127.0.0.1" not in api.url
    settings = estate.settings_of_worker()
    untrusting = Api(api.url, api.auth, "", certificates=str(estate.state / "ca.pem"))
    assert ask(untrusting, "GET", "/ready") is None
    assert ("PREFECT_API_SSL_CERT_FILE" in settings) == bool(api.certificates)


def test_a_killed_replica_comes_back_while_clients_go_on(estate: Estate, api: Api) -> None:
    before = set(estate.web_servers)
    os.kill(min(before), signal.SIGKILL)
    for _ in range(2 * estate.servers):
        found = request_with_retries(api, "POST", "/work_pools/filter", {}, what="the work pools", pause=pause)
        assert [at(one, "name") for one in objects_of(found)] == ["flowforge-dev"]
    until(lambda: len(set(estate.web_servers) - before) == 1, "another one runs", LONG)
    until(estate.ready, "every process runs", LONG)


def test_a_worker_runs_a_flow_after_a_kill_of_redis(estate: Estate, api: Api) -> None:
    before = estate.redis
    assert len(before) == 1
    os.kill(before[0], signal.SIGKILL)
    proof = prove(api, "dev", "after-redis", emit=lambda _change: None, pause=pause)
    assert proof.state == "COMPLETED"
    until(lambda: len(estate.redis) == 1 and estate.redis != before, "Redis runs again", LONG)
    until(estate.ready, "every process runs", LONG)
