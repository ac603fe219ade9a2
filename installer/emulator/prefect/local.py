"""Local processes in place of containers: their environment, ports and health checks."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import socket
import ssl
import sys
from pathlib import Path
from typing import Final

LOOPBACK: Final = "127.0.0.1"
_INHERITED: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ")
_TIMEOUT: Final = 5
_IMAGE_PYTHON: Final = Path(sys.prefix, "prefect-image", "bin", "python")
"""Environment with the locked packages of the Prefect image; install.sh makes it for rehearsals and tests."""


def image_python() -> str:
    """The Python of the Prefect image's packages, or the own one where install.sh has not made that environment."""
    return str(_IMAGE_PYTHON) if _IMAGE_PYTHON.exists() else sys.executable


def prefect() -> tuple[str, ...]:
    """The Prefect command of the image."""
    return (image_python(), "-m", "prefect")


def digest(where: str) -> str:
    """A short file name for an id."""
    return hashlib.sha256(where.lower().encode()).hexdigest()[:12]


def process_environment(home: Path) -> dict[str, str]:
    """The minimal environment of a child process: no proxy, and no secrets of this process."""
    return {
        **{name: os.environ[name] for name in _INHERITED if name in os.environ},
        "NO_PROXY": f"{LOOPBACK},localhost",
        "no_proxy": f"{LOOPBACK},localhost",
        "PYTHONUNBUFFERED": "1",
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }


def free_port() -> int:
    """A free port."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def same_port(home: Path) -> int:
    """The port of the previous start if it is free, so that known URLs stay valid."""
    file = home / "port"
    with contextlib.suppress(OSError, ValueError):
        port = int(file.read_text(encoding="ascii"))
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((LOOPBACK, port))
        return port
    port = free_port()
    file.write_text(str(port), encoding="ascii")
    return port


def answers(port: int, path: str, *, tls: bool = False) -> bool:
    """Whether the URL returns 200.

    As the kubelet does, it does not verify a certificate: kubernetes.io/docs/tasks/configure-pod-container/
    configure-liveness-readiness-startup-probes ("HTTP probes").
    """
    connection: http.client.HTTPConnection
    if tls:
        unverified = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        unverified.check_hostname, unverified.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(LOOPBACK, port, timeout=_TIMEOUT, context=unverified)
    else:
        connection = http.client.HTTPConnection(LOOPBACK, port, timeout=_TIMEOUT)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
