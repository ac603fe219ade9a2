"""The program of the database administrator on a real PostgreSQL, with real tokens over TLS."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg
import pytest

from installer.database_setup.model import DatabaseOrder
from installer.emulator.postgresql.binaries import NoPostgresError, find_binaries
from tests.emulator.postgresql.flexible_server import FLOWFORGE, HOST, PREFECT, Client, Result, Site, build
from tests.emulator.server_process import serving
from tests.processes import descendants, running, until


def missing() -> str:
    """Why PostgreSQL cannot run here; empty if it can."""
    try:
        find_binaries().remove_copy()
    except NoPostgresError as problem:
        return str(problem)
    return ""


REASON = missing()
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(bool(REASON), reason=f"no PostgreSQL: {REASON}"),
    # asyncpg leaves the socket of a refused connection to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@dataclass
class Built:
    """A server after the first run of the program."""

    site: Site
    first: Result
    client: Client

    @property
    def order(self) -> DatabaseOrder:
        """Roles and databases."""
        return self.site.order

    def again(self) -> list[str]:
        """Changes of another run, which has to succeed."""
        result = self.site.set_up()
        assert result.succeeded, result.lines
        return result.changes

    def as_web(self, *statements: str) -> list[object]:
        """Run statements in FlowForge's database as its owner."""
        return self.client.query("web", FLOWFORGE, *statements)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """One server for all tests of this module."""
    state = tmp_path_factory.mktemp("azure")
    with serving(state) as azure:
        site = build(azure, state)
        first = site.set_up()
        yield Built(site, first, Client(site, *site.address()))


def test_everything_is_made_and_reported(built: Built) -> None:
    assert built.first.succeeded, built.first.lines
    assert built.first.lines[-1] == {"result": "done"}
    texts = built.first.changes
    assert texts[:4] == [
        "access postgres closed to other roles",
        *(f"role id-{name} created" for name in ("web", "worker", "prefect")),
    ]
    assert f"database {FLOWFORGE} owner id-web instead of azure_pg_admin" in texts
    assert {f"extension pg_trgm in {name} created" for name in (FLOWFORGE, PREFECT)} <= set(texts)


def test_a_second_run_changes_nothing(built: Built) -> None:
    assert built.again() == []


def test_each_workload_may_do_what_it_needs_and_no_more(built: Built) -> None:
    client = built.client
    built.as_web("CREATE TABLE notes (id serial PRIMARY KEY, text text)")
    assert client.query("worker", FLOWFORGE, "INSERT INTO notes (text) VALUES ('a') RETURNING text") == ["a"]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        client.query("worker", FLOWFORGE, "CREATE TABLE other (id int)")
    client.query(
        "prefect", PREFECT, "CREATE TABLE runs (name text)", "CREATE INDEX ON runs USING gin (name gin_trgm_ops)"
    )
    for who, database in (("prefect", FLOWFORGE), ("web", PREFECT), ("worker", PREFECT)):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied for database"):
            client.query(who, database, "SELECT 1")


def test_the_administrator_is_no_member_of_a_workload_afterwards(built: Built) -> None:
    acts = "SELECT rolname::text FROM pg_roles WHERE rolname LIKE 'id-%' AND pg_has_role(oid, 'USAGE')"
    assert built.client.query("dbadmin", "postgres", acts) == ["id-dbadmin"]


def test_manual_changes_are_repaired_where_they_matter_and_left_otherwise(built: Built) -> None:
    built.as_web(
        "CREATE TABLE IF NOT EXISTS repaired (id int)",
        'REVOKE INSERT ON repaired FROM "id-worker"',
        f'REVOKE CONNECT ON DATABASE {FLOWFORGE} FROM "id-worker"',
        f"REVOKE CONNECT ON DATABASE {FLOWFORGE} FROM azure_pg_admin",
        f"GRANT CONNECT ON DATABASE {FLOWFORGE} TO PUBLIC",
    )
    query = built.client.query
    query("dbadmin", "postgres", "CREATE ROLE reporting")
    query("prefect", PREFECT, f"ALTER DATABASE {PREFECT} CONNECTION LIMIT 50")
    changes = built.again()
    assert changes == [
        f"access {FLOWFORGE} closed to other roles",
        f"access azure_pg_admin to {FLOWFORGE} granted",
        f"access id-worker to {FLOWFORGE} granted",
    ]
    assert built.client.query("worker", FLOWFORGE, "INSERT INTO repaired VALUES (1) RETURNING id") == [1]
    assert query("dbadmin", "postgres", "SELECT rolname FROM pg_roles WHERE rolname = 'reporting'") == ["reporting"]
    assert 50 in query("dbadmin", "postgres", "SELECT datconnlimit FROM pg_database")


