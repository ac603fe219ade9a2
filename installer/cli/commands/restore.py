"""The command restore: the plan first; with its confirmation, a run that restores beside what is running."""

import json
import sys
import time
from typing import TYPE_CHECKING, Any

from installer.cli.commands.output import confirmed
from installer.cli.commands.recovery_run import begun_or_continued, follow, subject_of
from installer.cli.terminal_lines import show_lines
from installer.errors import CheckBlocked, UsageError
from installer.preflight.moments import DAY
from installer.runs.started_runs import unfinished_recovery

if TYPE_CHECKING:
    from collections.abc import Sequence

    from installer.engine.step import Step
    from installer.jsontypes import Json
    from installer.operations.recovery.restore_model import RestorePlan
    from installer.runs.run import Run

Settings = dict[str, Any]


def restore_postgres(settings: Settings, environment: str, at: str, name: str | None, *, proof: bool, yes: bool) -> int:
    """Restore the PostgreSQL server of an environment to a point in time, on a new server.

    Args:
        settings: Global options.
        environment: The environment.
        at: The point in time, "" for the latest one.
        name: The run; by default that of the newest installation.
        proof: Whether to delete the new server once it was compared.
        yes: Whether to carry out the plan without asking.

    """
    from installer.operations.recovery.proof_record import recorder
    from installer.operations.recovery.restore_model import instant
    from installer.operations.recovery.restore_plan import parse_time, restore_plan
    from installer.operations.recovery.restore_steps import COMPARE, restore_steps

    if proof and at:
        raise UsageError("--proof restores the latest restore point: leave out --at")
    wanted = parse_time(at) if at else None
    with subject_of(settings, name) as (session, facts, subject):
        about: dict[str, Json] = {"restore": "postgres", "environment": environment, "proof": proof, "of": facts.name}
        if wanted is not None:
            about["at"] = instant(wanted)
        unfinished, earlier = unfinished_recovery(session.state, about) or ("", {})
        if wanted is None and earlier:
            begun = parse_time(str(earlier["at"]))
            unfinished, wanted = (unfinished, begun) if time.time() - begun < DAY else ("", None)
        plan = restore_plan(subject, environment, wanted, proof=proof)
        _show(settings, plan, alone=not yes or plan.blocks)
        if plan.blocks:
            print("nothing was changed: resolve what is in the way first", file=sys.stderr)
            return CheckBlocked.exit_code
        if not confirmed(settings, f"Restore to the new server {plan.name}?", yes=yes):
            return 0
        where = facts.answers.subscription
        arm = session.arm(where.subscription, where.tenant)
        again = f"restore postgres --env {environment}{' --proof' if proof else f' --at {instant(plan.at)}'} --run {facts.name}"

        def build(run: "Run") -> "Sequence[Step]":
            record = run.journal.recall(COMPARE)
            compared = str(record.outputs.get("compared", "")) if record is not None and record.state == "done" else ""
            return restore_steps(plan, arm.service, recorder(arm, subject.it, environment, time.time), compared)

        about |= {"at": instant(plan.at), "again": f"{again} --yes"}
        return follow(settings, begun_or_continued(session, facts, unfinished, about, build))


def _show(settings: Settings, plan: "RestorePlan", *, alone: bool) -> None:
    """Print the plan; in JSON only where it is the whole output."""
    from installer.operations.recovery.restore_report import rendered

    if settings.get("output") != "json":
        show_lines(rendered(plan))
    elif alone:
        print(json.dumps({"kind": "restore plan", **plan.as_json()}, ensure_ascii=False))
