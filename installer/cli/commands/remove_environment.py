"""The command environment remove: the forecast, then a run that removes an environment, and one of the answers without it."""

import json
import sys
from typing import TYPE_CHECKING, Any, Final

from installer.answers.environments import changes_without
from installer.cli.commands.run import follow_to_end, say
from installer.cli.commands.uninstall import (
    Meant,
    begun,
    confirmed,
    follow_removal,
    forecast_of,
    installation,
    show_forecast,
)
from installer.errors import CheckBlocked, UsageError
from installer.invocation import command as typed
from installer.runs.purpose import Purpose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.operations.removal.extent import Extent
    from installer.operations.removal.model import Forecast
    from installer.planning.model import Plan
    from installer.runs.facts import RunFacts
    from installer.runs.session import Session

Settings = dict[str, Any]
_WRITTEN: Final = frozenset({"create", "change", "replace"})


def remove_environment(settings: Settings, environment: str, meant: Meant, confirm: str | None) -> int:
    """Remove one environment of an installation: prints what goes and what changes, and does nothing without its name.

    Args:
        settings: Global options.
        environment: The environment.
        meant: The installation.
        confirm: Prefix and environment, None to be asked for them on a terminal.

    """
    with installation(settings, meant) as (session, facts, option):
        if environment not in facts.answers.subscription.environments and _continues(session, facts, environment):
            return follow_to_end(settings, session.resume(facts.name, attended=False))
        extent, draft = _extent(facts, environment)
        text = extent.confirmation
        if confirm is not None and confirm != text:
            raise UsageError(f"--confirm {confirm}: the removal of {environment} is confirmed by {text}")
        say("reading what exists …")
        made = forecast_of(session, extent)
        plan = None if made.blocks else session.plan(draft.answers(), say, draft=draft, checks=True)
        blocks = plan is None or plan.blocks
        _show(settings, made, plan, confirmed=confirm is not None and not blocks)
        if plan is None or blocks:
            print("nothing was deleted: resolve what is in the way first", file=sys.stderr)
            return CheckBlocked.exit_code
        complete = _is_complete(session, extent, draft, plan)
        if complete and not made.going:
            print(f"nothing to do: the installation is recorded without {environment}", file=sys.stderr)
            return 0
        if confirm is None and not confirmed(settings, text, f"this environment, {environment}"):
            print(f"nothing was deleted; --confirm {text} removes it", file=sys.stderr)
            return 0
        if made.going:
            again = f"environment remove {environment} {option} --confirm {text}"
            result = follow_removal(settings, begun(session, facts, extent, made, again))
            session.end_run()
            if result.state != "succeeded" or complete:
                return result.exit_code
        run = session.begin(draft.answers(), draft, attended=False, purpose=Purpose(removes=environment))
        return follow_to_end(settings, run)


def _continues(session: "Session", facts: "RunFacts", environment: str) -> bool:
    """Whether a run completes the removal of an environment, and has not done so."""
    return facts.state not in ("", "succeeded") and session.removal_of(facts.name) == environment


def _extent(facts: "RunFacts", environment: str) -> "tuple[Extent, Any]":
    """The extent of the removal, and the answers without the environment. Raises UsageError for an environment that cannot be removed."""
    from installer.operations.removal.extent import Extent
    from installer.runs.revision import revised

    present = facts.answers.subscription.environments
    if environment not in present:
        raise UsageError(f"{environment}: the installation has {', '.join(present)}")
    if len(present) == 1:
        raise UsageError(f"{environment} is the only environment: {typed('uninstall')} removes the installation")
    changes = {key: ", ".join(value) for key, value in changes_without(facts.answers, environment)}
    draft = revised(facts, changes)
    return Extent(facts.answers, environment, draft.answers()), draft


def _is_complete(session: "Session", extent: "Extent", draft: Any, plan: "Plan") -> bool:
    """Whether Azure has the answers without the environment, and a run would change nothing."""
    from installer.planning.model import WRITES

    former = session.applied(draft)
    written = any(one.change in WRITES for one in plan.changes)
    return not written and former is not None and former[1] == extent.remaining


def _show(settings: Settings, made: "Forecast", plan: "Plan | None", *, confirmed: bool) -> None:
    """The forecast, and what the run of the remaining answers changes; in JSON only if no run follows."""
    if settings.get("output") == "json":
        if not confirmed:
            then = (
                [{"id": one.id, "change": one.change} for one in plan.changes if one.change in _WRITTEN] if plan else []
            )
            findings = [one.as_json() for one in (*made.findings, *(plan.findings if plan else ()))]
            shown = {"kind": "forecast", **made.as_json(), "findings": findings, "then": then}
            print(json.dumps(shown, ensure_ascii=False))
        return
    show_forecast(settings, made, confirmed=confirmed)
    for line in _then(plan) if plan is not None else ():
        print(line)


def _then(plan: "Plan") -> "Iterator[str]":
    """Lines about the run of the remaining answers."""
    from installer.planning.model import SIGNS, WORDS
    from installer.preflight.gate import sentence

    written = [one for one in plan.changes if one.change in _WRITTEN]
    yield "Then a run of the other environments" if written else "Then a run of the other environments changes nothing"
    for one in written:
        yield f"  {SIGNS[one.change]} {WORDS[one.change]} {one.title or one.name}"
    stops = [*plan.blocked, *(sentence(one) for one in plan.findings if one.severity == "blocks")]
    yield from (f"In the way: {one}" for one in stops)
