"""Several Prefect servers, as real processes: web servers and background services share a Redis that asks for a key.

Their commands, settings and secrets are those of the manifests. Replaced are the database (SQLite), the Redis (without TLS),
and addresses.
"""

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from http.client import OK
from pathlib import Path
from typing import Final

import pytest
from pydantic import SecretStr

from installer.emulator.prefect.local import LOOPBACK, free_port
from installer.emulator.redis.server import NoRedisError, find_program
from installer.estate.parameters import PLACEHOLDER_OUTPUTS
from installer.estate.parameters.context import Installation
from installer.estate.parameters.jobs import works
from installer.estate.parameters.kubernetes import jobs, prefect
from installer.estate.parameters.kubernetes.objects import Home
from installer.estate.parameters.prefect_server import SERVICES_REPLICAS
from installer.jsontypes import Json
from installer.prefect_setup.rest import Api, ask, request_with_retries
from installer.steps.server_certificates import key_and_certificate
from tests.bicep.answers_variants import answers
from tests.bicep.stage_requests import at
from tests.prefect_setup.manifest_process import container_of, environment_of, start
from tests.processes import pause, until

AUTH: Final = "flowforge:password"
CERTIFICATE: Final = "/mnt/kept/prefect-certificate"
KEY: Final = "key-of+redis/="
"""As keys of Azure are: with characters that a URL has to escape."""


@dataclass
class Servers:
    """Two servers with one database and one Redis."""

    first: Api
    second: Api
    home: Path


def post(api: Api, path: str, body: Json) -> Json:
    """Body of the response to a request that has to succeed, once its database is not busy: SQLite is."""
    return request_with_retries(api, "POST", path, body, what=path, pause=pause)


def get(api: Api, path: str) -> Json:
    """Body of the response to a request that has to succeed."""
    return request_with_retries(api, "GET", path, what=path, pause=pause)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    try:
        redis_program = find_program()
    except NoRedisError as problem:
        pytest.skip(str(problem))
    home = tmp_path_factory.mktemp("several")
    it = Installation(answers("dev", platform={"prefect_servers": 2}))
    at_dev = Home(it, it.site("dev"), PLACEHOLDER_OUTPUTS)
    (upgrade,) = [one for one in works(it, at_dev.site, at_dev.outputs) if one.name == "upgrade"]
    manifests = [*prefect.server(at_dev), *jobs.job(at_dev, upgrade)]
    key, certificate = key_and_certificate([LOOPBACK])
    files = {"/mnt/kept/prefect-tls-key": key, CERTIFICATE: certificate}
    own = {}
    for path, content in files.items():
        own[path] = str(home / Path(path).name)
        Path(own[path]).write_text(content, encoding="ascii")
    redis_port = free_port()
    url = f"redis://:{KEY.replace('+', '%2B').replace('/', '%2F').replace('=', '%3D')}@{LOOPBACK}:{redis_port}/0"
    vault = {"prefect-auth": AUTH, "prefect-redis-url": url}
    database = {"PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{home}/prefect.db"}
    ports = [free_port(), free_port()]
    with ExitStack() as stack:

        def started(name: str, number: int = 0, **more: str) -> "subprocess.Popen[bytes]":
            container = container_of(manifests, name)
            folder = home / f"{name}-{number}"
            folder.mkdir()
            environment = environment_of(container, folder, vault=vault, local={**database, **more})
            log = stack.enter_context((folder / "log").open("wb"))
            process = start(container, environment, log, {**own, "4200": str(ports[number])})
            stack.callback(process.wait, 60)
            stack.callback(process.terminate)
            return process

        redis = subprocess.Popen(
            [redis_program, "--port", str(redis_port), "--bind", LOOPBACK, "--requirepass", KEY],
            stdout=subprocess.DEVNULL,
            cwd=home,
        )
        stack.callback(redis.wait, 30)
        stack.callback(redis.terminate)
        assert started("flowforge-upgrade").wait(180) == 0
        with closing(sqlite3.connect(home / "prefect.db")) as connection:
            # Servers that start at the same time on a database without block types end with UniqueViolation.
            (count,) = connection.execute("SELECT count(*) FROM block_type").fetchone()
        assert count > 20
        apis = []
        for number, port in enumerate(ports):
            local = {
                "PREFECT_SERVER_UI_API_URL": f"https://{LOOPBACK}:{port}/api",
                "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(home / f"ui-{number}"),
            }
            server = started("prefect-server", number, **local)
            api = Api(f"https://{LOOPBACK}:{port}/api", SecretStr(AUTH), "", certificates=own[CERTIFICATE])
            # One after the other: at their start they write block types, and SQLite has one writer.
            until(partial(ready, api, server), "the server is ready", 180.0)
            apis.append(api)
        for number in range(SERVICES_REPLICAS):
            started("prefect-services", number)
        yield Servers(apis[0], apis[1], home)


