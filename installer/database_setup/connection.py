"""Connections to a PostgreSQL server with a token of a managed identity, and explanations of their failures."""

import asyncio
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Final, Protocol

from installer.database_setup.sign_in import workload_credential
from installer.errors import InstallerError
from installer.job_program.changes import Change
from installer.job_program.output import WriteLine, line_of

PORT: Final = 5432
RETRY_SECONDS: Final = 5.0
MAX_WAIT_SECONDS: Final = 180.0
"""Estimated maximum until a server that was just built is reachable and knows its administrators."""
_TIMEOUT_SECONDS: Final = 20.0
_NOT_A_PRINCIPAL: Final = ("28000", "28P01")
"""SQLSTATE of a refused sign-in (postgresql.org/docs/current/errcodes-appendix.html)."""
_NOT_YET: Final = ("57P03", "08001", "08003", "08006")
"""SQLSTATE of a server that is starting, and of connections that break."""
_DENIED: Final = "42501"
_TOO_LONG: Final = ("55P03", "57014")
"""SQLSTATE of a lock and of a statement that took longer than allowed."""
SESSION: Final = {
    "search_path": "pg_catalog, pg_temp",
    "role": "none",
    "lock_timeout": "5min",
    "statement_timeout": "10min",
    "idle_in_transaction_session_timeout": "0",
    "default_transaction_read_only": "off",
}
"""Settings that a client sends, which outrank those that the owner of a database gives it (GucSource in PostgreSQL's guc.h):
a workload neither chooses whose functions the administrator calls, nor ends or holds up its sessions. The schema for
temporary objects is named because it is searched first otherwise (runtime-config-client.html, search_path)."""


class Connection(Protocol):
    """The used methods of a connection of asyncpg, which has no types."""

    async def fetch(self, query: str, *arguments: object) -> Sequence[Sequence[Any]]:
        """Rows of a query."""

    async def fetchrow(self, query: str, *arguments: object) -> Mapping[str, Any] | None:
        """The first row of a query."""

    async def fetchval(self, query: str, *arguments: object) -> object:
        """The first value of a query."""

    async def execute(self, query: str) -> str:
        """Run a statement."""

    def transaction(self) -> AbstractAsyncContextManager[None]:
        """A transaction."""

    async def close(self) -> None:
        """End the connection."""


class _Unavailable(InstallerError):
    """A server that may accept the connection shortly."""


