"""The command and the environment that a local process has in place of a container.

Everything else is that of the container. What is replaced leads to parts of this machine; what is left out belongs to parts
that a rehearsal does not have; what is beside them makes a rehearsal short. The lists have the reasons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.emulator.prefect.local import LOOPBACK, image_python, prefect, process_environment
from installer.images import IMAGE_FLOWS
from installer.shipped_files import flow_project

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from installer.emulator.providers.kubernetes.workloads import Container

_ONE_PROCESS: Final = "one process is server and background services"
_NO_REDIS: Final = "one process needs no Redis"
LEFT_OUT: Final[Mapping[str, str]] = {
    "PREFECT_API_SSL_CERT_FILE": "the server on this machine ends no TLS",
    "PREFECT__SERVER_WEBSERVER_ONLY": _ONE_PROCESS,
    "PREFECT_MESSAGING_BROKER": _NO_REDIS,
    "PREFECT_MESSAGING_CACHE": _NO_REDIS,
    "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": _NO_REDIS,
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": _NO_REDIS,
    "PREFECT_SERVER_WORKER_CHANNEL_CLEANUP_QUEUE_STORAGE": _NO_REDIS,
    "PREFECT_REDIS_MESSAGING_URL": _NO_REDIS,
    "PREFECT_REDIS_WORKER_CLEANUP_QUEUE_URL": _NO_REDIS,
    "PREFECT_SERVER_DOCKET_URL": _NO_REDIS,
}
"""Reason by setting of a container that its process does not get."""
NOT_PROVED: Final = "TLS and Redis between Prefect's processes: on this machine a server ends no TLS and is one process"
"""LEFT_OUT for the user."""
WITHOUT_POSTGRES: Final[Mapping[str, str]] = {
    "PREFECT_PLUGINS_ENABLED": "no managed identity signs in to the SQLite file that replaces PostgreSQL"
}
"""The same where PostgreSQL does not run."""
BESIDE: Final[Mapping[str, str]] = {
    "PREFECT_WORKER_QUERY_SECONDS": "1",
    "PREFECT_WORKER_WEBSERVER_PORT": "",
}
"""Settings of workers beside those of their container: flow runs start at once, and each has a port of this machine."""
DATABASE: Final = "PREFECT_SERVER_DATABASE_CONNECTION_URL"
API: Final = "PREFECT_API_URL"
_ORDER: Final = "FLOWFORGE_ORDER"
"""Setting of the registration (installer/prefect_setup/payload.py)."""
_TLS_OPTIONS: Final = ("--ssl-keyfile", "--ssl-certfile")
_SERVER_APP: Final = "prefect.server.api.server:create_app"
"""The app of a Prefect server that a web server runs."""


def local_url(port: int) -> str:
    """URL of the API of a server on this machine."""
    return f"http://{LOOPBACK}:{port}/api"


def server_settings(home: Path, port: int, database: str) -> dict[str, str]:
    """Settings of a server that lead to parts of this machine; `database`: URL of its database."""
    return {
        API: local_url(port),
        DATABASE: database,
        "PREFECT_SERVER_UI_API_URL": local_url(port),
        "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(home / "ui"),
    }


def environment(
    container: Container, home: Path, *, replaced: Mapping[str, str], secrets: Mapping[str, str]
) -> dict[str, str]:
    """Environment of the process of a container.

    Args:
        container: The container.
        home: Folder of the process.
        replaced: Settings that lead to parts of this machine; those that the container has not are ignored.
        secrets: Values of the secrets of the container by environment variable.

    """
    on_file = replaced.get(DATABASE, "").startswith("sqlite")
    left_out = {**LEFT_OUT, **(WITHOUT_POSTGRES if on_file else {})}
    plain = {name: value for name, value in {**container.settings, **secrets}.items() if name not in left_out}
    local = {name: value for name, value in replaced.items() if name in plain}
    if _ORDER in plain:  # the folder of the flows in the image
        local[_ORDER] = plain[_ORDER].replace(IMAGE_FLOWS, str(flow_project()))
    return {**plain, **process_environment(home), **local}


def is_server(command: Sequence[str]) -> bool:
    """Whether a container is a Prefect server."""
    return tuple(command[:3]) == ("prefect", "server", "start") or _SERVER_APP in command


def is_service(command: Sequence[str]) -> bool:
    """Whether a container runs the background services of a Prefect server."""
    return any(tuple(command[at : at + 3]) == ("prefect", "server", "services") for at in range(len(command)))


def is_worker(command: Sequence[str]) -> bool:
    """Whether a container is a Prefect worker."""
    return tuple(command[:2]) == ("prefect", "worker")


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
