"""The Prefect server of a cluster, as a real process: it speaks TLS only, and its clients trust its certificate."""

import ssl
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import OK, UNAUTHORIZED, HTTPSConnection
from pathlib import Path

import pytest
from pydantic import SecretStr

from bicep.reporter.reporter import prefect_headers, request_json
from installer.emulator.prefect.local import LOOPBACK, free_port, process_environment
from installer.estate.parameters import PLACEHOLDER_OUTPUTS
from installer.estate.parameters.context import Installation
from installer.estate.parameters.jobs import works
from installer.estate.parameters.kubernetes import jobs, prefect
from installer.estate.parameters.kubernetes.objects import Home
from installer.estate.parameters.prefect_server import LIVE_PATH, READY_PATH
from installer.prefect_setup.rest import Api, ask
from installer.steps.server_certificates import key_and_certificate
from tests.bicep.answers_variants import answers
from tests.prefect_setup.manifest_process import container_of, environment_of, start
from tests.processes import until

AUTH = "flowforge:password"
READ_POOLS = """
import asyncio
from prefect.client.orchestration import get_client
async def main():
    async with get_client() as client:
        print(len(await client.read_work_pools()))
asyncio.run(main())
"""


@dataclass
class Server:
    """A running server: its port and the file of its certificate."""

    port: int
    certificate: Path
    home: Path

    def api(self, scheme: str, certificates: str) -> Api:
        """The API as a client with these settings sees it."""
        return Api(f"{scheme}://{LOOPBACK}:{self.port}/api", SecretStr(AUTH), "", certificates=certificates)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    directory, port = tmp_path_factory.mktemp("tls"), free_port()
    key, certificate = key_and_certificate(["prefect-server.flowforge-dev.svc", LOOPBACK])
    own = {"4200": str(port)}
    for name, content in {"prefect-tls-key": key, "prefect-certificate": certificate}.items():
        (directory / name).write_text(content, encoding="ascii")
        own[f"/mnt/kept/{name}"] = str(directory / name)
    it = Installation(answers("dev"))
    home = Home(it, it.site("dev"), PLACEHOLDER_OUTPUTS)
    (upgrade,) = [one for one in works(it, home.site, home.outputs) if one.name == "upgrade"]
    manifests = [*prefect.server(home), *jobs.job(home, upgrade)]
    database = {"PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{directory}/prefect.db"}
    ui = {
        "PREFECT_SERVER_UI_API_URL": f"https://{LOOPBACK}:{port}/api",
        "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(directory / "ui"),
    }

    def started(name: str, local: dict[str, str]) -> "subprocess.Popen[bytes]":
        container = container_of(manifests, name)
        environment = environment_of(container, directory, vault={"prefect-auth": AUTH}, local=local)
        with (directory / f"{name}.log").open("wb") as log:
            return start(container, environment, log, own)

    assert started("flowforge-upgrade", database).wait(180) == 0
    process = started("prefect-server", database | ui)
    found = Server(port, directory / "prefect-certificate", directory)
    api = found.api("https", str(found.certificate))

    def healthy() -> bool:
        answer = ask(api, "GET", "/health")
        return answer is not None and answer.status == 200

    try:
        until(healthy, "the server is healthy", 180.0)
        yield found
    finally:
        process.terminate()
        process.wait(30)


def fetched(server: Server, path: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], str]:
    """Status, headers with names in lower case, and body of a response."""
    trust = ssl.create_default_context(cafile=str(server.certificate))
    connection = HTTPSConnection(LOOPBACK, server.port, timeout=30, context=trust)
    connection.request("GET", path, headers=headers or {})
    answer = connection.getresponse()
    body = answer.read().decode("utf-8", "replace")
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body


def test_its_probes_are_answered_without_a_credential(server: Server) -> None:
    assert fetched(server, LIVE_PATH)[0] == OK
    assert fetched(server, READY_PATH)[0] == OK


def test_browsers_get_the_ui_from_the_folder_that_is_writable(server: Server) -> None:
    status, headers, body = fetched(server, "/dashboard", {"Accept": "text/html"})
    while status in {301, 302, 307}:
        status, headers, body = fetched(server, headers["location"], {"Accept": "text/html"})
    assert status == OK
    assert "<html" in body
    assert {one.name for one in (server.home / "ui").iterdir() if one.is_dir()} == {"v1", "v2"}
    settings = fetched(server, "/ui-settings")[2]
    assert f"https://{LOOPBACK}:{server.port}/api" in settings


def test_no_browser_sends_a_credential_by_itself(server: Server) -> None:
    """So there is nothing that CSRF protection, which is off, would protect."""
    status, headers, _ = fetched(server, "/api/work_pools/any")
    assert status == UNAUTHORIZED
    assert headers.keys().isdisjoint({"www-authenticate", "set-cookie"})
    basic = "Basic " + b64encode(AUTH.encode()).decode()
    status, headers, _ = fetched(server, "/api/admin/version", {"Authorization": basic})
    assert status == OK
    assert "set-cookie" not in headers


def test_only_clients_that_trust_the_certificate_are_served(server: Server) -> None:
    assert ask(server.api("https", ""), "GET", "/health") is None
    plain = ask(server.api("http", ""), "GET", "/health")
    assert plain is None or plain.status != 200


def test_the_reporter_reads_runs(server: Server) -> None:
    url = f"https://{LOOPBACK}:{server.port}/api/flow_runs/filter"
    headers = prefect_headers({"PREFECT_API_AUTH_STRING": AUTH})
    assert request_json(url, b"{}", headers, str(server.certificate)) == []
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        request_json(url, b"{}", headers)


def test_workers_and_flow_runs_use_the_settings_of_their_pods(server: Server) -> None:
    it = Installation(answers("dev"))
    settings = prefect.client_settings(Home(it, it.site("dev"), PLACEHOLDER_OUTPUTS))
    assert set(settings) == {"PREFECT_API_URL", "PREFECT_API_SSL_CERT_FILE"}
    environment = {
        **process_environment(server.home),
        "PREFECT_API_AUTH_STRING": AUTH,
        "PREFECT_API_URL": f"https://{LOOPBACK}:{server.port}/api",
        "PREFECT_API_SSL_CERT_FILE": str(server.certificate),
    }
    read = subprocess.run(
        [sys.executable, "-c", READ_POOLS], env=environment, capture_output=True, text=True, check=True, timeout=120
    )
    assert read.stdout.strip() == "0"
