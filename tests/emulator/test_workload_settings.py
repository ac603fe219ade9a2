"""Local processes get the settings of their containers, and beside them only what has to differ on this machine."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from installer.emulator.postgresql import binaries, servers
from installer.emulator.postgresql.binaries import Binaries, NoPostgresError
from installer.emulator.postgresql.cluster import Cluster
from installer.emulator.postgresql.servers import LocalServer, LocalServers
from installer.emulator.postgresql.sign_in import audience_of
from installer.emulator.postgresql.wire import Refusal
from installer.emulator.prefect.processes import Processes
from installer.emulator.prefect.supervisor import Supervisor
from installer.emulator.providers.kubernetes.workloads import Container, Ended, ServiceAccount, hosted_by
from installer.emulator.state.resources import Resource
from installer.emulator.temporary_folder import temporary_folder
from installer.emulator.workload_settings import WorkloadSettings
from tests.emulator.asgi_client import Local, local
from tests.emulator.in_memory import run

ACCOUNT: Final = ServiceAccount("https://issuer.example", "system:serviceaccount:ns:web", "client-1")
DATABASE: Final = {"FLOWFORGE_DATABASE_HOST": "x.postgres.database.azure.com", "FLOWFORGE_DATABASE_AUDIENCE": "a"}


@pytest.fixture
def it(tmp_path: Path) -> Local:
    return local(tmp_path)


def settings_of(it: Local, tmp_path: Path) -> WorkloadSettings:
    found = LocalServers(tmp_path / "postgresql", it.emulator, it.azure.identity, (tmp_path / "c", tmp_path / "k"))
    return WorkloadSettings(
        "https://127.0.0.1:1", tmp_path / "ca.pem", "tenant", it.azure.identity, tmp_path / "tokens", found
    )


@pytest.fixture
def without(it: Local, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkloadSettings]:
    """On a machine where PostgreSQL does not run."""

    def refuse() -> None:
        raise NoPostgresError("there is no wheel")

    monkeypatch.setattr(servers, "find_binaries", refuse)
    with settings_of(it, tmp_path) as settings:
        yield settings


def test_a_container_without_identity_and_database_gets_nothing(without: WorkloadSettings) -> None:
    assert without.of("/jobs/one", Container("x", ("python",))) == {}


def test_a_pod_gets_what_the_webhook_of_workload_identity_injects(it: Local, tmp_path: Path) -> None:
    settings = settings_of(it, tmp_path)
    given = settings.of("/jobs/one", Container("x", ("python",), account=ACCOUNT))
    assert {**given, "AZURE_FEDERATED_TOKEN_FILE": ""} == {
        "AZURE_AUTHORITY_HOST": "https://127.0.0.1:1",
        "AZURE_CLIENT_ID": "client-1",
        "AZURE_FEDERATED_TOKEN_FILE": "",
        "AZURE_TENANT_ID": "tenant",
        "SSL_CERT_FILE": str(tmp_path / "ca.pem"),
        "REQUESTS_CA_BUNDLE": str(tmp_path / "ca.pem"),
    }
    file = Path(given["AZURE_FEDERATED_TOKEN_FILE"])
    assert file.stat().st_mode & 0o777 == 0o600
    claims = it.azure.identity.unexpired(file.read_text(encoding="ascii"))
    assert claims is not None
    assert (claims["iss"], claims["sub"]) == (ACCOUNT.issuer, ACCOUNT.subject)


def test_a_container_app_gets_an_endpoint_for_its_identities(it: Local, tmp_path: Path) -> None:
    given = settings_of(it, tmp_path).of("/jobs/one", Container("x", ("python",), identities=("/id",)))
    assert given["IDENTITY_ENDPOINT"] == "https://127.0.0.1:1/msi/token"
    header = it.azure.identity.unexpired(given["IDENTITY_HEADER"])
    assert header is not None
    assert header["identities"] == ["/id"]


def test_no_token_outlives_the_server(without: WorkloadSettings) -> None:
    with without:
        without.of("/jobs/one", Container("x", ("python",), account=ACCOUNT))
        assert list(without.home.iterdir())
    assert not without.home.exists()


def test_without_postgresql_its_program_is_assumed_to_succeed_and_listed(
    without: WorkloadSettings, it: Local, tmp_path: Path
) -> None:
    program = Container("x", ("python", "-c", "raise SystemExit(1)"), DATABASE)
    with Processes(tmp_path / "prefect", without) as processes, hosted_by(processes):
        processes.run("/jobs/one", program)
        assert processes.outcome("/jobs/one", over=True) == Ended(0)

        async def story() -> None:
            listed = (await it.ask("GET", "/rehearsal/assumptions")).json["value"]
            assert "there is no wheel" in str(listed)

        run(story())


def test_a_cluster_that_does_not_start_is_tried_once(
    it: Local, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise NoPostgresError("initdb failed")

    settings = settings_of(it, tmp_path)
    monkeypatch.setattr(Cluster, "ensure", fail)
    where = "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/x"
    it.emulator.resources.save(Resource(where, servers.SERVER_TYPE, "x", "v", "Succeeded", 0, 0))
    cluster = Cluster(tmp_path, Binaries(tmp_path), Supervisor())
    server = LocalServer(it.emulator, it.azure.identity, where, cluster, settings.servers.give_up)
    token = it.azure.identity.token("t", audience_of("public"), "i")
    refused = asyncio.run(server.admit("id-dbadmin", token))
    assert refused == Refusal("XX000", "the local PostgreSQL of the rehearsal failed: initdb failed")
    assert not settings.can_run(Container("x", ("python",), DATABASE))
    with settings_of(it, tmp_path) as later:
        assert "initdb failed" in later.assumptions()[1]


def test_a_missing_package_is_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "find_spec", lambda _name: None)
    with pytest.raises(NoPostgresError, match="not installed"):
        binaries.find_binaries()


def test_a_temporary_folder_of_a_killed_session_is_removed(tmp_path: Path) -> None:
    first = temporary_folder(tmp_path, "sockets")
    second = temporary_folder(tmp_path, "sockets")
    assert not first.exists()
    assert second.stat().st_mode & 0o777 == 0o700
    second.rmdir()
