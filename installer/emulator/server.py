"""The server process: opens the state, listens on loopback, announces its address in one line, and serves."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import sqlite3
import sys
import threading
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import uvicorn
from filelock import FileLock, Timeout

from installer.emulator.authorization.tokens import open_identity
from installer.emulator.certificates import Authority, ensure_certificates
from installer.emulator.clock import WallClock
from installer.emulator.connections import TimedConnection, with_one_length
from installer.emulator.core import open_emulator
from installer.emulator.data_plane.proxy import NameProxy
from installer.emulator.deployments.engine import Engine
from installer.emulator.deployments.stacks import Stacks
from installer.emulator.postgresql.servers import LocalServers
from installer.emulator.prefect.orphans import end_orphans
from installer.emulator.prefect.processes import Processes
from installer.emulator.prefect.restore import restore
from installer.emulator.protocol.app import application
from installer.emulator.protocol.request import Azure
from installer.emulator.protocol.throttling import Throttle
from installer.emulator.providers.kubernetes.workloads import host, hosted_by
from installer.emulator.providers.secret_references import value_behind
from installer.emulator.redis.servers import LocalRedis
from installer.emulator.state.database import Database, StateDamagedError
from installer.emulator.state.usable import check_clock, check_content
from installer.emulator.workload_settings import WorkloadSettings
from installer.folder_lock import FolderLock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from types import FrameType

    from installer.emulator.authorization.tokens import Identity
    from installer.emulator.core import Emulator
    from installer.emulator.faults.requested import Fault
    from installer.emulator.survey import Survey
    from installer.json_access import JsonObject

_LOG = logging.getLogger(__name__)
_LOOPBACK = "127.0.0.1"
_LOCK_SECONDS = 5.0  # wait for a server on the same state that is shutting down
_EXIT_SECONDS = 15.0  # from a stop request to a forced exit; Prefect's processes end within


class StateInUseError(Exception):
    """Another server uses the state directory."""


@dataclass(frozen=True)
class Options:
    """Options of the server, as on its command line; `processes` starts real Prefect processes, `vault_key` reads secrets."""

    state_dir: Path
    speed: float
    port: int = 0
    tenant: str | None = None
    subscriptions: tuple[str, ...] = ()
    follow_stdin: bool = False
    faults: tuple[Fault, ...] = ()
    throttle: bool = False
    survey: Survey | None = None
    cloud: str | None = None
    processes: bool = True
    vault_key: str = ""
    script_outputs: Mapping[str, JsonObject] | None = None


class _Server(uvicorn.Server):
    """uvicorn that prints an announcement once it listens; with `ignore_interrupt`, the parent process handles Ctrl-C."""

    announcement = ""
    ignore_interrupt = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if not (self.ignore_interrupt and sig == signal.SIGINT):
            super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # Printed again whenever a fault restarts the server; standard output may be closed by then.
        with contextlib.suppress(OSError):
            sys.stdout.write(self.announcement + "\n")
            sys.stdout.flush()


def serve(options: Options) -> None:
    """Serve until stopped; StateInUseError when another server uses this state."""
    options.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = FileLock(options.state_dir / "lock", timeout=_LOCK_SECONDS)
    try:
        lock.acquire()
    except Timeout as problem:
        raise StateInUseError(
            f"another rehearsal is using {options.state_dir}; if it was kept running, rehearse stop ends it"
        ) from problem
    with lock, contextlib.closing(FolderLock(options.state_dir)) as folder:  # the file of the lock can be deleted
        if not folder.acquire():
            raise StateInUseError(f"another rehearsal is using {options.state_dir}")
        if ended := end_orphans(options.state_dir):
            _LOG.warning("ended %d processes of a rehearsal that was killed", ended)
        with contextlib.closing(Database(options.state_dir / "azure.sqlite")) as database:
            asyncio.run(_serve(options, database))


def _opened(options: Options, database: Database, clock: WallClock) -> tuple[Identity, Emulator]:
    """The identity and the state. Raises StateDamagedError if their content is not what was written."""
    try:
        check_content(database)
        check_clock(database, clock)
        identity = open_identity(database, clock)
        return identity, _emulator(options, database, clock, identity)
    except (sqlite3.DatabaseError, ValueError, KeyError, TypeError) as problem:
        raise StateDamagedError(database.folder, problem) from problem


def _emulator(options: Options, database: Database, clock: WallClock, identity: Identity) -> Emulator:
    return open_emulator(
        database,
        clock,
        options.speed,
        tenant=options.tenant,
        subscriptions=options.subscriptions,
        faults=options.faults,
        caller=identity,
        survey=options.survey,
        cloud=options.cloud,
        vault_key=options.vault_key,
        script_outputs=options.script_outputs,
    )


async def _serve(options: Options, database: Database) -> None:
    clock = WallClock()
    identity, emulator = _opened(options, database, clock)
    engine = Engine(emulator)
    azure = Azure(
        emulator, engine, identity, Stacks(emulator, engine), Throttle(clock, options.speed, strict=options.throttle)
    )
    ca_file, certificate_file, key_file = ensure_certificates(options.state_dir)
    listener = _listen(options.port, int(database.fact("port") or 0))
    port = int(listener.getsockname()[1])
    database.remember("port", str(port))
    config = uvicorn.Config(
        with_one_length(application(azure)),
        http=TimedConnection,
        ssl_certfile=certificate_file,
        ssl_keyfile=key_file,
        lifespan="off",
        log_level="critical",
        access_log=False,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=0,
    )
    server = _Server(config)
    server.announcement = json.dumps(_announcement(azure, f"https://{_LOOPBACK}:{port}", str(ca_file)))
    if options.follow_stdin:
        server.ignore_interrupt = True
        _follow_stdin(server)
    local = WorkloadSettings(
        f"https://{_LOOPBACK}:{port}",
        ca_file,
        emulator.directory.tenant_id,
        identity,
        options.state_dir / "tokens",
        LocalServers(options.state_dir / "postgresql", emulator, identity, (certificate_file, key_file)),
        LocalRedis(options.state_dir / "redis", emulator, (certificate_file, key_file)),
        NameProxy(emulator, port, Authority.new()),
        partial(value_behind, emulator.resources, emulator.secret_values),
    )
    with _running(azure, options, local):
        azure.engine.resume()
        azure.stacks.resume()
        try:
            await server.serve(sockets=[listener])
        finally:
            await azure.engine.stop()


@contextlib.contextmanager
def _running(azure: Azure, options: Options, local: WorkloadSettings) -> Iterator[None]:
    """Run the workloads of clusters and Container Apps, and PostgreSQL, as local processes while the server runs."""
    if not options.processes:
        yield
        return
    with local, Processes(options.state_dir / "prefect", local) as processes, hosted_by(processes):
        restore(azure.emulator)
        yield


def _announcement(azure: Azure, endpoint: str, ca_file: str) -> JsonObject:
    directory = azure.emulator.directory
    return {
        "endpoint": endpoint,
        "authority": endpoint,
        "tenant": directory.tenant_id,
        "subscription": directory.subscriptions[0].id,
        "subscriptions": [{"id": item.id, "name": item.name, "state": item.state} for item in directory.subscriptions],
        "client_id": azure.identity.client_id,
        "client_secret": azure.identity.client_secret,
        "object_id": azure.identity.object_id,
        "ca_file": ca_file,
        "speed": azure.emulator.speed,
        "pid": os.getpid(),
    }


def _listen(requested: int, last: int) -> socket.socket:
    """A listening socket: on the requested port, else on the last one if free, else on any."""
    for port in (requested,) if requested else (last, 0) if last else (0,):
        # With an explicit protocol asyncio disables Nagle's algorithm, which would delay each response by 40 ms.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((_LOOPBACK, port))
            listener.listen(128)
        except OSError:
            listener.close()
            if port in {requested, 0}:
                raise
        else:
            return listener
    raise OSError("no port could be bound on loopback")


def _follow_stdin(server: uvicorn.Server) -> None:
    """Stop when standard input closes, which happens however the parent process ends."""

    def watch() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        if host().stays:
            return  # Prefect needs the sign-in and the database of this server
        server.should_exit = True
        threading.Timer(_EXIT_SECONDS, os._exit, (0,)).start()

    threading.Thread(target=watch, name="follow-stdin", daemon=True).start()
