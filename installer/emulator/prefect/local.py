"""Processes of this machine that stand for containers: their surroundings, and where they answer."""

from __future__ import annotations

import hashlib
import http.client
import os
import socket
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

LOOPBACK: Final = "127.0.0.1"
_PASSED_ON: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ")
_SECONDS: Final = 5
PREFECT: Final = (sys.executable, "-m", "prefect")


def digest(where: str) -> str:
    """A short name for what belongs to an id."""
    return hashlib.sha256(where.lower().encode()).hexdigest()[:12]


def surroundings(home: Path) -> dict[str, str]:
    """What a process needs of ours, and nothing else, least of all the secrets of whoever started us; no proxy."""
    return {
        **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        "NO_PROXY": f"{LOOPBACK},localhost",
        "no_proxy": f"{LOOPBACK},localhost",
        "PYTHONUNBUFFERED": "1",
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def answers(port: int, path: str) -> bool:
    """Whether somebody answers there, and well."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
