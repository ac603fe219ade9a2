"""The Prefect server of a cluster, as a real process: it speaks TLS only, and its clients trust its certificate."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from bicep.reporter.reporter import prefect_headers, request_json
from installer.emulator.prefect.local import LOOPBACK, free_port, process_environment
from installer.estate.parameters import PLACEHOLDER_OUTPUTS
from installer.estate.parameters.context import Installation
from installer.estate.parameters.kubernetes import prefect
from installer.estate.parameters.kubernetes.objects import Home
from installer.prefect_setup.rest import Api, ask
from installer.steps.server_certificates import key_and_certificate
from tests.bicep.answers_variants import answers
from tests.bicep.stage_requests import at
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


def command(directory: Path, port: int) -> list[str]:
    """The command of the server's pod, with files and port of this machine."""
    it = Installation(answers("dev"))
    manifests = prefect.server(Home(it, it.site("dev"), PLACEHOLDER_OUTPUTS))
    (deployment,) = [one for one in manifests if one["kind"] == "Deployment"]
    words = at(deployment, "spec", "template", "spec", "containers", 0, "command")
    assert isinstance(words, list)
    own = {"python": sys.executable, "0.0.0.0": LOOPBACK, "4200": str(port)}  # noqa: S104  replaced
    return [own.get(str(word), str(word).replace("/mnt/kept", str(directory))) for word in words]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    directory, port = tmp_path_factory.mktemp("tls"), free_port()
    key, certificate = key_and_certificate(["prefect-server.flowforge-dev.svc", LOOPBACK])
    (directory / "prefect-tls-key").write_text(key, encoding="ascii")
    (directory / "prefect-certificate").write_text(certificate, encoding="ascii")
    environment = {
        **process_environment(directory),
        "PREFECT__SERVER_FINAL": "1",
        "PREFECT_SERVER_API_AUTH_STRING": AUTH,
    }
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(command(directory, port), env=environment, stdout=log, stderr=log, cwd=directory)
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
