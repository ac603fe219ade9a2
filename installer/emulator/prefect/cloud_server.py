"""The local server in place of Prefect Cloud, and how a container names the server that it calls."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from installer.emulator.prefect.local_program import API, server_settings
from installer.emulator.providers.kubernetes.workloads import Container

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
CLOUD_SIGN_IN: Final = {"PREFECT_API_AUTH_STRING": CLOUD_API}
"""Secret of its clients, beside the API key that only Prefect Cloud accepts."""


def host_of(container: Container) -> str:
    """Name of the Prefect server that a container calls, "" if it calls none."""
    return urlsplit(container.settings.get(API, "")).hostname or ""
