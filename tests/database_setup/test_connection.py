"""Failures of a connection are explained, and those that may pass are distinguished."""

import asyncio
import socket
import ssl
from typing import TYPE_CHECKING

import pytest

from installer.database_setup import connection
from installer.database_setup.connection import Server, _explained, _Unavailable, explained_statement
from installer.errors import InstallerError

if TYPE_CHECKING:
    from installer.jsontypes import Json

ENVIRONMENT = {
    "FLOWFORGE_DATABASE_HOST": "ff.postgres.database.azure.com",
    "FLOWFORGE_DATABASE_USER": "id-dbadmin",
    "FLOWFORGE_DATABASE_AUDIENCE": "https://ossrdbms-aad.database.windows.net",
    "AZURE_CLIENT_ID": "c",
}


class Refused(Exception):
    """A refusal with a code, as asyncpg raises it."""

    def __init__(self, sqlstate: str, text: str) -> None:
        super().__init__(text)
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("error", "text", "passes"),
    [
        (socket.gaierror(-2, "Name or service not known"), "cannot be resolved.*private DNS zone", True),
        (ConnectionRefusedError(111, "refused"), "not reachable on port 5432.*private endpoint", True),
        (TimeoutError(), "not reachable.*TimeoutError", True),
        (ssl.SSLCertVerificationError(1, "self-signed certificate"), "not trusted.*SSL_CERT_FILE", False),
        (Refused("28000", 'role "id-dbadmin" does not exist'), "refuses the token.*administrator", True),
        (Refused("57P03", "the database system is starting up"), "does not accept connections yet", True),
        (Refused("08001", "closed"), "does not accept connections yet", True),
        (Refused("3D000", 'database "x" does not exist'), "refuses the connection.*does not exist", False),
    ],
)
def test_a_failed_connection_is_explained(error: Exception, text: str, passes: bool) -> None:
    found = _explained(error, Server.of(ENVIRONMENT))
    assert isinstance(found, _Unavailable) == passes
    with pytest.raises(type(found), match=f"(?s){text}"):
        raise found


def test_a_server_that_does_not_respond_is_waited_for_and_then_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "MAX_WAIT_SECONDS", 0.2)
    monkeypatch.setattr(connection, "RETRY_SECONDS", 0.1)
    monkeypatch.setattr(Server, "_token", lambda _server: "token")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"  # nothing listens there
    server = Server.of({**ENVIRONMENT, "FLOWFORGE_DATABASE_ADDRESS": address})
    lines: list[dict[str, Json]] = []
    with pytest.raises(InstallerError, match="is not reachable on port"):
        asyncio.run(server.connect("postgres", lines.append))
    assert {line["event"] for line in lines} == {"progressed"}


def test_a_failed_statement_is_explained() -> None:
    listed = Refused("0A000", 'extension "pg_trgm" is not allow-listed for "azure_pg_admin" users')
    assert "azure.extensions" in str(explained_statement(listed, "CREATE EXTENSION pg_trgm"))
    assert "lacks a privilege" in str(explained_statement(Refused("42501", "must be owner"), "ALTER DATABASE x"))
    assert "for: SELECT 1" in str(explained_statement(Refused("42601", "syntax error"), "SELECT 1"))


def test_the_address_is_that_of_the_name_unless_a_setting_replaces_it() -> None:
    server = Server.of(ENVIRONMENT)
    assert (server.address, server.port) == ("ff.postgres.database.azure.com", 5432)
    moved = Server.of({**ENVIRONMENT, "FLOWFORGE_DATABASE_ADDRESS": "127.0.0.1:7000"})
    assert (moved.host, moved.address, moved.port) == ("ff.postgres.database.azure.com", "127.0.0.1", 7000)