def ready(api: Api, process: "subprocess.Popen[bytes]") -> bool:
    """Whether a server reports that its database answers, without a credential."""
    assert process.poll() is None, "the server has ended"
    answer = ask(api, "GET", "/ready", authorised=False)
    return answer is not None and answer.status == OK


def test_an_event_of_one_server_reaches_an_automation_made_on_the_other(servers: Servers) -> None:
    post(servers.first, "/work_pools/", {"name": "several", "type": "process"})
    pool = get(servers.first, "/work_pools/several")
    trigger: Json = {
        "type": "event",
        "posture": "Reactive",
        "expect": ["prefect.flow-run.Completed"],
        "threshold": 1,
        "within": 0,
    }
    action: Json = {"type": "pause-work-pool", "source": "selected", "work_pool_id": at(pool, "id")}
    post(servers.first, "/automations/", {"name": "pause", "trigger": trigger, "actions": [action]})
    flow = post(servers.second, "/flows/", {"name": "one"})

    def finished() -> bool:
        """A run ends on the second server; automations are loaded within seconds, so several have to."""
        run = post(servers.second, "/flow_runs/", {"flow_id": at(flow, "id"), "state": {"type": "RUNNING"}})
        post(servers.second, f"/flow_runs/{at(run, 'id')}/set_state", {"state": {"type": "COMPLETED"}, "force": True})
        pause(1.0)
        found = get(servers.first, "/work_pools/several")
        return at(found, "is_paused") is True

    until(finished, "the automation paused the work pool", 120.0)


def test_a_background_service_marks_a_late_run(servers: Servers) -> None:
    flow = post(servers.first, "/flows/", {"name": "late"})
    state: Json = {"type": "SCHEDULED", "state_details": {"scheduled_time": "2026-01-01T00:00:00Z"}}
    run = post(servers.first, "/flow_runs/", {"flow_id": at(flow, "id"), "state": state})

    def late() -> bool:
        found = get(servers.second, f"/flow_runs/{at(run, 'id')}")
        return at(found, "state", "name") == "Late"

    until(late, "the run is late", 120.0)


def test_no_process_looks_for_another_redis(servers: Servers) -> None:
    logs = {file.parent.name: file.read_text(encoding="utf-8") for file in servers.home.glob("*/log")}
    assert len(logs) == 5
    assert [name for name, log in logs.items() if "redis.exceptions" in log] == []


def test_a_lease_of_one_server_is_known_to_the_other(servers: Servers) -> None:
    post(servers.first, "/v2/concurrency_limits/", {"name": "one", "limit": 1})
    taken = post(servers.first, "/v2/concurrency_limits/increment-with-lease", {"names": ["one"], "slots": 1})
    path = f"/v2/concurrency_limits/leases/{at(taken, 'lease_id')}/renew"
    post(servers.second, path, {"lease_duration": 60})
    post(servers.second, "/v2/concurrency_limits/decrement-with-lease", {"lease_id": at(taken, "lease_id")})
    again = ask(servers.first, "POST", "/v2/concurrency_limits/increment-with-lease", {"names": ["one"], "slots": 1})
    assert again is not None
    assert again.status == OK
