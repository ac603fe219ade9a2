"""The command backup: what could be restored; with a confirmation, a run that takes backups on demand."""

import json
import shlex
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installer.cli.commands.output import confirmed
from installer.cli.commands.recovery_run import begun_or_continued, files_of, follow, programs_of, subject_of
from installer.cli.terminal_lines import show_lines
from installer.errors import CheckBlocked
from installer.preflight.moments import moment_of
from installer.runs.started_runs import unfinished_recovery

if TYPE_CHECKING:
    from collections.abc import Sequence

    from installer.engine.step import Step
    from installer.jsontypes import Json
    from installer.operations.recovery.backup_model import Backups
    from installer.preflight.subject import Subject
    from installer.runs.facts import RunFacts
    from installer.runs.run import Run
    from installer.runs.session import Session

Settings = dict[str, Any]
_NAME = "flowforge-%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Wanted:
    """Parts of an installation.

    Attributes:
        environment: The environment, "" for all.
        kinds: Kinds of parts; empty for all.
        folder: Folder for backups in files; None for that of this machine.

    """

    environment: str = ""
    kinds: tuple[str, ...] = ()
    folder: Path | None = None

    def found(self, session: "Session", facts: "RunFacts", subject: "Subject", moment: float) -> "Backups":
        """The backups that exist, and those of this moment. Queries Azure."""
        from installer.operations.recovery.backup_model import KINDS
        from installer.operations.recovery.backup_plan import backups_of

        chosen = tuple(one for one in KINDS if one in self.kinds or not self.kinds)
        return backups_of(subject, self.environment, _mark(moment), files_of(session, facts, self.folder), chosen)

    @property
    def options(self) -> str:
        """The options of the command."""
        found = [f" --env {self.environment}"] if self.environment else []
        found += [f" --only {one}" for one in self.kinds]
        found += [f" --folder {shlex.quote(str(self.folder))}"] if self.folder else []
        return "".join(found)


def list_backups(settings: Settings, wanted: Wanted, name: str | None) -> int:
    """Show what could be restored, from when until when. Writes nothing."""
    with subject_of(settings, name) as (session, facts, subject):
        _show(settings, wanted.found(session, facts, subject, time.time()), plan=False, alone=True)
    return 0


def back_up(settings: Settings, wanted: Wanted, name: str | None, *, yes: bool) -> int:
    """Take backups on demand of an installation or of one environment.

    Args:
        settings: Global options.
        wanted: The parts.
        name: The run; by default that of the newest installation.
        yes: Whether to carry out the plan without asking.

    """
    from installer.operations.recovery.backup_steps import backup_steps

    with subject_of(settings, name) as (session, facts, subject):
        about: dict[str, Json] = {"backup": f"{wanted.environment or 'all'}{wanted.options}", "of": facts.name}
        unfinished, earlier = unfinished_recovery(session.state, about) or ("", {})
        since = moment_of(str(earlier["since"])) if earlier else float(int(time.time()))
        found = wanted.found(session, facts, subject, since)
        _show(settings, found, plan=True, alone=not yes or found.blocks or not found.wanted)
        if found.blocks:
            print("nothing was changed: resolve what is in the way first", file=sys.stderr)
            return CheckBlocked.exit_code
        if not found.wanted:
            print("no backup on demand can be taken; the automatic ones are listed", file=sys.stderr)
            return CheckBlocked.exit_code
        if not confirmed(settings, "Take these backups?", yes=yes):
            return 0
        where = facts.answers.subscription
        service = session.arm(where.subscription, where.tenant).service

        def build(_run: "Run") -> "Sequence[Step]":
            return backup_steps(found, service, since, programs_of(session, facts))

        again = f"backup{wanted.options} --run {facts.name} --yes"
        about |= {"since": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(since)), "again": again}
        return follow(settings, begun_or_continued(session, facts, unfinished, about, build))


def _mark(moment: float) -> str:
    """Name of the backups of a command."""
    return time.strftime(_NAME, time.gmtime(moment))


def _show(settings: Settings, found: "Backups", *, plan: bool, alone: bool) -> None:
    """Print the backups; in JSON only where they are the whole output."""
    from installer.operations.recovery.backup_report import rendered

    if settings.get("output") != "json":
        show_lines(rendered(found, plan=plan))
    elif alone:
        print(json.dumps({"kind": "backup plan" if plan else "backups", **found.as_json()}, ensure_ascii=False))
