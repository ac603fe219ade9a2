"""Standard output of a program: one JSON object in each line, and nothing else."""

import json
import os
from collections.abc import Callable
from typing import TypeAlias

from installer.job_program.changes import Change
from installer.jsontypes import Json

WriteLine: TypeAlias = Callable[[dict[str, Json]], None]


def json_lines() -> WriteLine:
    """Reserve standard output for JSON lines, and send everything that libraries print there to standard error."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def write(line: dict[str, Json]) -> None:
        out.write(json.dumps(line) + "\n")
        out.flush()

    return write


def line_of(change: Change) -> dict[str, Json]:
    """The line of an event."""
    kept: dict[str, Json] = {"kept": list(change.kept)} if change.kept else {}
    return {"event": change.doing, "kind": change.kind, "name": change.name, "text": change.text, **kept}
