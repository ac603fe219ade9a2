"""The command pipelines: writes the pipelines of an answers file into a repository."""

import json
from typing import TYPE_CHECKING, Any

from installer.errors import CheckBlocked

if TYPE_CHECKING:
    from installer.handover.pipelines.export import Asked

Settings = dict[str, Any]


def pipelines(settings: Settings, asked: "Asked") -> int:
    """Write the files, and print what became of each; exit code 3 if a conflict is left."""
    from installer.handover.pipelines.export import write_pipelines

    found = write_pipelines(asked)
    conflicts = [one.name for one in found if one.state == "conflict"]
    if settings.get("output") == "json":
        files = [{"name": one.name, "state": one.state, "reason": one.reason} for one in found]
        print(json.dumps({"directory": str(asked.directory), "files": files, "conflicts": conflicts}))
    else:
        print(*(one.line() for one in found), sep="\n")
    return CheckBlocked.exit_code if conflicts else 0
