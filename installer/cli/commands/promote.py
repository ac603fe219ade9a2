"""The command promote: the images of one environment for another, the record of that, and the way back.

A promotion is a new run of the installation with other image answers of one environment: nothing is built, stages that stay the same
are not deployed again, and the acceptance runs at its end are the gate.
"""

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from installer.cli.commands.change import show
from installer.cli.commands.chosen_run import check_environment, chosen_name
from installer.cli.commands.output import NOTHING, confirmed
from installer.cli.commands.promoted_flows import deploy_flows, flows_of
from installer.cli.commands.run import Settings, follow_to_end, opened, say
from installer.errors import CheckBlocked, UsageError
from installer.estate.parameters.context import Installation
from installer.invocation import command as typed
from installer.runs.purpose import Purpose

if TYPE_CHECKING:
    from installer.cli.commands.promotion_plan import PromotionPlan
    from installer.jsontypes import Json
    from installer.runs.facts import RunFacts
    from installer.runs.session import Session
    from installer.steps.promotion import Promotion


@dataclass(frozen=True)
class Wanted:
    """The request of the user.

    Attributes:
        source: The environment that is promoted, "" for the way back.
        target: The environment that changes.
        flows: Folder or archive of the customer's flows, None for that of the answers.
        wait: Seconds to wait for flow runs that are under way.

    """

    source: str
    target: str
    flows: str | None
    wait: float


def promote(settings: Settings, wanted: Wanted, name: str | None, *, yes: bool) -> int:
    """Promote the images of an environment, or go back to those before; a plan first."""
    if wanted.source == wanted.target:
        raise UsageError(f"--to {wanted.target}: name another environment than --from")
    with opened(settings) as session:
        facts = session.installation(chosen_name(session, name))
        present = facts.answers.subscription.environments
        options = {"--from": wanted.source, "--to": wanted.target} if wanted.source else {"--env": wanted.target}
        if wrong := [f"{option} {one}" for option, one in options.items() if one not in present]:
            raise UsageError(f"{', '.join(wrong)}: the installation has {', '.join(present)}")
        if facts.state != "succeeded" and (begun := _begun(session, facts, wanted)) is not None:
            say(f"continuing run {facts.name}")
            code = follow_to_end(settings, session.resume(facts.name, attended=False))
            return _failed(facts, begun, code) if code else _flows(settings, session, facts, wanted)
        return _promote(settings, session, facts, wanted, yes=yes)


def _begun(session: "Session", facts: "RunFacts", wanted: Wanted) -> "Promotion | None":
    """The promotion of a run that has not succeeded, if the same command was given; None for a run of another command.

    That run blocks a promotion, whose plan names it. Raises CheckBlocked for a way back, except from the promotion of that run.
    """
    from installer.cli.commands.promotion_plan import begun_promotion

    begun = begun_promotion(session, facts.name)
    same = begun is not None and begun.target == wanted.target
    if begun is not None and same and begun.source == wanted.source:
        return begun
    if wanted.source or same:
        return None
    raise CheckBlocked(f"run {facts.name} has not succeeded: {typed(f'resume {facts.name}')} continues it")


def _promote(settings: Settings, session: "Session", facts: "RunFacts", wanted: Wanted, *, yes: bool) -> int:
    from installer.cli.commands.promotion_plan import plan_promotion
    from installer.steps.upgrade_order import Upgrade

    read = flows_of(settings, session, facts, (wanted.source, wanted.target), wanted.flows)
    found = plan_promotion(session, facts, wanted.source, wanted.target, read.flows)
    promotion, plan = found.promotion, found.plan
    nothing = not found.changes
    if not yes or plan.blocks or settings.get("output") != "json":
        _show(settings, found, Installation(facts.answers), nothing=nothing)
    if plan.blocks:
        print("the promotion is blocked: nothing was changed", file=sys.stderr)
        return CheckBlocked.exit_code
    if nothing and not read.differ:
        print(f"{NOTHING}: {promotion.target} has the images and flows of {promotion.source}", file=sys.stderr)
        return 0
    if not confirmed(settings, "Carry out this plan?", yes=yes):
        return 0
    if nothing:
        return deploy_flows(settings, session, facts, wanted.target, read)
    upgrade = Upgrade("promotion", promotion.mark, wanted.wait, promotion.target, promotion)
    draft = found.draft
    run = session.begin(draft.answers(), draft, attended=False, purpose=Purpose(upgrade=upgrade))
    if code := follow_to_end(settings, run):
        return _failed(facts, promotion, code)
    return deploy_flows(settings, session, run.facts, wanted.target, read) if read.differ else 0


