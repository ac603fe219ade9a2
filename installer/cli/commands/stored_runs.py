"""Commands on the runs that are stored on this machine: their list, releasing a lock, deleting. They return exit codes."""

import json
import sys
import textwrap
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from installer.cli.columns import aligned
from installer.cli.commands.output import asked, attended
from installer.cli.terminal_lines import terminal_width
from installer.conventions.subscription_names import short_id
from installer.errors import UsageError
from installer.runs.state_directory import StateDirectory
from installer.sanitize import clean

if TYPE_CHECKING:
    from installer.runs.stored_runs import StoredRun

Settings = dict[str, Any]
MAX_WIDTH = 120
INDENT = "    "
COLUMNS = ("RUN", "STATE", "TARGET", "CREATED", "SUBSCRIPTION")


def runs(settings: Settings) -> int:
    """Print a table of the runs; times are those of this machine, in JSON those of UTC."""
    from installer.runs.stored_runs import stored_runs

    found = list(stored_runs(StateDirectory.to_read(settings.get("state_dir"))))
    if settings.get("output") == "json":
        print(json.dumps([_as_json(one) for one in found]))
    else:
        print("\n".join(_table(found, terminal_width())) if found else "no runs yet")
    return 0


def _as_json(run: "StoredRun") -> dict[str, str]:
    return {
        "run": run.name,
        "state": run.state,
        "note": run.note,
        "created": run.created.isoformat() if run.created else "",
        "target": run.target,
        "subscription": run.subscription,
    }


def _table(found: "list[StoredRun]", width: int = 0) -> list[str]:
    """A line for each run, and another one for its note; lines that do not fit a width have shortened subscriptions."""
    rows = [COLUMNS, *(_row(one, one.subscription) for one in found)]
    lines = aligned(rows)
    if width and max(map(len, lines)) > width:
        lines = aligned([COLUMNS, *(_row(one, short_id(one.subscription)) for one in found)])
    notes = [[], *(textwrap.wrap(clean(one.note), (width or MAX_WIDTH) - len(INDENT)) for one in found)]
    return [
        text for line, note in zip(lines, notes, strict=True) for text in (line, *(f"{INDENT}{one}" for one in note))
    ]


def _row(run: "StoredRun", subscription: str) -> tuple[str, ...]:
    created = run.created.astimezone().strftime("%Y-%m-%d %H:%M") if run.created else ""
    return run.name, run.state, run.target, created, subscription


def unlock(settings: Settings, name: str) -> int:
    """Release the lock of a run whose owner no longer runs."""
    from installer.engine.lock import unlock as release

    result = release(StateDirectory.at(settings.get("state_dir")).run(name))
    print(json.dumps({"run": name, "locked": False}) if settings.get("output") == "json" else result)
    return 0


def delete(settings: Settings, names: tuple[str, ...], *, yes: bool) -> int:
    """Delete these runs, after a question."""
    from installer.runs.stored_runs import find_stored

    state = StateDirectory.at(settings.get("state_dir"))
    return _delete(settings, state, [find_stored(state, name) for name in dict.fromkeys(names)], yes=yes)


def prune(settings: Settings, days: int, *, yes: bool) -> int:
    """Delete the runs of some age that are not needed to continue an installation, after a question."""
    from installer.runs.stored_runs import outdated

    state = StateDirectory.at(settings.get("state_dir"))
    found = outdated(state, timedelta(days=days), datetime.now(UTC))
    if not found and settings.get("output") != "json":
        print(f"nothing to delete: no rehearsal and no earlier run is {days} days old")
        return 0
    return _delete(settings, state, found, yes=yes)


def _delete(settings: Settings, state: StateDirectory, chosen: "list[StoredRun]", *, yes: bool) -> int:
    from installer.runs.stored_runs import delete as remove

    as_json = settings.get("output") == "json"
    if not yes:
        if as_json or not attended():
            raise UsageError("deleting asks for confirmation: add --yes where no one can answer")
        print("\n".join(_table(chosen, terminal_width())))
        if any(one.target not in ("rehearsal", "") for one in chosen):
            print("Deployed resources stay in Azure. An installation without a run can be adopted: attach NAME.")
        if asked(f"Delete {_count(chosen)} from this machine? [y/N] ").lower() not in ("y", "yes"):
            print("nothing was deleted", file=sys.stderr)
            return 0
    for one in chosen:
        remove(state, one)
        if not as_json:
            print(f"{one.name}: deleted")
    if as_json:
        print(json.dumps({"deleted": [one.name for one in chosen]}))
    return 0


def _count(chosen: "list[StoredRun]") -> str:
    return "1 run" if len(chosen) == 1 else f"{len(chosen)} runs"
