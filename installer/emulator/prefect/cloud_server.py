"""The local server in place of Prefect Cloud, and how a container names the server that it calls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from installer.emulator.prefect.local_program import API, server_settings
from installer.emulator.providers.kubernetes.workloads import Container

if TYPE_CHECKING:
    from collections.abc import Mapping

CLOUD_API: Final = "api.prefect.cloud"
"""Name of Prefect Cloud, which a local server replaces."""
_COMMAND: Final = ("prefect", "server", "start", "--host", "0.0.0.0", "--port", "4200")  # noqa: S104  replaced
CLOUD_SERVER: Final = Container(
    "",
    _COMMAND,
    dict.fromkeys(server_settings(Path(), "", ""), ""),
    {"PREFECT_SERVER_API_AUTH_STRING": CLOUD_API},
    names=(CLOUD_API,),
)
"""Its settings have their values from this machine."""
_API_KEY: Final = "PREFECT_API_KEY"
_SIGN_IN: Final = "PREFECT_API_AUTH_STRING"


def host_of(container: Container) -> str:
    """Name of the Prefect server that a container calls, "" if it calls none."""
    return urlsplit(container.settings.get(API, "")).hostname or ""


def secrets_of(container: Container) -> Mapping[str, str]:
    """Version of a secret by environment variable.

    A client of Prefect Cloud gets the sign-in of the server in its place, and not the API key, which only Prefect Cloud accepts.
    """
    if host_of(container) != CLOUD_API:
        return container.secrets
    kept = {name: reference for name, reference in container.secrets.items() if name != _API_KEY}
    return {**kept, _SIGN_IN: CLOUD_API}
