"""The command migrate: which migrations of tables are pending; with a confirmation, an operation that applies them."""

import json
import secrets
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from installer.cli.commands.output import confirmed
from installer.cli.commands.recovery_run import programs_of, read_in_network, subject_of
from installer.cli.commands.run import follow_to_end
from installer.cli.terminal_lines import show_lines
from installer.errors import CheckBlocked, UsageError
from installer.estate.parameters.context import Installation
from installer.invocation import command as typed
from installer.json_access import as_list, as_object, as_text, strings

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from installer.cloud.arm import Arm
    from installer.engine.step import Outputs, Step
    from installer.jsontypes import Json
    from installer.operations.migration.model import MigrationPlan
    from installer.preflight.subject import Subject
    from installer.runs.facts import RunFacts
    from installer.runs.run import Run
    from installer.runs.session import Session

Settings = dict[str, Any]
_WHY = "read which migrations are pending"


@dataclass(frozen=True)
class Wanted:
    """The request of the user.

    Attributes:
        environment: The environment, "" for all.
        again: Whether the command of the web app runs again although it has succeeded.

    """

    environment: str = ""
    again: bool = False

    @property
    def options(self) -> str:
        """The options of the command."""
        return f"{f' --env {self.environment}' if self.environment else ''}{' --again' if self.again else ''}"


def migrate(settings: Settings, wanted: Wanted, name: str | None, *, yes: bool) -> int:
    """Show which migrations are pending, and apply them when that was confirmed.

    Args:
        settings: Global options.
        wanted: The request.
        name: The run; by default that of the newest installation.
        yes: Whether to carry out the plan without asking.

    """
    from installer.cli.commands.chosen_run import check_environment

    with subject_of(settings, name) as (session, facts, subject):
        if wanted.environment:
            check_environment(facts.answers, wanted.environment)
        begun = _begun(session, facts, wanted)
        plan = _checked(subject, wanted)
        if not plan.blocks and not begun:
            code, outputs = _read(settings, session, facts, wanted)
            if code:
                return code
            plan = _completed(facts, plan, wanted, outputs)
        if not begun:
            _show(settings, plan, alone=not yes or plan.blocks or not plan.wanted)
        if plan.blocks:
            print("nothing was changed: resolve what is in the way first", file=sys.stderr)
            return CheckBlocked.exit_code
        if not begun and not plan.wanted:
            print("no migration is pending", file=sys.stderr)
            return 0
        if not confirmed(settings, "Apply these migrations?", yes=yes):
            return 0
        names = list(map(as_text, as_list(begun.get("environments")))) or [one.environment for one in plan.wanted]
        run = begin_migration(session, facts.name, wanted, names, as_text(begun.get("mark")))
        code = follow_to_end(settings, run)
        if code == 0:
            run.journal.set_facts(operation=None)
        return code


def _begun(session: "Session", facts: "RunFacts", wanted: Wanted) -> "Mapping[str, Json]":
    """The same migration that has not ended; empty if there is none. Raises UsageError if another operation has not."""
    found = as_object(session.operation_of(facts.name))
    if not found:
        if facts.state != "succeeded":
            raise UsageError(f"run {facts.name} has not succeeded: {typed(f'resume {facts.name}')} continues it")
        return {}
    if found.get("migrate") != wanted.options:
        raise UsageError(f"another operation has not ended: {typed(as_text(found.get('command')))} continues it")
    return found


def begin_migration(session: "Session", name: str, wanted: Wanted, environments: list[str], mark: str) -> "Run":
    """Start a migration, or continue the one with this mark."""
    mark = mark or secrets.token_hex(4)
    operation: Json = {
        "migrate": wanted.options,
        "environments": strings(environments),
        "mark": mark,
        "command": f"migrate{wanted.options} --run {name} --yes",
    }

    def build(run: "Run", every: "Sequence[Step]", arm: "Arm") -> "tuple[Sequence[Step], Collection[str]]":
        from installer.operations.migration.steps import migration_steps

        return migration_steps(every, Installation(run.facts.answers), arm.service, environments, mark)

    return session.operate(name, build, operation)


def _checked(subject: "Subject", wanted: Wanted) -> "MigrationPlan":
    """The plan before the tables are read: the rights for backups and jobs. Queries Azure; read-only."""
    from installer.operations.migration.model import MigrationPlan
    from installer.operations.recovery.prefect_rights import job_needs
    from installer.operations.upgrade.by_run import backup_needs
    from installer.preflight.model import sorted_out
    from installer.preflight.rights.check import judged

    sites = [one for one in subject.it.sites if wanted.environment in ("", one.name)]
    needs = [*backup_needs(subject.it, wanted.environment)]
    for site in sites:
        needs += job_needs(subject.it, site, _WHY)
    findings, unseen = sorted_out(judged(subject, needs))
    return MigrationPlan((), wanted.again, findings, unseen)


def _read(
    settings: Settings, session: "Session", facts: "RunFacts", wanted: Wanted
) -> "tuple[int, Mapping[str, Outputs]]":
    """Exit code of the reads, and their outputs by environment."""
    from installer.estate import keys
    from installer.operations.migration.steps import READ, reading_steps
    from installer.steps.plan import installation

    names = [name for name in facts.answers.subscription.environments if wanted.environment in ("", name)]

    def build(run: "Run") -> "Sequence[Step]":
        where, programs = facts.answers.subscription, programs_of(session, facts)
        arm = session.arm(where.subscription, where.tenant)
        every = installation(facts.answers, arm, secrets=session.secrets, run=run.name)
        return reading_steps(every, [programs(name) for name in names])

    by_key = {keys.of_environment(READ, name): name for name in names}
    code, found = read_in_network(settings, session, facts, build, by_key)
    return code, {by_key[key]: outputs for key, outputs in found.items()}


def _completed(
    facts: "RunFacts", plan: "MigrationPlan", wanted: Wanted, outputs: "Mapping[str, Outputs]"
) -> "MigrationPlan":
    """The plan with what was read."""
    from installer.estate.parameters.data import server_of
    from installer.estate.parameters.images import answered_image
    from installer.operations.migration.model import Tables
    from installer.resource_id import name_of
    from installer.steps.database_backup import has_backups

    it, found = Installation(facts.answers), list[Tables]()
    for site in it.sites:
        if wanted.environment not in ("", site.name):
            continue
        server = name_of(server_of(it, site))
        kind = (
            "an on-demand backup"
            if has_backups(site.postgres_size)
            else "the time to restore to is recorded: no backup"
        )
        image = answered_image(it, "web", site.name)
        found.append(Tables.of(site.name, image, outputs.get(site.name, {}), f"First: {kind} of {server}"))
    return replace(plan, tables=tuple(found))


def _show(settings: Settings, plan: "MigrationPlan", *, alone: bool) -> None:
    """Print the plan; in JSON only where it is the whole output."""
    from installer.operations.migration.model import rendered

    if settings.get("output") != "json":
        show_lines(rendered(plan))
    elif alone:
        print(json.dumps(plan.as_json(), ensure_ascii=False))
