"""The command restore lake: what was deleted and can be restored first; with its confirmation, a run that restores it."""

import json
import shlex
import sys
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from installer.cli.commands.output import confirmed
from installer.cli.commands.recovery_run import begun_or_continued, follow, programs_of, read_in_network, subject_of
from installer.cli.terminal_lines import show_lines
from installer.errors import CheckBlocked, UsageError
from installer.preflight.moments import moment_of
from installer.runs.started_runs import unfinished_recovery

if TYPE_CHECKING:
    from collections.abc import Sequence

    from installer.engine.step import Step
    from installer.jsontypes import Json
    from installer.operations.recovery.lake import LakeRestore
    from installer.prefect_setup.lake.order import Mode
    from installer.preflight.subject import Subject
    from installer.runs.facts import RunFacts
    from installer.runs.run import BuildSteps, Run
    from installer.runs.session import Session

Settings = dict[str, Any]
_WHY = "restore what was deleted in a data lake"
_INSTANT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Chosen:
    """The items to restore.

    Attributes:
        environment: The environment.
        path: Container, or container and begin of the paths, as CONTAINER/PREFIX; "" for everything.
        after: Earliest time of a deletion, "" for any.
        before: Latest time of a deletion, "" for now.

    """

    environment: str
    path: str = ""
    after: str = ""
    before: str = ""

    @property
    def options(self) -> str:
        """The options of the command, without the latest time."""
        path = f" {shlex.quote(self.path)}" if self.path else ""
        return f"{path} --env {self.environment}{f' --after {self.after}' if self.after else ''}"


def restore_lake(settings: Settings, chosen: Chosen, name: str | None, *, yes: bool) -> int:
    """Restore what was deleted in the data lake of an environment.

    Args:
        settings: Global options.
        chosen: The items to restore.
        name: The run; by default that of the newest installation.
        yes: Whether to carry out the plan without asking.

    """
    from installer.operations.recovery.lake import READ, with_items

    after, before = _time("--after", chosen.after), _time("--before", chosen.before)
    with subject_of(settings, name) as (session, facts, subject):
        about: dict[str, Json] = {"restore": "lake", "options": chosen.options, "of": facts.name}
        if chosen.before:
            about["before"] = time.strftime(_INSTANT, time.gmtime(before))
        unfinished, earlier = unfinished_recovery(session.state, about) or ("", {})
        until = before or (moment_of(str(earlier["before"])) if earlier else float(int(time.time())))
        plan = _checked(subject, chosen, after, until)
        if not plan.blocks:
            key = f"{READ}-{chosen.environment}"
            code, found = read_in_network(settings, session, facts, _builder(session, facts, plan, "read"), (key,))
            if code:
                return code
            plan = with_items(plan, found.get(key, {}), time.time())
        _show(settings, plan, alone=not yes or plan.blocks or not plan.found)
        if plan.blocks:
            print("nothing was changed: resolve what is in the way first", file=sys.stderr)
            return CheckBlocked.exit_code
        if not plan.found:
            print("nothing to restore: the data lake keeps nothing that was deleted like this", file=sys.stderr)
            return 0
        if not confirmed(settings, "Restore this?", yes=yes):
            return 0
        about["before"] = time.strftime(_INSTANT, time.gmtime(until))
        about["again"] = f"restore lake{chosen.options} --before {about['before']} --run {facts.name} --yes"
        build = _builder(session, facts, plan, "restore")
        return follow(settings, begun_or_continued(session, facts, unfinished, about, build))


def _time(option: str, text: str) -> float:
    """A time in seconds since the epoch, 0 without one. Raises UsageError."""
    found = moment_of(text) if text else 0.0
    if text and not found:
        raise UsageError(f"{option} {text}: write a time such as 2026-12-01T14:30:00Z; without a time zone it is UTC")
    return found


def _checked(subject: "Subject", chosen: Chosen, after: float, before: float) -> "LakeRestore":
    """The plan before the list: the rights of the job. Raises UsageError."""
    from installer.cli.commands.chosen_run import check_environment
    from installer.operations.recovery.lake import LakeRestore
    from installer.operations.recovery.prefect_rights import job_needs
    from installer.preflight.model import sorted_out
    from installer.preflight.rights.check import judged

    check_environment(subject.answers, chosen.environment)
    container, _, prefix = chosen.path.partition("/")
    plan = LakeRestore(chosen.environment, container, prefix, after, before)
    findings, unseen = sorted_out(
        judged(subject, tuple(job_needs(subject.it, subject.it.site(chosen.environment), _WHY)))
    )
    return replace(plan, findings=findings, not_checked=unseen)


def _builder(session: "Session", facts: "RunFacts", plan: "LakeRestore", mode: "Mode") -> "BuildSteps":
    from installer.operations.recovery.lake import lake_steps

    def build(_run: "Run") -> "Sequence[Step]":
        programs = programs_of(session, facts)(plan.environment)
        return lake_steps(programs, plan.order(programs.it, mode))

    return build


def _show(settings: Settings, plan: "LakeRestore", *, alone: bool) -> None:
    """Print the plan; in JSON only where it is the whole output."""
    from installer.operations.recovery.lake import rendered

    if settings.get("output") != "json":
        show_lines(rendered(plan))
    elif alone:
        print(json.dumps({"kind": "restore plan", "part": "lake", **plan.as_json()}, ensure_ascii=False))
