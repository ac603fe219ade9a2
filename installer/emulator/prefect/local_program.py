"""The command and the environment that a local process has in place of a container.

Everything else is that of the container. What is replaced leads to parts of this machine; what is left out belongs to parts
that this machine cannot run; what is beside them makes a rehearsal short. The lists have the reasons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from installer.emulator.prefect.local import LOOPBACK, image_python, prefect, process_environment
from installer.images import IMAGE_FLOWS
from installer.shipped_files import flow_project

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from installer.emulator.providers.kubernetes.workloads import Container

ProgramKind = Literal["server", "services", "worker"]
REDIS_URLS: Final = (
    "PREFECT_REDIS_MESSAGING_URL",
    "PREFECT_REDIS_WORKER_CLEANUP_QUEUE_URL",
    "PREFECT_SERVER_DOCKET_URL",
)
"""Settings with the URL of the Redis of several servers."""
_ONE_PROCESS: Final = "one process is server and background services"
_NO_REDIS: Final = "one process needs no Redis"
AS_ONE_PROCESS: Final[Mapping[str, str]] = {
    "PREFECT__SERVER_WEBSERVER_ONLY": _ONE_PROCESS,
    "PREFECT_MESSAGING_BROKER": _NO_REDIS,
    "PREFECT_MESSAGING_CACHE": _NO_REDIS,
    "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": _NO_REDIS,
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": _NO_REDIS,
    "PREFECT_SERVER_WORKER_CHANNEL_CLEANUP_QUEUE_STORAGE": _NO_REDIS,
    **dict.fromkeys(REDIS_URLS, _NO_REDIS),
}
"""Reason by setting that a process does not get where it replaces several servers, because Redis or PostgreSQL does not run."""
WITHOUT_POSTGRES: Final[Mapping[str, str]] = {
    "PREFECT_PLUGINS_ENABLED": "no managed identity signs in to the SQLite file that replaces PostgreSQL"
}
"""The same for every process where PostgreSQL does not run."""
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
"""Options of uvicorn with the files of a private key and its certificate."""
_SERVER_APP: Final = "prefect.server.api.server:create_app"
"""The app of a Prefect server that a web server runs."""


def local_url(port: int, *, tls: bool = False) -> str:
    """URL of the API of a server on this machine."""
    return f"{'https' if tls else 'http'}://{LOOPBACK}:{port}/api"


def server_settings(home: Path, url: str, database: str) -> dict[str, str]:
    """Settings of a server that lead to parts of this machine.

    Args:
        home: Folder of its process.
        url: URL of its API for browsers.
        database: URL of its database.

    """
    return {
        API: url,
        DATABASE: database,
        "PREFECT_SERVER_UI_API_URL": url,
        "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(home / "ui"),
    }


def environment(
    container: Container,
    home: Path,
    *,
    replaced: Mapping[str, str],
    secrets: Mapping[str, str],
    files: Mapping[str, str] | None = None,
    as_one: bool = False,
) -> dict[str, str]:
    """Environment of the process of a container.

    Args:
        container: The container.
        home: Folder of the process.
        replaced: Settings that lead to parts of this machine; those that the container has not are ignored.
        secrets: Values of the secrets of the container by environment variable.
        files: Local path by path of the files with secrets in the container.
        as_one: Whether the process replaces several servers and their background services.

    """
    on_file = replaced.get(DATABASE, "").startswith("sqlite")
    left_out = {**(AS_ONE_PROCESS if as_one else {}), **(WITHOUT_POSTGRES if on_file else {})}
    plain = {name: value for name, value in {**container.settings, **secrets}.items() if name not in left_out}
    mounted = {name: (files or {}).get(value, value) for name, value in plain.items()}
    local = {name: value for name, value in replaced.items() if name in plain}
    if _ORDER in plain:  # the folder of the flows in the image
        local[_ORDER] = plain[_ORDER].replace(IMAGE_FLOWS, str(flow_project()))
    return {**mounted, **process_environment(home), **local}


def kind_of(command: Sequence[str]) -> ProgramKind | None:
    """The program of Prefect that a container keeps running; None for any other."""
    if is_service(command):
        return "services"
    return "server" if is_server(command) else "worker" if is_worker(command) else None


def tls_files(command: Sequence[str]) -> tuple[str, str] | None:
    """Paths of the private key and of the certificate with which a server ends TLS; None if it ends none."""
    if not all(option in command[:-1] for option in _TLS_OPTIONS):
        return None
    key, certificate = (command[command.index(option) + 1] for option in _TLS_OPTIONS)
    return key, certificate


def is_server(command: Sequence[str]) -> bool:
    """Whether a container is a Prefect server."""
    return tuple(command[:3]) == ("prefect", "server", "start") or _SERVER_APP in command


def is_service(command: Sequence[str]) -> bool:
    """Whether a container runs the background services of a Prefect server."""
    return any(tuple(command[at : at + 3]) == ("prefect", "server", "services") for at in range(len(command)))


def is_worker(command: Sequence[str]) -> bool:
    """Whether a container is a Prefect worker."""
    return tuple(command[:2]) == ("prefect", "worker")


def local_command(command: Sequence[str], port: int = 0, files: Mapping[str, str] | None = None) -> list[str]:
    """The command with the packages of the image; empty if it belongs to another image.

    Args:
        command: Command of the container.
        port: Port to listen on, instead of that of a server.
        files: Local path by path of the files with secrets in the container.

    """
    first, *given = command or ("",)
    program = {"prefect": prefect(), "python": (image_python(),)}.get(first)
    if program is None:
        return []
    words = [(files or {}).get(word, word) for word in given]
    if port and is_server(command):
        for option, value in {"--host": LOOPBACK, "--port": str(port)}.items():
            if option in words:
                del words[words.index(option) : words.index(option) + 2]
            words += [option, value]
    return [*program, *words]
