"""One PostgreSQL cluster on this machine, for one flexible server: initialised, started under a guard, and synchronised."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from installer.emulator.postgresql import azure_catalog
from installer.emulator.postgresql.binaries import NoPostgresError, as_user
from installer.emulator.temporary_folder import temporary_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from installer.emulator.postgresql.binaries import Binaries
    from installer.emulator.prefect.supervisor import SupervisedProcess, Supervisor

_SECONDS: Final = 60.0
_SCRIPT_FAILED: Final = 3
"""Exit code of psql for a statement that failed; 2 is a lost connection (postgresql.org/docs/current/app-psql.html)."""
_POLL_SECONDS: Final = 0.05
_SETTINGS: Final[Mapping[str, str]] = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "16MB",
    "fsync": "off",  # the state survives a killed process, not a crash of the machine
    "io_method": "sync",
    "min_wal_size": "2MB",
    "max_wal_size": "32MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "log_min_messages": "warning",
}
_DATA: Final = "/proc/self/cwd"
"""The data directory for a server of another user, who may not enter the folders above it: its current directory."""


class StatementError(NoPostgresError):
    """A statement failed on a server that runs."""


class LostServerError(NoPostgresError):
    """A server that ran has ended, or ends: it can be started again."""


@dataclass(frozen=True)
class Administrator:
    """A Microsoft Entra administrator of a server."""

    name: str
    object_id: str
    type: str
    tenant: str


@dataclass(frozen=True)
class Deployed:
    """Administrators, databases and allowed extensions that Azure Resource Manager has deployed on a server."""

    administrators: tuple[Administrator, ...]
    databases: tuple[str, ...]
    extensions: str = ""


@dataclass
class Cluster:
    """A cluster. Its methods block.

    Attributes:
        home: Folder of its data and its log.
        binaries: Installation that runs it.
        children: Supervisor of its process.

    """

    home: Path
    binaries: Binaries
    children: Supervisor
    _process: SupervisedProcess | None = None
    _sockets: Path | None = None
    _deployed: Deployed | None = field(default=None)
    _principals: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def socket(self) -> str:
        """Path of its Unix socket, which only its user and this process may enter."""
        return f"{self._sockets}/.s.PGSQL.5432"

    def ensure(self, deployed: Deployed) -> None:
        """Start it if it does not run, and synchronise it with Azure Resource Manager.

        Raises LostServerError if it ends meanwhile, and NoPostgresError if it cannot run.
        """
        if self._process is None or not self._process.alive:
            self.start()
            self._deployed = None
        if deployed != self._deployed:
            administrators = [vars(one) for one in deployed.administrators]
            given = {"administrators": json.dumps(administrators), "databases": json.dumps(deployed.databases)}
            self.psql(azure_catalog.SYNCHRONIZE, **given)
            self._deployed = deployed
            self.forget_principals()

    def object_of(self, role: str, *, fresh: bool = False) -> tuple[str, str] | None:
        """Object ID and type of the Entra principal that a role is mapped to; remembered unless `fresh`.

        A pool opens many connections for the same role, and each reading starts a process.
        """
        if not fresh and (known := self._principals.get(role)) is not None:
            return known
        found = self.psql(azure_catalog.OBJECT_OF_ROLE, role=role).strip()
        if not found:
            self._principals.pop(role, None)
            return None
        object_id, _, kind = found.partition("|")
        self._principals[role] = object_id, kind
        return object_id, kind

    def forget_principals(self) -> None:
        """Read the principals of roles again: a label has changed one."""
        self._principals.clear()

    def has_role(self, role: str) -> bool:
        """Whether a role exists."""
        return bool(self.psql("SELECT 1 FROM pg_roles WHERE rolname = current_setting('flowforge.role')", role=role))

    def psql(self, script: str, database: str = "postgres", **given: str) -> str:
        """Run a script of psql as the superuser; returns its rows. Raises StatementError and LostServerError.

        Args:
            script: Statements and commands of psql.
            database: Name of the database.
            given: Settings flowforge.NAME for the script.

        """
        quoted = (f"SET flowforge.{name} = '{value.replace(chr(39), chr(39) * 2)}';\n" for name, value in given.items())
        command = [self.binaries.program("psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", str(self._sockets)]
        done = subprocess.run(
            [*command, "-U", azure_catalog.SUPERUSER, "-d", database, "-f", "-"],
            input="".join(quoted) + script,
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
            # All roles may create functions in public: the superuser must not find them.
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PGOPTIONS": "-c search_path=pg_catalog,pg_temp"},
        )
        if done.returncode:
            raise (StatementError if done.returncode == _SCRIPT_FAILED else LostServerError)(done.stderr.strip())
        return done.stdout

    def end(self) -> None:
        """Stop it."""
        if self._process is not None:
            self._process.end()
            self._process.wait(12)
            self._process = None
        if self._sockets is not None:
            shutil.rmtree(self._sockets, ignore_errors=True)
            self._sockets = None

    def start(self) -> None:
        """Start it as it was left. Raises NoPostgresError."""
        self.binaries.prepare(self.home.parent)
        data, user = self.home / "data", self.binaries.user
        is_new = not (data / "PG_VERSION").exists() or self._unfinished.exists()
        if is_new:
            self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._unfinished.touch()
            self._initialise(data)
        (data / "postmaster.pid").unlink(missing_ok=True)  # of a killed session: its server has ended with it
        self._sockets = self._socket_folder(user)
        options = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
        self._process = self.children.start(
            "postgresql",
            [
                self.binaries.program("postgres"),
                *("-D", str(data) if user is None else _DATA),
                *("-c", f"unix_socket_directories={self._sockets}", *options),
            ],
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            log=self.home / "postgresql.log",
            cwd=data,
            user=user,
            # Fast shutdown: SIGTERM, the smart one, waits until every client has left, and would end in a kill.
            # https://www.postgresql.org/docs/current/server-shutdown.html
            stop_signal=signal.SIGINT,
        )
        self._wait_until_ready()
        if is_new:
            self._create_catalog()
            self._unfinished.unlink()

    @property
    def _unfinished(self) -> Path:
        """File that exists until a new cluster is complete: one that was killed before is made again."""
        return self.home / "unfinished"

    def _create_catalog(self) -> None:
        try:
            self.psql(azure_catalog.ADMINISTRATORS_ROLE)
            for database in ("template1", "postgres"):
                self.psql(azure_catalog.EVERY_DATABASE, database)
            self.psql(azure_catalog.ENTRA + azure_catalog.OWNERSHIP)
        except StatementError as problem:  # no later start would repair it
            raise NoPostgresError(str(problem)) from problem

    def _initialise(self, data: Path) -> None:
        """Make the data directory; once more after a failure, as its processes may have been killed."""
        done = self._initdb(data)
        if done.returncode:
            done = self._initdb(data)
        if done.returncode:
            raise NoPostgresError(f"initdb failed: {done.stderr.strip() or done.stdout.strip()}")

    def _initdb(self, data: Path) -> subprocess.CompletedProcess[str]:
        user = self.binaries.user
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir(parents=True, mode=0o700)
        if user is not None:
            os.chown(data, user, user)
        options = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--wal-segsize=1"]
        return subprocess.run(
            [
                self.binaries.program("initdb"),
                *("-D", str(data) if user is None else _DATA),
                *("-U", azure_catalog.SUPERUSER, *options),
            ],
            cwd=data,
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            **as_user(user),
        )

    def _socket_folder(self, user: int | None) -> Path:
        """A temporary folder: paths of sockets are short, those of state directories are not."""
        folder = temporary_folder(self.home, "sockets")
        if user is not None:
            os.chown(folder, user, user)
        return folder

    def _wait_until_ready(self) -> None:
        assert self._process is not None  # noqa: S101  started above
        end = time.monotonic() + _SECONDS
        while True:
            try:
                self.psql("SELECT 1")
            except NoPostgresError as problem:
                if not self._process.alive or time.monotonic() > end:
                    raise NoPostgresError(self._process.log_tail() or str(problem)) from problem
            else:
                return
            time.sleep(_POLL_SECONDS)
