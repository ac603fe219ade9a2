"""No role of a workload makes the database administrator, or the superuser of the local server, run its code or wait for it."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import asyncpg
import pytest

from installer.database_setup import connection
from installer.database_setup.apply import apply
from installer.database_setup.connection import Server
from installer.database_setup.model import Database, DatabaseOrder
from installer.errors import InstallerError
from tests.emulator.postgresql.flexible_server import AUDIENCE, FLOWFORGE, HOST, Client, Identity, Site, build
from tests.emulator.postgresql.test_database_setup_e2e import pytestmark as pytestmark  # noqa: PLC0414  the same needs
from tests.emulator.server_process import serving

if TYPE_CHECKING:
    from installer.jsontypes import Json

POSTGRES: Final = "postgres"
WITNESS: Final = (
    "CREATE TABLE IF NOT EXISTS public.witness (who text)",
    "GRANT SELECT, INSERT ON public.witness TO PUBLIC",
    "TRUNCATE public.witness",
)
"""A table in which planted code writes who ran it."""
SEEN: Final = "INSERT INTO public.witness VALUES (current_user);"
SetUp = Callable[[DatabaseOrder], list[str]]


@dataclass
class Attacked:
    """A server that the program has set up, and its clients."""

    site: Site
    client: Client

    def query(self, who: str, database: str, *statements: str) -> list[object]:
        """Run statements as an identity."""
        return self.client.query(who, database, *statements)

    def ran_as(self, database: str) -> list[object]:
        """The roles that ran planted code in a database."""
        return self.query("dbadmin", database, "SELECT DISTINCT who FROM public.witness")

    def reopen(self) -> None:
        """Make the database postgres what Azure delivers."""
        self.query(
            "dbadmin",
            POSTGRES,
            f"GRANT CONNECT, TEMPORARY ON DATABASE {POSTGRES} TO PUBLIC",
            "GRANT CREATE ON SCHEMA public TO PUBLIC",
        )


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    """One server for all tests of this module."""
    state = tmp_path_factory.mktemp("azure")
    with serving(state) as azure:
        site = build(azure, state)
        assert site.set_up().succeeded
        yield Attacked(site, Client(site, *site.address()))


@pytest.fixture
def set_up(attacked: Attacked, monkeypatch: pytest.MonkeyPatch) -> SetUp:
    """Run the program in this process; returns the texts of its events."""
    acts = attacked.site.who["dbadmin"]
    token = attacked.client.token("dbadmin")
    monkeypatch.setattr(Server, "_token", lambda _server: token)
    monkeypatch.setenv("SSL_CERT_FILE", attacked.site.azure.info["ca_file"])
    server = Server(HOST, attacked.client.host, attacked.client.port, acts.name, acts.client_id, AUDIENCE)

    def run(order: DatabaseOrder) -> list[str]:
        lines: list[dict[str, Json]] = []
        asyncio.run(apply(order, server, lines.append))
        return [str(line["text"]) for line in lines if line["event"] in {"created", "updated"}]

    return run


def test_a_lock_function_in_the_shared_database_does_not_run(attacked: Attacked, set_up: SetUp) -> None:
    attacked.reopen()
    planted = f"CREATE FUNCTION public.pg_advisory_lock(i integer) RETURNS void LANGUAGE sql AS $$ {SEEN} $$"
    attacked.query("worker", POSTGRES, *WITNESS, planted)
    set_up(attacked.site.order)
    assert attacked.ran_as(POSTGRES) == []


def test_a_function_of_the_owner_does_not_replace_one_of_the_catalog(attacked: Attacked, set_up: SetUp) -> None:
    attacked.query(
        "web",
        FLOWFORGE,
        *WITNESS,
        "CREATE TABLE IF NOT EXISTS notes (id int)",
        'REVOKE INSERT ON notes FROM "id-worker"',
        "CREATE FUNCTION public.quote_ident(name) RETURNS text LANGUAGE sql"
        f" AS $$ {SEEN} SELECT pg_catalog.quote_ident($1::text) $$",
    )
    assert set_up(attacked.site.order) == [f"access id-worker to {FLOWFORGE} granted"]
    assert attacked.ran_as(FLOWFORGE) == []


def test_a_search_path_of_the_database_does_not_count(attacked: Attacked, set_up: SetUp) -> None:
    attacked.query(
        "web",
        FLOWFORGE,
        *WITNESS,
        "CREATE FUNCTION public.pg_get_userbyid(oid) RETURNS name LANGUAGE sql"
        f" AS $$ {SEEN} SELECT pg_catalog.pg_get_userbyid($1) $$",
        f"ALTER DATABASE {FLOWFORGE} SET search_path = public, pg_catalog",
    )
    try:
        assert set_up(attacked.site.order) == []
        assert attacked.ran_as(FLOWFORGE) == []
    finally:
        attacked.query("web", FLOWFORGE, f"ALTER DATABASE {FLOWFORGE} RESET search_path")


def test_a_schema_with_the_name_of_the_administrator_is_not_searched(attacked: Attacked, set_up: SetUp) -> None:
    """PostgreSQL searches "$user" first, and for a literal it prefers a function of text to one of the catalog."""
    attacked.query(
        "web",
        FLOWFORGE,
        *WITNESS,
        'CREATE SCHEMA "id-dbadmin"',
        'GRANT USAGE ON SCHEMA "id-dbadmin" TO PUBLIC',
        'CREATE FUNCTION "id-dbadmin".has_schema_privilege(text, text, text) RETURNS boolean LANGUAGE sql'
        f" AS $$ {SEEN} SELECT true $$",
    )
    assert set_up(attacked.site.order) == []
    assert attacked.ran_as(FLOWFORGE) == []


def test_settings_of_the_database_do_not_stop_the_program(attacked: Attacked, set_up: SetUp) -> None:
    hostile = {
        "default_transaction_read_only": "on",
        "statement_timeout": "1",
        "idle_in_transaction_session_timeout": "1",
    }
    attacked.query(
        "web",
        FLOWFORGE,
        "CREATE TABLE IF NOT EXISTS notes (id int)",
        'REVOKE INSERT ON notes FROM "id-worker"',
        *(f"ALTER DATABASE {FLOWFORGE} SET {name} = {value}" for name, value in hostile.items()),
    )
    try:
        assert set_up(attacked.site.order) == [f"access id-worker to {FLOWFORGE} granted"]
    finally:
        attacked.query(
            "dbadmin",
            POSTGRES,
            'GRANT "id-web" TO CURRENT_USER',
            *(f"ALTER DATABASE {FLOWFORGE} RESET {name}" for name in hostile),
            'REVOKE "id-web" FROM CURRENT_USER',
        )


def test_the_shared_database_is_closed_to_workloads(attacked: Attacked, set_up: SetUp) -> None:
    attacked.reopen()
    assert set_up(attacked.site.order) == ["access postgres closed to other roles"]
    assert set_up(attacked.site.order) == []
    for database in (POSTGRES, "template1"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied for database"):
            attacked.query("worker", database, "SELECT 1")


def test_a_lock_that_is_not_released_ends_the_program_with_its_holder(
    attacked: Attacked, set_up: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.SESSION, "lock_timeout", "300ms")
    attacked.reopen()

    async def held() -> None:
        blocking = await attacked.client.connect("worker", POSTGRES)
        try:
            await blocking.execute("SELECT pg_catalog.pg_advisory_lock(hashtext('flowforge database setup')::bigint)")
            await asyncio.to_thread(set_up, attacked.site.order)
        finally:
            await blocking.close()

    with pytest.raises(InstallerError, match=r"lock.*id-worker.*pg_terminate_backend"):
        asyncio.run(held())


def test_objects_of_a_stranger_in_a_new_database_are_refused(attacked: Attacked, set_up: SetUp) -> None:
    """They would run with the privileges of its owner, who reads the schema public."""
    attacked.query("dbadmin", POSTGRES, "CREATE DATABASE dev_planted")
    planted = "CREATE FUNCTION public.similarity(text, text) RETURNS real LANGUAGE sql AS 'SELECT 1.0::real'"
    attacked.query("worker", "dev_planted", planted)
    wanted = Database("dev_planted", "id-web", (), ("pg_trgm",))
    order = DatabaseOrder(attacked.site.order.roles, (wanted,))
    for _ in range(2):
        with pytest.raises(InstallerError, match=r"dev_planted.*similarity.*id-worker"):
            set_up(order)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        attacked.query("worker", "dev_planted", "SELECT 1")
    drop = (
        'GRANT "id-worker" TO CURRENT_USER',
        "DROP FUNCTION public.similarity",
        'REVOKE "id-worker" FROM CURRENT_USER',
    )
    attacked.query("dbadmin", "dev_planted", *drop)
    assert "database dev_planted owner id-web instead of id-dbadmin" in set_up(order)


def test_the_superuser_of_the_local_server_runs_no_planted_code(attacked: Attacked) -> None:
    attacked.reopen()
    planted = f"CREATE FUNCTION public.format(text, text) RETURNS text LANGUAGE sql AS $$ {SEEN} SELECT pg_catalog.format($1, VARIADIC ARRAY[$2]) $$"
    attacked.query("worker", POSTGRES, *WITNESS, planted)
    attacked.site.add_administrator(Identity("", "new-admins", "77777777-0000-0000-0000-000000000007", ""))
    assert attacked.ran_as(POSTGRES) == []


def test_a_long_name_of_an_administrator_and_a_failed_statement_do_not_end_the_local_server(attacked: Attacked) -> None:
    """PostgreSQL cuts names of roles after 63 bytes; Azure refuses longer ones."""
    attacked.site.add_administrator(Identity("", "x" * 63, "88888888-0000-0000-0000-000000000008", ""))
    for number in (1, 2):
        attacked.site.add_administrator(
            Identity("", f"more-{number}", f"88888888-0000-0000-0000-00000000001{number}", "")
        )
        assert attacked.query("web", FLOWFORGE, "SELECT 1") == [1]