def _flows(settings: Settings, session: "Session", facts: "RunFacts", wanted: Wanted) -> int:
    """Deploy the flows after a run that was continued."""
    read = flows_of(settings, session, facts, (wanted.source, wanted.target), wanted.flows)
    return deploy_flows(settings, session, facts, wanted.target, read) if read.differ else 0


def _failed(facts: "RunFacts", promotion: "Promotion", code: int) -> int:
    """Name the way back."""
    from installer.operations.promotion.changes import way_back

    for line in way_back(Installation(facts.answers), promotion):
        print(line, file=sys.stderr)
    return code


def _show(settings: Settings, found: "PromotionPlan", it: Installation, *, nothing: bool) -> None:
    """Print the plan with the comparison, what it interrupts, and the way back."""
    from installer.operations.promotion.changes import interrupts, way_back
    from installer.operations.promotion.comparison import table
    from installer.planning.document import listed

    promotion = found.promotion
    stops = () if nothing else interrupts(promotion)
    back = () if nothing else way_back(it, promotion)
    sections = [table(found.rows, promotion), listed("Interrupted meanwhile", stops), listed("Going back", back)]
    members: dict[str, Json] = {
        "from": promotion.source,
        "to": promotion.target,
        "differences": [one.as_json() for one in found.rows],
        "interrupts": [*stops],
        "back": [*back],
    }
    show(settings, found.plan, [one for one in sections if one.rows], members)


def prove(settings: Settings, environment: str, name: str | None, *, yes: bool) -> int:
    """Run the installation again as it is answered, for the acceptance run that a promotion rests on; a plan first.

    Unlike `apply` it reaches the embedded Azure of a rehearsal, too, and it runs although nothing is to be changed.
    """
    with opened(settings) as session:
        facts = session.installation(chosen_name(session, name))
        check_environment(facts.answers, environment)
        if facts.state != "succeeded":
            raise CheckBlocked(f"run {facts.name} has not succeeded: {typed(f'resume {facts.name}')} continues it")
        plan = session.plan(facts.answers, say, draft=facts.draft, checks=True)
        if not yes or plan.blocks or settings.get("output") != "json":
            show(settings, plan)
        if plan.blocks:
            print("the plan is blocked: nothing was changed", file=sys.stderr)
            return CheckBlocked.exit_code
        if not confirmed(settings, "Carry out this plan?", yes=yes):
            return 0
        return follow_to_end(settings, session.begin(facts.answers, facts.draft, attended=False))


def history(settings: Settings, environment: str, name: str | None) -> int:
    """Print what was promoted to an environment, the newest first. Writes nothing."""
    from installer.cli.commands.promotion_plan import recorded
    from installer.operations.promotion.comparison import short

    with opened(settings) as session:
        facts = session.installation(chosen_name(session, name))
        check_environment(facts.answers, environment)
        where = facts.answers.subscription
        found = recorded(session.arm(where.subscription, where.tenant), Installation(facts.answers), environment)
    if settings.get("output") == "json":
        entries: list[Json] = [one.shown_as_json() for one in found]
        print(json.dumps({"kind": "promotions", "schema": 1, "environment": environment, "promotions": entries}))
        return 0
    if not found:
        print(f"nothing was promoted to {environment}")
    for one in found:
        what = f"from {one.promotion.source}" if one.promotion.source else "back to the version before"
        images = ", ".join(short(image) for image in one.promotion.after.values())
        state = "proved by its acceptance run" if one.state == "proved" else "not proved"
        print(f"{one.at}  {what}: {images}; {state}; by {one.who}")
    return 0
