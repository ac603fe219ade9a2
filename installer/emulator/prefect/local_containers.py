"""Commands and environments of processes: secrets, databases, files and parts of this machine in place of those of Azure."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from installer.emulator.prefect.cloud_server import CLOUD_API, host_of, secrets_of
from installer.emulator.prefect.kept_process import LocalSettings
from installer.emulator.prefect.local import digest
from installer.emulator.prefect.local_program import (
    API,
    BESIDE,
    DATABASE,
    REDIS_URLS,
    environment,
    local_command,
    local_url,
    server_settings,
)
from installer.emulator.prefect.mounted_files import MountedFiles

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from installer.emulator.prefect.kept_process import KeptProcess, KeptWorkload
    from installer.emulator.providers.kubernetes.workloads import Container
    from installer.emulator.workload_settings import WorkloadSettings

_NO_DATABASE = "PostgreSQL does not run"


@dataclass(frozen=True)
class Start:
    """The start of a process: its command and its environment."""

    command: list[str]
    environment: Mapping[str, str] = field(repr=False)


@dataclass
class LocalContainers:
    """Makes it.

    Attributes:
        home: Folder of all processes.
        local: Makes the settings that differ from Azure.

    """

    home: Path
    local: WorkloadSettings | None = None
    _values: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.files = MountedFiles(self.home / "mounted", self.secret)

    def secret(self, reference: str) -> str:
        """Value of a version of a secret of a key vault."""
        if self.local is not None:
            return self.local.secret(reference)
        return self._values.setdefault(reference, f"flowforge:{secrets.token_urlsafe(24)}")

    def settings(self, where: str, container: Container) -> LocalSettings:
        """Settings of a container; `where`: ID of the object that it belongs to."""
        self.files.replace_lost_pair(container)
        return LocalSettings(
            self.local.of(where, container) if self.local else {},
            self._secrets(container),
            self._database(container),
            self.as_one(container),
        )

    def as_one(self, container: Container) -> str:
        """Why one process replaces several servers and their services on this machine, "" if it does not."""
        shared = [self.secret(container.secrets[name]) for name in REDIS_URLS if name in container.secrets]
        if not shared:
            return ""
        if self.local is None or self._database(container) is None:
            return _NO_DATABASE
        return next(filter(None, map(self.local.redis_problem, shared)), "")

    def start_of(self, where: str, kept: KeptWorkload, process: KeptProcess, cloud_port: int | None) -> Start:
        """The start of a replica; `cloud_port`: port of the server in place of Prefect Cloud."""
        container, given = kept.container, kept.settings
        if kept.is_server:
            url = local_url(kept.port, tls=kept.tls)
            database = given.database or self._file(container.settings.get(DATABASE, ""))
            replaced = server_settings(process.home, url, database)
        else:
            replaced = self._replaced(container, cloud_port)
        worker = {**BESIDE, "PREFECT_WORKER_WEBSERVER_PORT": str(process.port)} if process.kind == "worker" else {}
        return self._start(where, container, given, process=process, replaced=replaced, more=worker)

    def start_of_job(self, where: str, container: Container, cloud_port: int | None) -> Start:
        """The start of a container that runs once."""
        given = self.settings(where, container)
        return self._start(where, container, given, replaced=self._replaced(container, cloud_port))

    def _start(
        self,
        where: str,
        container: Container,
        given: LocalSettings,
        *,
        replaced: Mapping[str, str],
        process: KeptProcess | None = None,
        more: Mapping[str, str] | None = None,
    ) -> Start:
        files = self.files.write(where, container)
        found = environment(
            container,
            process.home if process else self.home / digest(where),
            replaced=replaced,
            secrets=given.secrets,
            files=files,
            as_one=bool(given.as_one),
        )
        command = local_command(container.command, process.port if process else 0, files)
        return Start(command, {**found, **(more or {}), **given.beside})

    def _secrets(self, container: Container) -> dict[str, str]:
        """Values of its secrets; the URL of a Redis leads to the local one."""
        found = {name: self.secret(reference) for name, reference in secrets_of(container).items()}
        if self.local is not None:
            found |= {name: self.local.redis_url(found[name]) for name in REDIS_URLS if name in found}
        return found

    def _database(self, container: Container) -> str | None:
        url = container.settings.get(DATABASE)
        return self.local.database_url(url) if self.local and url else None

    def _replaced(self, container: Container, cloud_port: int | None) -> dict[str, str]:
        """Settings that lead to parts of this machine: the server in place of Prefect Cloud, and the database."""
        found = {API: local_url(cloud_port)} if cloud_port is not None and host_of(container) == CLOUD_API else {}
        if url := container.settings.get(DATABASE):
            found[DATABASE] = self._database(container) or self._file(url)
        return found

    def _file(self, url: str) -> str:
        """URL of the file in place of a database."""
        return f"sqlite+aiosqlite:///{self.home}/prefect-{digest(url)}.db"