class _NamedServer(ssl.SSLContext):
    """Verifies the certificate for the name of the server, whatever the address is that the connection uses."""

    name: str

    def wrap_bio(self, *arguments: Any, **options: Any) -> ssl.SSLObject:
        """As for every context, with the name of the server."""
        options["server_hostname"] = self.name
        return super().wrap_bio(*arguments, **options)


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server, and the identity that signs in.

    Attributes:
        host: Name of the server, which its certificate has to have.
        address: Host name or IP address to connect to.
        port: Port to connect to.
        user: Role of the identity, which has the name of the identity.
        client_id: Client ID of the identity.
        audience: Resource of the tokens that the server accepts.

    """

    host: str
    address: str
    port: int
    user: str
    client_id: str
    audience: str

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Server":
        """The server in environment variables. FLOWFORGE_DATABASE_ADDRESS ("host:port") replaces DNS, as in a rehearsal."""
        host = environment["FLOWFORGE_DATABASE_HOST"]
        address, _, port = environment.get("FLOWFORGE_DATABASE_ADDRESS", f"{host}:{PORT}").rpartition(":")
        return cls(
            host,
            address,
            int(port),
            environment["FLOWFORGE_DATABASE_USER"],
            environment["AZURE_CLIENT_ID"],
            environment["FLOWFORGE_DATABASE_AUDIENCE"],
        )

    async def connect(self, database: str, write: WriteLine) -> Connection:
        """Connect to a database; waits for a server that was just built. Raises InstallerError with an explanation."""
        end = time.monotonic() + MAX_WAIT_SECONDS
        while True:
            try:
                return await self._connect(database)
            except _Unavailable as error:
                if time.monotonic() >= end:
                    raise InstallerError(str(error)) from error
                write(line_of(Change("progressed", "server", self.host, str(error))))
            await asyncio.sleep(RETRY_SECONDS)

    async def _connect(self, database: str) -> Connection:
        import asyncpg

        token = await asyncio.to_thread(self._token)
        try:
            connection: Connection = await asyncpg.connect(
                host=self.address,
                port=self.port,
                user=self.user,
                password=token,
                database=database,
                ssl=self._tls(),
                timeout=_TIMEOUT_SECONDS,
                server_settings=SESSION,
            )
        except (OSError, asyncpg.PostgresError) as error:
            raise _explained(error, self) from error
        return connection

    def _tls(self) -> ssl.SSLContext:
        """As sslmode=verify-full. The trusted roots are those of the system, or of SSL_CERT_FILE (OpenSSL)."""
        context = _NamedServer(ssl.PROTOCOL_TLS_CLIENT)
        context.name = self.host
        context.load_default_certs()
        return context

    def _token(self) -> str:
        """A token of the managed identity. Raises _Unavailable if Entra gives none."""
        from azure.core.exceptions import ClientAuthenticationError
        from azure.identity import CredentialUnavailableError

        try:
            return str(workload_credential(self.client_id).get_token(f"{self.audience}/.default").token)
        except (ClientAuthenticationError, CredentialUnavailableError) as error:
            raise _Unavailable(f"Entra gives no token for the identity {self.user}: {error.message}") from error


def _explained(error: Exception, server: Server) -> InstallerError:
    """The failure of a connection, for the user."""
    state = getattr(error, "sqlstate", None)
    if isinstance(error, socket.gaierror):
        return _Unavailable(
            f"the name {server.host} cannot be resolved in the network of the environment: check that the private DNS zone "
            f"is linked to it ({error.strerror})"
        )
    if isinstance(error, ssl.SSLError):
        return InstallerError(
            f"the certificate of {server.host} is not trusted: {error}. If a proxy inspects TLS, exempt the "
            "server, or name a file with its certificate authority in SSL_CERT_FILE"
        )
    if isinstance(error, OSError):
        return _Unavailable(
            f"{server.host} is not reachable on port {server.port}: check that the server is started, its private endpoint "
            f"or firewall rule, and network security groups ({str(error) or type(error).__name__})"
        )
    if state in _NOT_YET:
        return _Unavailable(f"{server.host} does not accept connections yet: {error}")
    if state in _NOT_A_PRINCIPAL:
        return _Unavailable(
            f"{server.host} refuses the token of {server.user}, which may not be an administrator of the server yet: {error}"
        )
    if state == _DENIED:
        return InstallerError(
            f"{server.host} refuses the connection of {server.user}, which is no administrator of the server: {error}"
        )
    return InstallerError(f"{server.host} refuses the connection: {error}")


def explained_statement(error: Exception, statement: str) -> InstallerError:
    """The failure of a statement, for the user."""
    if "allow-listed" in str(error):
        return InstallerError(
            f"{error}: the server parameter azure.extensions has to name it; run the stage data again"
        )
    state = getattr(error, "sqlstate", None)
    if state in _TOO_LONG:
        return InstallerError(
            f"another session holds a lock, or the server is overloaded: {error}, for: {statement}. pg_blocking_pids and "
            "pg_stat_activity name such a session, pg_terminate_backend ends it; then resume"
        )
    if state == _DENIED:
        return InstallerError(f"the database administrator lacks a privilege: {error}, for: {statement}")
    return InstallerError(f"PostgreSQL rejected a statement: {error}, for: {statement}")


def held_lock(error: Exception, holders: Sequence[str]) -> InstallerError:
    """The failure to be the only one who sets up databases, for the user."""
    return InstallerError(
        f"the lock of the database setup is not released: {error}. It is held by {', '.join(holders) or 'an ended session'}; "
        "if no other installation is running, end that session (SELECT pg_terminate_backend(process)), then resume"
    )
