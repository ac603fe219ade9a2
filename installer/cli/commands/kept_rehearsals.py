"""Commands on rehearsals whose Prefect was kept: their list, and their end. They return exit codes."""

import json
from typing import Any

from installer.runs.kept_rehearsals import kept_rehearsals
from installer.runs.kept_rehearsals import stop as stop_kept
from installer.runs.state_directory import StateDirectory

NAME_CELLS = 16
Settings = dict[str, Any]


def list_kept(settings: Settings) -> int:
    """Print the rehearsals that are running."""
    found = list(kept_rehearsals(StateDirectory.to_read(settings.get("state_dir"))))
    if settings.get("output") == "json":
        rows = [
            {
                "run": one.name,
                "pid": one.pid,
                "since": one.since.isoformat(),
                "endpoint": one.endpoint,
                "prefect": one.prefect,
            }
            for one in found
        ]
        print(json.dumps(rows))
        return 0
    for one in found:
        print(f"{one.name}  running since {one.since.astimezone():%Y-%m-%d %H:%M}, process {one.pid}")
        addresses = {"embedded Azure": one.endpoint, **{f"Prefect of {name}": it for name, it in one.prefect.items()}}
        for name, address in addresses.items():
            print(f"  {name:<{NAME_CELLS}} {address}")
    if not found:
        print("no rehearsal is running")
    return 0


def stop(settings: Settings, names: tuple[str, ...]) -> int:
    """Stop them, and print which."""
    stopped = stop_kept(StateDirectory.at(settings.get("state_dir")), names)
    if settings.get("output") == "json":
        print(json.dumps({"stopped": [one.name for one in stopped]}))
    else:
        print("\n".join(f"{one.name}: stopped" for one in stopped) or "no rehearsal is running")
    return 0
