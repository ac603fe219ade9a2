"""A local server continues after a statement that failed, and ends if it cannot run."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from installer.emulator.authorization.tokens import Identity, Principal
from installer.emulator.postgresql.binaries import Binaries, NoPostgresError
from installer.emulator.postgresql.cluster import Cluster, LostServerError, StatementError
from installer.emulator.postgresql.servers import LocalServer
from installer.emulator.postgresql.sign_in import audience_of
from installer.emulator.postgresql.wire import Refusal
from installer.emulator.prefect.supervisor import Supervisor
from installer.emulator.state.resources import Resource
from tests.emulator.asgi_client import local

SERVER = "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/psql-one"
PRINCIPAL = "11111111-0000-0000-0000-000000000001"


@pytest.mark.parametrize(
    ("problem", "ends", "text"),
    [
        (StatementError("a role is reserved"), False, "a role is reserved"),
        (LostServerError("server closed the connection"), False, "the database system is starting up"),
        (NoPostgresError("no disk"), True, "no disk"),
    ],
)
def test_only_a_server_that_cannot_run_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problem: NoPostgresError, *, ends: bool, text: str
) -> None:
    def fail(*_given: object) -> None:
        raise problem

    monkeypatch.setattr(Cluster, "ensure", fail)
    reasons: list[str] = []
    server, token = served(tmp_path, reasons.append)
    refused = asyncio.run(server.admit("id-web", token))
    assert isinstance(refused, Refusal)
    assert text in refused.text
    assert reasons == ([str(problem)] if ends else [])


def served(folder: Path, give_up: Callable[[str], None]) -> tuple[LocalServer, str]:
    """A server, and a token of an identity."""
    it = local(folder)
    kind = "Microsoft.DBforPostgreSQL/flexibleServers"
    it.emulator.resources.save(
        Resource(
            id=SERVER, type=kind, name="psql-one", api_version="", state="Succeeded", created=0, changed=0, desired={}
        )
    )
    issuer = Identity("c", "s", "o", b"key", it.clock)
    token = issuer.token("t", audience_of("public"), "i", Principal("c1", PRINCIPAL))
    return LocalServer(it.emulator, issuer, SERVER, Cluster(folder, Binaries(folder), Supervisor()), give_up), token


def test_connections_of_a_pool_are_admitted_at_the_same_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    together = threading.Barrier(2, timeout=30)

    def object_of(_cluster: Cluster, _role: str) -> tuple[str, str]:
        together.wait()  # for the question of the other connection
        return PRINCIPAL, "service"

    monkeypatch.setattr(Cluster, "ensure", lambda *_given: None)
    monkeypatch.setattr(Cluster, "object_of", object_of)
    server, token = served(tmp_path, lambda _reason: None)

    async def both() -> list[Refusal | None]:
        return await asyncio.gather(*(server.admit("id-web", token) for _ in range(2)))

    assert asyncio.run(both()) == [None, None]


def test_the_principal_of_a_role_is_read_once_until_it_may_have_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapped = {"id-web": f"{PRINCIPAL}|service"}
    read: list[str] = []

    def psql(_cluster: Cluster, _script: str, _database: str = "postgres", **given: str) -> str:
        read.append(given["role"])
        return mapped.get(given["role"], "")

    monkeypatch.setattr(Cluster, "ensure", lambda *_given: None)
    monkeypatch.setattr(Cluster, "psql", psql)
    server, token = served(tmp_path, lambda _reason: None)
    for _ in range(3):
        assert asyncio.run(server.admit("id-web", token)) is None
    assert read == ["id-web"]
    mapped["id-web"] = "22222222-0000-0000-0000-000000000002|service"
    server.labelled()
    assert isinstance(asyncio.run(server.admit("id-web", token)), Refusal)
    mapped["id-web"] = f"{PRINCIPAL}|service"
    assert asyncio.run(server.admit("id-web", token)) is None, "a refusal is never remembered"
