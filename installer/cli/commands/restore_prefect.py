"""The command restore prefect: the difference between a backup in files and the server first, then a run that restores."""

import json
import shlex
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installer.cli.commands.output import confirmed
from installer.cli.commands.recovery_run import (
    begun_or_continued,
    files_of,
    follow,
    programs_of,
    read_in_network,
    subject_of,
)
from installer.cli.terminal_lines import show_lines
from installer.errors import CheckBlocked
from installer.runs.started_runs import unfinished_recovery

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from installer.engine.step import Step
    from installer.jsontypes import Json
    from installer.operations.recovery.prefect_plan import PrefectRestore
    from installer.prefect_setup.backup.order import Mode
    from installer.preflight.subject import Subject
    from installer.runs.facts import RunFacts
    from installer.runs.run import BuildSteps, Run
    from installer.runs.session import Session

Settings = dict[str, Any]
_WHY = "restore objects of Prefect"


@dataclass(frozen=True)
class Chosen:
    """Objects to restore.

    Attributes:
        environment: The environment.
        source: Folder of a backup or with backups; None for that of this machine.
        patterns: Patterns of the objects; empty for all.
        delete: Whether to delete what the backup does not have.

    """

    environment: str
    source: Path | None
    patterns: tuple[str, ...]
    delete: bool


def restore_prefect(settings: Settings, chosen: Chosen, name: str | None, *, yes: bool) -> int:
    """Restore objects of Prefect.

    Args:
        settings: Global options.
        chosen: The objects.
        name: The run; by default that of the newest installation.
        yes: Whether to carry out the plan without asking.

    """
    from installer.operations.recovery.prefect_plan import with_comparison

    with subject_of(settings, name) as (session, facts, subject):
        plan = _checked(session, facts, subject, chosen)
        if plan.blocks:
            _show(settings, plan, alone=True)
            print("nothing was changed: resolve what is in the way first", file=sys.stderr)
            return CheckBlocked.exit_code
        code, found = _compared(settings, session, facts, plan)
        if code:
            return code
        plan = with_comparison(plan, found)
        _show(settings, plan, alone=not yes or not plan.changes)
        if not plan.changes:
            print("nothing to restore: the server has these objects as they are in the backup", file=sys.stderr)
            return 0
        if not confirmed(settings, f"Change Prefect of {chosen.environment} like this?", yes=yes):
            return 0
        about: dict[str, Json] = {
            "restore": "prefect",
            "environment": chosen.environment,
            "from": str(plan.backup.path),
            "only": [*chosen.patterns],
            "delete": chosen.delete,
            "of": facts.name,
        }
        unfinished, _ = unfinished_recovery(session.state, about) or ("", {})
        about["again"] = _again(plan, facts.name)
        return follow(
            settings, begun_or_continued(session, facts, unfinished, about, _builder(session, facts, plan, "apply"))
        )


def _checked(session: "Session", facts: "RunFacts", subject: "Subject", chosen: Chosen) -> "PrefectRestore":
    """The plan before the comparison: the files, and the rights of the job. Raises UsageError."""
    from installer.cli.commands.chosen_run import check_environment
    from installer.operations.recovery.prefect_files import chosen_backup
    from installer.operations.recovery.prefect_plan import PrefectRestore
    from installer.operations.recovery.prefect_rights import job_needs
    from installer.preflight.model import sorted_out
    from installer.preflight.rights.check import judged

    check_environment(facts.answers, chosen.environment)
    source = chosen.source.expanduser().absolute() if chosen.source else None
    backup = chosen_backup(files_of(session, facts, None), chosen.environment, source)
    plan = PrefectRestore(replace(backup, environment=chosen.environment), chosen.patterns, chosen.delete)
    plan.order(subject.it, "compare")
    findings, unseen = sorted_out(
        judged(subject, tuple(job_needs(subject.it, subject.it.site(chosen.environment), _WHY)))
    )
    return replace(plan, findings=findings, not_checked=unseen)


def _builder(session: "Session", facts: "RunFacts", plan: "PrefectRestore", mode: "Mode") -> "BuildSteps":
    from installer.operations.recovery.prefect_steps import restore_prefect as steps

    def build(_run: "Run") -> "Sequence[Step]":
        programs = programs_of(session, facts)(plan.backup.environment)
        return steps(programs, plan.order(programs.it, mode))

    return build


def _compared(
    settings: Settings, session: "Session", facts: "RunFacts", plan: "PrefectRestore"
) -> "tuple[int, Mapping[str, Json]]":
    """Exit code and outputs of the comparison."""
    from installer.operations.recovery.prefect_steps import COMPARE

    key = f"{COMPARE}-{plan.backup.environment}"
    code, found = read_in_network(settings, session, facts, _builder(session, facts, plan, "compare"), (key,))
    return code, found.get(key, {})


def _again(plan: "PrefectRestore", run: str) -> str:
    """The command that continues the restore."""
    only = "".join(f" --only {shlex.quote(one)}" for one in plan.only)
    source = shlex.quote(str(plan.backup.path))
    delete = " --delete" if plan.delete else ""
    return f"restore prefect --env {plan.backup.environment} --from {source}{only}{delete} --run {run} --yes"


def _show(settings: Settings, plan: "PrefectRestore", *, alone: bool) -> None:
    """Print the plan; in JSON only where it is the whole output."""
    from installer.operations.recovery.prefect_plan import rendered

    if settings.get("output") != "json":
        show_lines(rendered(plan))
    elif alone:
        print(json.dumps({"kind": "restore plan", "part": "prefect", **plan.as_json()}, ensure_ascii=False))
