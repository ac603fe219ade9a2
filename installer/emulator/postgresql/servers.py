"""The local PostgreSQL servers of an embedded Azure: one front and one cluster for each flexible server that is used.

A front listens from the moment at which an address is asked for; its cluster starts with the first connection. Before each
connection the cluster gets the administrators and databases that Azure Resource Manager has deployed meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final, Self

from installer.emulator.postgresql.azure_catalog import EXTENSIONS_SETTING
from installer.emulator.postgresql.binaries import Binaries, NoPostgresError, find_binaries
from installer.emulator.postgresql.cluster import Administrator, Cluster, Deployed, LostServerError, StatementError
from installer.emulator.postgresql.front import Front
from installer.emulator.postgresql.sign_in import audience_of, claims_or_refusal, refusal_of_role
from installer.emulator.postgresql.wire import Refusal
from installer.emulator.prefect.local import LOOPBACK, digest
from installer.emulator.prefect.supervisor import Supervisor
from installer.emulator.relay import Listener, listen
from installer.json_access import as_text, member
from installer.resource_id import name_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from installer.emulator.authorization.tokens import Identity
    from installer.emulator.core import Emulator
    from installer.emulator.state.resources import Resource

SERVER_TYPE: Final = "Microsoft.DBforPostgreSQL/flexibleServers"
_UNAVAILABLE: Final = "57P03"
"""SQLSTATE of a server that does not accept connections."""
_REASON: Final = "unavailable"
"""File with the reason why no server runs in this state."""
_BROKEN: Final = "XX000"
"""SQLSTATE of an internal error, which no client waits for."""


@dataclass
class LocalServer:
    """The backend of one front."""

    emulator: Emulator
    identity: Identity
    resource_id: str
    cluster: Cluster
    give_up: Callable[[str], None]
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def admit(self, user: str, token: str) -> Refusal | None:
        """Start the cluster if needed, and check the token."""
        server = self.emulator.resources.get(self.resource_id)
        if server is None or server.state in {"Creating", "Failed"}:
            return Refusal(_UNAVAILABLE, "the database system is not accepting connections")
        claims = claims_or_refusal(self.identity, token, audience_of(self.emulator.directory.cloud))
        if isinstance(claims, Refusal):
            return claims
        try:
            async with self._lock:
                await asyncio.to_thread(self.cluster.ensure, self._deployed())
            # At the same time as those of other connections: a pool opens several, and waits a few seconds for each.
            principal = await asyncio.to_thread(self.cluster.object_of, user)
            exists = principal is not None or await asyncio.to_thread(self.cluster.has_role, user)
            if exists and refusal_of_role(claims, user, principal, exists=True) is not None:
                principal = await asyncio.to_thread(partial(self.cluster.object_of, user, fresh=True))
        except LostServerError:  # the next connection starts it again
            return Refusal(_UNAVAILABLE, "the database system is starting up")
        except NoPostgresError as problem:
            if not isinstance(problem, StatementError):  # the next statement may succeed
                self.give_up(str(problem))
            return Refusal(_BROKEN, f"the local PostgreSQL of the rehearsal failed: {problem}")
        return refusal_of_role(claims, user, principal, exists=exists)

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to the cluster."""
        return await asyncio.open_unix_connection(self.cluster.socket)

    def labelled(self) -> None:
        """A role may be mapped to another principal."""
        self.cluster.forget_principals()

    def settings(self) -> dict[str, str]:
        """The allowed extensions, which Azure keeps in a server parameter."""
        return {EXTENSIONS_SETTING: self._deployed().extensions}

    def _deployed(self) -> Deployed:
        administrators = tuple(
            Administrator(
                as_text(member(item.desired, "properties", "principalName")),
                name_of(item.id),
                {"ServicePrincipal": "service", "Group": "group"}.get(
                    as_text(member(item.desired, "properties", "principalType")), "user"
                ),
                as_text(member(item.desired, "properties", "tenantId")),
            )
            for item in self._children("administrators")
            if as_text(member(item.desired, "properties", "principalName"))
        )
        parameter = self.emulator.resources.get(f"{self.resource_id}/configurations/{EXTENSIONS_SETTING}")
        allowed = as_text(member(parameter.desired, "properties", "value")) if parameter else ""
        databases = tuple(name_of(item.id) for item in self._children("databases"))
        return Deployed(administrators, databases, allowed)

    def _children(self, kind: str) -> list[Resource]:
        """Finished children of the server of a type."""
        found = self.emulator.resources.children(f"{self.resource_id}/{kind}", f"{SERVER_TYPE}/{kind}")
        return [item for item in found if item.state == "Succeeded"]


@dataclass
class LocalServers:
    """All local servers. Used by the thread of the event loop only.

    Attributes:
        home: Folder of their data.
        emulator: The embedded Azure.
        identity: Issuer of its tokens.
        certificate: Files of the server certificate and its key.

    """

    home: Path
    emulator: Emulator
    identity: Identity
    certificate: tuple[Path, Path]
    unavailable: str = ""
    """Why no server can run here; empty if one can."""
    _binaries: Binaries | None = None
    _over: bool = False
    _children: Supervisor = field(default_factory=Supervisor)
    _addresses: dict[str, str] = field(default_factory=dict)
    _clusters: list[Cluster] = field(default_factory=list)
    _listeners: list[Listener] = field(default_factory=list)

    def __enter__(self) -> Self:
        try:
            self._binaries = find_binaries()
        except NoPostgresError as problem:
            self.unavailable = str(problem)
        with contextlib.suppress(OSError):
            self.unavailable = (self.home / _REASON).read_text(encoding="utf-8")
        return self

    def __exit__(self, *_failure: object) -> None:
        """End everything."""
        self._over = True
        for listener in self._listeners:
            listener.close()
        for cluster in self._clusters:
            cluster.end()
        self._children.close()
        if self._binaries is not None:
            self._binaries.remove_copy()

    def give_up(self, reason: str) -> None:
        """Start no server in this state any more: the same job, tried again, is assumed to succeed."""
        if self._over:
            return  # the cluster was stopped
        self.unavailable = reason
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.home / _REASON).write_text(reason, encoding="utf-8")

    def address_of(self, host: str) -> str | None:
        """Host and port ("127.0.0.1:5000") of the server with a name; None if there is no such server, or none can run."""
        name = host.partition(".")[0].lower()
        server = next((one for one in self.emulator.resources.of_type(SERVER_TYPE) if one.name.lower() == name), None)
        if server is None or self._binaries is None or self.unavailable:
            return None
        key = digest(f"{server.id}@{server.created}")  # one that was deleted and created again is empty
        if key not in self._addresses:
            self._addresses[key] = self._listen(server, key, self._binaries)
        return self._addresses[key]

    def _listen(self, server: Resource, key: str, binaries: Binaries) -> str:
        cluster = Cluster(self.home / key, binaries, self._children)
        self._clusters.append(cluster)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*self.certificate)
        front = Front(LocalServer(self.emulator, self.identity, server.id, cluster, self.give_up), tls)
        listener = listen(front.handle)
        self._listeners.append(listener)
        with contextlib.suppress(OSError):
            self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        return f"{LOOPBACK}:{listener.port}"
