"""The command and the environment that a local process has in place of a container.

Everything else is that of the container. What is replaced leads to parts of this machine; what is left out belongs to parts
that a rehearsal does not have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.emulator.prefect.images import LocalImages
from installer.emulator.prefect.local import LOOPBACK, image_python, prefect, process_environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from installer.emulator.providers.kubernetes.workloads import Container

LEFT_OUT: Final[Mapping[str, str]] = {
    "PREFECT_PLUGINS_ENABLED": "no managed identity signs in to a database on this machine",
    "PREFECT_API_SSL_CERT_FILE": "the server on this machine ends no TLS",
    "PREFECT__SERVER_WEBSERVER_ONLY": "one process is server and background services",
    "PREFECT_MESSAGING_BROKER": "one process needs no Redis",
    "PREFECT_MESSAGING_CACHE": "one process needs no Redis",
    "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": "one process needs no Redis",
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "one process needs no Redis",
    "PREFECT_SERVER_WORKER_CHANNEL_CLEANUP_QUEUE_STORAGE": "one process needs no Redis",
}
"""Reason by setting of a container that its process does not get."""
_ORDER: Final = "FLOWFORGE_ORDER"
"""Setting of the registration (installer/prefect_setup/payload.py)."""
_AUTH: Final = ("PREFECT_SERVER_API_AUTH_STRING", "PREFECT_API_AUTH_STRING")
_TLS_OPTIONS: Final = ("--ssl-keyfile", "--ssl-certfile")
_SERVER_APP: Final = "prefect.server.api.server:create_app"
"""The app of a Prefect server that a web server runs."""
SERVER_COMMAND: Final = ("prefect", "server", "start", "--host", "0.0.0.0", "--port", "4200")  # noqa: S104  replaced
"""The server that replaces Prefect Cloud."""


@dataclass(frozen=True)
class Place:
    """Where processes run.

    Attributes:
        home: Folder of the server and its database.
        port: Port of the server.
        auth: Credential of its API.

    """

    home: Path
    port: int
    auth: str

    @property
    def url(self) -> str:
        """URL of the API."""
        return f"http://{LOOPBACK}:{self.port}/api"

    def replaced(self) -> dict[str, str]:
        """Settings that lead to parts of this machine."""
        return {
            "PREFECT_API_URL": self.url,
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{self.home}/prefect.db",
            "PREFECT_SERVER_UI_API_URL": self.url,
            "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(self.home / "ui"),
        }

    def environment(self, container: Container, home: Path) -> dict[str, str]:
        """Environment of the process of a container, whose folder is `home`."""
        plain = {name: value for name, value in container.settings.items() if name not in LEFT_OUT}
        local = {name: value for name, value in self.replaced().items() if name in plain}
        if _ORDER in plain:  # the folders of the flows in the image
            local[_ORDER] = LocalImages(self.home / "images").local(container.image, plain[_ORDER])
        return {**plain, **process_environment(home), **local, **dict.fromkeys(_AUTH, self.auth)}


def is_server(command: Sequence[str]) -> bool:
    """Whether a container is a Prefect server."""
    return tuple(command[:3]) == ("prefect", "server", "start") or _SERVER_APP in command


def is_service(command: Sequence[str]) -> bool:
    """Whether a container runs the background services of a Prefect server."""
    return tuple(command[:3]) == ("prefect", "server", "services")


def local_command(command: Sequence[str], port: int = 0) -> list[str]:
    """The command with the packages of the image; empty if it belongs to another image.

    Args:
        command: Command of the container.
        port: Port to listen on, instead of that of a server.

    """
    first, *words = command or ("",)
    program = {"prefect": prefect(), "python": (image_python(),)}.get(first)
    if program is None:
        return []
    for option in _TLS_OPTIONS:
        if option in words:
            del words[words.index(option) : words.index(option) + 2]
    if port and is_server(command):
        for option, value in {"--host": LOOPBACK, "--port": str(port)}.items():
            if option in words:
                del words[words.index(option) : words.index(option) + 2]
            words += [option, value]
    return [*program, *words]
