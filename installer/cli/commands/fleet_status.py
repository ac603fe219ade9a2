"""The command fleet status: the last run of every member, from Prefect's history. It writes nothing."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installer.cli.columns import aligned
from installer.cli.result_object import SCHEMA
from installer.conventions.counts import counted
from installer.durations import clock
from installer.errors import VerificationFailed

if TYPE_CHECKING:
    from installer.fleet.history import MemberRun
    from installer.fleet.members import Planned
    from installer.jsontypes import Json

Settings = dict[str, Any]
COLUMNS = ("member", "state", "when (UTC)", "duration", "version", "reason")
NEVER, CHANGED, DONE = "not run", "answers changed", "done"


def status(settings: Settings, file: Path, *, rehearse: bool) -> int:
    """Print the table; exit code 6 if a member is not done."""
    from installer.fleet.file import load
    from installer.fleet.history import admin_api, newest_of_all
    from installer.fleet.members import planned_members

    fleet = load(file)
    planned = list(planned_members(fleet))
    runs = newest_of_all(admin_api(), fleet.name, [one.name for one in fleet.members], rehearse=rehearse)
    rows = [_row(one, runs.get(one.member.name)) for one in planned]
    not_done = [row["member"] for row in rows if row["state"] != DONE]
    code = VerificationFailed.exit_code if not_done else 0
    if settings.get("output") == "json":
        members: list[Json] = [dict(row) for row in rows]
        found = {"kind": "fleet-status", "schema": SCHEMA, "fleet": fleet.name, "exitCode": code, "members": members}
        print(json.dumps(found, ensure_ascii=False))
        return code
    cells = [
        [row["member"], row["state"], row["started"][:19], row["duration"], row["version"], row["reason"]]
        for row in rows
    ]
    print(*aligned([COLUMNS, *cells]), sep="\n")
    print(f"\n{counted(len(rows), 'member')}, {len(rows) - len(not_done)} done with these answers")
    return code


def _row(one: "Planned", run: "MemberRun | None") -> dict[str, str]:
    row = {"member": one.member.name, "wave": one.wave, "tenant": one.tenant, "subscription": one.subscription}
    if run is None:
        return {**row, "state": NEVER, "started": "", "duration": "", "version": "", "reason": "", "flowRun": ""}
    return {
        **row,
        "state": _state(one, run),
        "started": run.started,
        "duration": clock(run.seconds),
        "version": run.tagged("version"),
        "reason": "" if run.state == "COMPLETED" else " ".join(run.message.split()),
        "flowRun": run.id,
    }


def _state(one: "Planned", run: "MemberRun") -> str:
    """Prefect's word for the state; a complete run with other answers is not the one that is wanted now."""
    if run.state != "COMPLETED":
        return run.label.lower()
    return DONE if run.tagged("answers") == one.digest else CHANGED
