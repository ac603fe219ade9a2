"""The commands that use a restored PostgreSQL server in place of the running one, and that delete the one that is left over."""

import json
import secrets
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from installer.cli.commands.change import show
from installer.cli.commands.output import confirmed
from installer.cli.commands.recovery_run import begun_or_continued, follow, subject_of
from installer.cli.commands.run import follow_to_end, say
from installer.errors import CheckBlocked, UsageError
from installer.estate.parameters.context import Installation
from installer.invocation import command as typed
from installer.runs.purpose import Purpose
from installer.runs.started_runs import unfinished_recovery

if TYPE_CHECKING:
    from collections.abc import Sequence

    from installer.engine.step import Step
    from installer.jsontypes import Json
    from installer.runs.facts import RunFacts
    from installer.runs.run import Run
    from installer.runs.session import Session

Settings = dict[str, Any]
_NAMES = "governance.names"


@dataclass(frozen=True)
class Switch:
    """The request of the user.

    Attributes:
        environment: An environment whose databases are on the server.
        to: Name of the server to use, "" for the newest restore.
        wait: Seconds to wait for flow runs that are under way.

    """

    environment: str
    to: str
    wait: float


def switch_server(settings: Settings, wanted: Switch, name: str | None, *, yes: bool) -> int:
    """Plan the installation with a restored server; carry the plan out when it was confirmed.

    Args:
        settings: Global options.
        wanted: The request.
        name: The run; by default that of the newest installation.
        yes: Whether to carry out the plan without asking.

    """
    from installer.operations.recovery.switch import chosen_server, interrupts, named_server, way_back
    from installer.planning.document import listed
    from installer.runs.revision import revised
    from installer.steps.upgrade_order import SWITCH, Upgrade

    with subject_of(settings, name) as (session, facts, subject):
        if facts.state != "succeeded":
            return _continued(settings, session, facts)
        it = Installation(facts.answers)
        server = chosen_server(subject, wanted.environment, wanted.to)
        draft = revised(facts, {_NAMES: named_server(it, wanted.environment, server.name)})
        answers = draft.answers()
        plan = session.plan(answers, say, draft=draft, checks=True)
        around = interrupts(it, wanted.environment, server.name), way_back(it, wanted.environment)
        if not yes or settings.get("output") != "json":
            answer = f"~ {_NAMES}: {', '.join(answers.governance.names) or 'none'}"
            sections = [
                listed("Server", [f"{server.name}, restored to {server.point}" if server.point else server.name]),
                listed("Answers", [answer]),
                listed("Interrupted meanwhile", around[0]),
                listed("Going back", around[1]),
            ]
            members: dict[str, Json] = {"server": server.id, "interrupts": [*around[0]], "back": [*around[1]]}
            show(settings, plan, sections, members)
        if plan.blocks:
            print("the plan is blocked: nothing was changed", file=sys.stderr)
            return CheckBlocked.exit_code
        if not confirmed(settings, f"Use {server.name} from now on?", yes=yes):
            return 0
        upgrade = Upgrade(SWITCH, secrets.token_hex(4), wanted.wait)
        code = follow_to_end(settings, session.begin(answers, draft, attended=False, purpose=Purpose(upgrade=upgrade)))
        for line in around[1] if code else ():
            print(line, file=sys.stderr)
        return code


def _continued(settings: Settings, session: "Session", facts: "RunFacts") -> int:
    """Continue the switch that has not ended. Raises UsageError if the run that has not succeeded is another one."""
    from installer.cli.commands.upgrade_run import begun_upgrade
    from installer.steps.upgrade_order import SWITCH

    begun = begun_upgrade(session, facts.name)
    if begun is None or begun.what != SWITCH:
        raise UsageError(f"run {facts.name} has not succeeded: {typed(f'resume {facts.name}')} continues it")
    say(f"continuing the switch of run {facts.name}")
    return follow_to_end(settings, session.resume(facts.name, attended=False))


def remove_server(settings: Settings, environment: str, server: str, name: str | None, *, yes: bool) -> int:
    """Delete a server beside the one in use: the plan first.

    Args:
        settings: Global options.
        environment: An environment whose databases are on the server in use.
        server: Name of the server to delete.
        name: The run; by default that of the newest installation.
        yes: Whether to carry out the plan without asking.

    """
    from installer.operations.recovery.switch import removal_lines, removal_of
    from installer.operations.removal.steps import RemoveItems
    from installer.preflight.gate import sentence

    with subject_of(settings, name) as (session, facts, subject):
        about: dict[str, Json] = {"remove": server, "environment": environment, "of": facts.name}
        unfinished, earlier = unfinished_recovery(session.state, about) or ("", {})
        plan = removal_of(subject, environment, server)
        if settings.get("output") != "json":
            print(*removal_lines(plan), *(f"in the way: {sentence(one)}" for one in plan.findings), sep="\n")
        elif not yes or plan.blocks:
            print(json.dumps({"kind": "removal plan", **plan.as_json()}, ensure_ascii=False))
        if plan.blocks:
            print("nothing was changed: resolve what is in the way first", file=sys.stderr)
            return CheckBlocked.exit_code
        if not confirmed(settings, f"Delete {server} with its data?", yes=yes):
            return 0
        where = facts.answers.subscription
        service = session.arm(where.subscription, where.tenant).service

        def build(_run: "Run") -> "Sequence[Step]":
            steps: list[Step] = []
            for number, item in enumerate(plan.items):
                key, before = f"remove-{number}", tuple(step.key for step in steps)
                steps.append(RemoveItems(service, key, f"Deleted: {item.shown}", (item,), before))
            return steps

        again = f"restore postgres --env {environment} --remove {server} --run {facts.name} --yes"
        about |= {**earlier, "again": again}
        return follow(settings, begun_or_continued(session, facts, unfinished, about, build))
