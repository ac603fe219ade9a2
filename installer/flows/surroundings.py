"""The environment of our Prefect children: what they need and nothing of the caller's, least of all its secrets."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

PASSED_ON: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ")
LOOPBACK: Final = "127.0.0.1,localhost"


def surroundings(home: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment for a Prefect process that keeps its files in `home`.

    The installer's own environment may hold AZURE_CLIENT_SECRET and the like, and PREFECT_* settings of another
    installation; neither is passed on. There is no proxy in it, because everything that a child talks to is on loopback.
    """
    passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {
        **passed_on,
        "NO_PROXY": LOOPBACK,
        "no_proxy": LOOPBACK,
        "PYTHONUNBUFFERED": "1",
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        **(more or {}),
    }