def test_an_administrator_who_was_shut_out_gets_in_again(built: Built) -> None:
    built.as_web(f"REVOKE CONNECT ON DATABASE {FLOWFORGE} FROM azure_pg_admin")
    assert built.again() == [f"access azure_pg_admin to {FLOWFORGE} granted"]


def test_an_identity_that_was_created_again_keeps_its_role(built: Built) -> None:
    site = built.site
    renewed = replace(site.who["worker"], object_id="99999999-0000-0000-0000-000000000009")
    moved = replace(site, who={**site.who, "worker": renewed})
    result = site.set_up(moved.order)
    assert result.changes == [
        f"role id-worker mapped to the identity {renewed.object_id}: its identity was {site.who['worker'].object_id}"
    ]
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError, match="AAD_AUTH_TOKENTYPE_APP_USER"):
        built.client.query("worker", FLOWFORGE, "SELECT 1")
    assert Client(moved, built.client.host, built.client.port).query("worker", FLOWFORGE, "SELECT 1") == [1]
    assert len(built.again()) == 1


def test_only_a_valid_token_over_tls_signs_in(built: Built) -> None:
    client = built.client
    refused = asyncpg.InvalidAuthorizationSpecificationError
    with pytest.raises(refused, match="invalid"):
        client.query("web", FLOWFORGE, "SELECT 1", token="a password")
    with pytest.raises(refused, match="valid audience claim"):
        client.query("web", FLOWFORGE, "SELECT 1", token=client.token("web", "https://management.azure.com"))
    with pytest.raises(refused, match="has expired"):
        client.query("web", FLOWFORGE, "SELECT 1", token=client.token("web", age=3700.0))
    with pytest.raises(refused, match="AAD_AUTH_TOKENTYPE_APP_USER"):
        client.query("web", FLOWFORGE, "SELECT 1", token=client.token("worker"))
    with pytest.raises(refused, match="no encryption"):
        client.query("web", FLOWFORGE, "SELECT 1", tls=False)
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        client.query("web", FLOWFORGE, "SELECT 1", expected="ff-test.example")
    assert client.query("web", FLOWFORGE, "SELECT 1", expected=f"other-{HOST}") == [1], (
        "Azure's is for all servers, too"
    )


def test_a_role_that_is_no_administrator_is_explained(built: Built) -> None:
    order = replace(built.order, roles=(*built.order.roles, replace(built.order.roles[0], name="id-new")))
    result = built.site.set_up(order, acts="web")
    assert not result.succeeded
    assert "which is no administrator of the server" in result.error


def test_an_extension_that_is_not_allowed_is_explained_and_nothing_is_half_done(built: Built) -> None:
    first, second = built.order.databases
    order = replace(built.order, databases=(replace(first, extensions=("pg_trgm", "citext")), second))
    result = built.site.set_up(order)
    assert not result.succeeded
    assert 'extension citext is not allow-listed for "azure_pg_admin" users' in result.error
    assert "azure.extensions" in result.error
    assert built.again() == []


def test_a_missing_database_is_created(built: Built) -> None:
    first = replace(built.order.databases[0], name="dev_second")
    result = built.site.set_up(replace(built.order, databases=(first,)))
    assert result.succeeded
    assert result.changes[:4] == [
        "database dev_second created",
        "access dev_second closed to other roles",
        "extension pg_trgm in dev_second created",
        "database dev_second owner id-web instead of id-dbadmin",
    ]


def test_the_databases_survive_a_killed_emulator_whose_server_ends_with_it(tmp_path: Path) -> None:
    with serving(tmp_path) as azure:
        site = build(azure, tmp_path)
        assert site.set_up().succeeded
        children = descendants(azure.process.pid)
        assert children
        azure.kill()
        until(lambda: not any(running(pid) for pid in children), "its processes have ended")
    with serving(tmp_path) as azure:
        again = replace(site, azure=azure)
        result = again.set_up()
        assert (result.succeeded, result.changes) == (True, []), result.lines
        client = Client(again, *again.address())
        azure.raw("DELETE", f"{again.server}?api-version=2025-08-01")
        until(lambda: azure.raw("GET", f"{again.server}?api-version=2025-08-01").status_code == 404, "it is deleted")
        with pytest.raises(asyncpg.CannotConnectNowError):
            client.query("web", FLOWFORGE, "SELECT 1")
