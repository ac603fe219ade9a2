"""Runs the setup program like a job, and reads its events."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from installer.errors import PrefectFailed
from installer.job_program.changes import DOINGS, Change
from installer.prefect_setup.model import Estate
from installer.prefect_setup.payload import COMMAND, registration_settings
from installer.prefect_setup.rest import Api


@dataclass(frozen=True)
class Applied:
    """Numbers of created, updated and unchanged objects."""

    created: int
    updated: int
    unchanged: int


def apply(api: Api, estate: Estate, *, home: Path, emit: Callable[[Change], None]) -> Applied:
    """Make what the estate describes exist in Prefect. Raises PrefectFailed in the words of the program."""
    settings = {name: str(value) for name, value in registration_settings(estate).items()}
    prefect = {
        "PREFECT_API_URL": api.url,
        "PREFECT_API_AUTH_STRING": api.auth.get_secret_value(),
        "PREFECT_HOME": str(home),
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "FLOWFORGE_"))}
    with (home / "apply.log").open("ab") as log:
        said = subprocess.run(
            [sys.executable, *map(str, COMMAND[1:])],
            env={**kept, **settings, **prefect},
            cwd=home,
            stdout=subprocess.PIPE,
            stderr=log,
            check=False,
        )
    counts: Counter[str] = Counter()
    for line in map(json.loads, said.stdout.splitlines()):
        if "error" in line:
            raise PrefectFailed(str(line["error"]))
        if line.get("event") in DOINGS:
            counts[line["event"]] += 1
            emit(Change(line["event"], line["kind"], line["name"], line["text"], tuple(line.get("kept", ()))))
    assert said.returncode == 0
    return Applied(counts["created"], counts["updated"], counts["unchanged"])
