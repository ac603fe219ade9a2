"""Upgrades that a new run makes: the plan of the installation with other answers, and a run with backups and paused work pools."""

import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from installer.cli.commands.change import changed_lines, show
from installer.cli.commands.output import NOTHING, confirmed
from installer.cli.commands.run import Settings, follow_to_end, say
from installer.errors import CheckBlocked, UsageError
from installer.estate.parameters.context import Installation
from installer.invocation import command as typed
from installer.runs.purpose import Purpose

if TYPE_CHECKING:
    from installer.jsontypes import Json
    from installer.planning.model import Plan
    from installer.runs.facts import RunFacts
    from installer.runs.session import Session
    from installer.steps.upgrade_order import Upgrade


@dataclass(frozen=True)
class ByRun:
    """The request of the user.

    Attributes:
        what: The part: prefect, images or templates.
        to: The version, "" for the default.
        more: Further answers by key.
        wait: Seconds to wait for flow runs that are under way.
        environment: The environment that gets its own image, "" for all that have none.

    """

    what: str
    to: str
    more: Mapping[str, str]
    wait: float
    environment: str = ""


def upgrade_by_run(settings: Settings, session: "Session", facts: "RunFacts", wanted: ByRun, *, yes: bool) -> int:
    """Plan the installation with the answers of the upgrade; carry the plan out when it was confirmed."""
    from installer.operations.upgrade.by_run import changed_answers, interrupts, way_back, with_images
    from installer.planning.document import listed
    from installer.planning.report import writes_nothing
    from installer.runs.revision import revised
    from installer.steps.upgrade_order import Upgrade

    it = Installation(facts.answers)
    if facts.state != "succeeded":
        return _continued(settings, session, facts, wanted)
    draft = revised(facts, changed_answers(it, wanted.what, wanted.to, wanted.more, wanted.environment))
    answers = draft.answers()
    plan = with_images(session.plan(answers, say, draft=draft, checks=True), it, Installation(answers))
    plan = _with_rights(session, facts, plan)
    nothing = writes_nothing(plan) and answers == facts.answers
    around = interrupts(it, wanted.what), way_back(it, wanted.what, wanted.environment)
    if not yes or settings.get("output") != "json":
        changes = [*changed_lines(facts.draft, draft)]
        sections = [
            listed("Answers", changes),
            listed("Interrupted meanwhile", around[0]),
            listed("Going back", around[1]),
        ]
        members: dict[str, Json] = {"answers": [*changes], "interrupts": [*around[0]], "back": [*around[1]]}
        show(settings, plan, [] if nothing else [one for one in sections if one.rows], {} if nothing else members)
    if plan.blocks:
        print("the plan is blocked: nothing was changed", file=sys.stderr)
        return CheckBlocked.exit_code
    if nothing:
        print(NOTHING, file=sys.stderr)
        return 0
    if not confirmed(settings, "Carry out this plan?", yes=yes):
        return 0
    upgrade = Upgrade(wanted.what, secrets.token_hex(4), wanted.wait, wanted.environment)
    code = follow_to_end(settings, session.begin(answers, draft, attended=False, purpose=Purpose(upgrade=upgrade)))
    for line in around[1] if code else ():
        print(line, file=sys.stderr)
    return code


def _with_rights(session: "Session", facts: "RunFacts", plan: "Plan") -> "Plan":
    from installer.operations.upgrade.by_run import with_rights
    from installer.preflight.subject import Subject

    with session.reads(facts.answers) as (target, azure, graph):
        return with_rights(Subject(facts.answers, azure, graph, target, secrets=session.secrets), plan)


def _continued(settings: Settings, session: "Session", facts: "RunFacts", wanted: ByRun) -> int:
    """Continue the same upgrade. Raises UsageError if the run that has not succeeded is another one."""
    begun = begun_upgrade(session, facts.name)
    if begun is None or begun.what != wanted.what:
        resume = typed(f"resume {facts.name}")
        raise UsageError(f"run {facts.name} has not succeeded: {resume} continues it")
    from installer.operations.upgrade.by_run import changed_answers
    from installer.runs.revision import revised

    changes = changed_answers(Installation(facts.answers), wanted.what, wanted.to, wanted.more, wanted.environment)
    if revised(facts, changes).answers() != facts.answers:
        resume = typed(f"resume {facts.name}")
        raise UsageError(f"the upgrade of run {facts.name} has begun with another version: {resume} continues it")
    say(f"continuing the upgrade of run {facts.name}")
    return follow_to_end(settings, session.resume(facts.name, attended=False))


def begun_upgrade(session: "Session", name: str) -> "Upgrade | None":
    """The upgrade that a run makes, None for any other run."""
    from installer.engine.journal import Journal
    from installer.steps.upgrade_order import UPGRADE, Upgrade

    with Journal(session.state.run(name), write=False) as journal:
        return Upgrade.of(journal.fact(UPGRADE))
