"""The command fleet plan. It returns an exit code."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from installer.cli.columns import aligned
from installer.cli.result_object import SCHEMA
from installer.conventions.counts import counted
from installer.errors import CheckBlocked, InvalidAnswers, UsageError
from installer.jsontypes import Json
from installer.runs.state_directory import StateDirectory
from installer.waiting import Workers

if TYPE_CHECKING:
    from installer.fleet.member_command import PlannedChanges
    from installer.fleet.members import Planned
    from installer.fleet.model import Fleet

Settings = dict[str, Any]
PLAN_KIND: Final = "fleet-plan"


def plan(settings: Settings, file: Path, *, azure: bool, rehearse: bool) -> int:
    """Print a table of the members; exit code 2 if the answers of one are invalid, 3 if a member is blocked or cannot be read.

    Args:
        settings: Global options.
        file: The fleet file.
        azure: Whether to count what the plan of each member would change.
        rehearse: Whether to count that in an embedded Azure.

    """
    from installer.fleet.file import load
    from installer.fleet.members import planned_members

    if azure and rehearse:
        raise UsageError("--azure reads your subscriptions, --rehearse an embedded Azure: give one of them")
    fleet = load(file)
    root = StateDirectory.at(settings.get("state_dir")).path
    found: list[Planned] = []
    problems: list[str] = []
    for one in planned_members(fleet):
        found.append(one)
        problems += one.problems
    counts = dict(_counts(fleet, found, root, rehearse=rehearse)) if (azure or rehearse) and not problems else {}
    if settings.get("output") == "json":
        rows: list[Json] = [_row_json(one, counts.get(one.member.name)) for one in found]
        document: dict[str, Json] = {"kind": PLAN_KIND, "schema": SCHEMA, "fleet": fleet.name, "members": rows}
        print(json.dumps({**document, "problems": list[Json](problems)}, ensure_ascii=False))
    else:
        print(*plan_lines(fleet, found, counts), sep="\n")
    if problems:
        print(*dict.fromkeys(problems), sep="\n", file=sys.stderr)
        return InvalidAnswers.exit_code
    return CheckBlocked.exit_code if any(one.blocked for one in counts.values()) else 0


def plan_lines(fleet: "Fleet", found: "list[Planned]", counts: "dict[str, PlannedChanges]") -> Iterator[str]:
    """The table of a plan, in the order of the waves, and what applies to all members."""
    order = {name: number for number, (name, _) in enumerate(fleet.in_waves())}
    titles = ["wave", "member", "tenant", "subscription", "environments", *(["would change"] if counts else [])]
    rows = [titles]
    for one in sorted(found, key=lambda planned: order[planned.wave]):
        if one.problems:
            cells = ["", "", f"invalid: {counted(len(one.problems), 'problem')}"]
        else:
            cells = [one.tenant, one.subscription, " ".join(one.environments)]
        rows.append([one.wave, one.member.name, *cells, *([counts[one.member.name].line] if counts else [])])
    yield from aligned(rows)
    limits = fleet.limits
    yield ""
    yield f"{counted(len(found), 'member')} in {counted(len(order), 'wave')}; {fleet.stop.sentence}"
    yield f"at once: {limits.fleet}, of a tenant {limits.tenant}, of a subscription {limits.subscription}; retries: {fleet.retries.count}"
    if not counts:
        yield "changes are not counted: --azure asks Azure for the plan of each member"


def _counts(
    fleet: "Fleet", found: "list[Planned]", root: Path, *, rehearse: bool
) -> "Iterator[tuple[str, PlannedChanges]]":
    """Changes of each member, and whether something is in its way; as many at once as the fleet runs."""
    from installer.fleet.member_command import plan_changes, write_answers

    def count(one: "Planned") -> "PlannedChanges":
        return plan_changes(write_answers(fleet, one.member, root), rehearse=rehearse)

    with Workers(fleet.limits.fleet) as pool:
        yield from zip((one.member.name for one in found), pool.map(count, found), strict=True)


def _row_json(one: "Planned", counts: "PlannedChanges | None") -> Json:
    row: dict[str, Json] = {
        "member": one.member.name,
        "wave": one.wave,
        "answers": str(one.member.answers),
        "tenant": one.tenant,
        "subscription": one.subscription,
        "environments": list[Json](one.environments),
        "valid": not one.problems,
    }
    return {**row, "changes": counts.line, "blocked": counts.blocked} if counts else row
