"""The commands scale and environment add: other answers for an installation, first as a plan, then as a new run."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from installer.answers.model import ENVIRONMENTS
from installer.cli.commands.chosen_run import check_environment, chosen_run
from installer.cli.commands.output import confirmed
from installer.cli.commands.run import follow_to_end, opened, pairs, say
from installer.errors import CheckBlocked, UsageError
from installer.invocation import command as typed

if TYPE_CHECKING:
    from installer.jsontypes import Json
    from installer.planning.document import Section
    from installer.planning.model import Plan
    from installer.runs.facts import RunFacts
    from installer.runs.session import Session

Settings = dict[str, Any]
Changes: TypeAlias = "Callable[[RunFacts], dict[str, str]]"
"""Answers to change by key, given the facts of a run."""
_DIFFER = "subscription.differ"
_ENVIRONMENTS = "subscription.environments"


def scale(settings: Settings, given: Sequence[str], environment: str, name: str | None, *, yes: bool) -> int:
    """Change sizes of the installation of a run, or of one environment.

    Args:
        settings: Global options.
        given: Sizes as KEY=VALUE, with keys of the page Sizing.
        environment: The environment, "" for the sizes of all that have no others.
        name: The run; by default that of the newest installation.
        yes: Whether to carry out the plan without asking.

    """
    sizes = pairs(given, "scale", "a size, such as worker_nodes_most")
    if not sizes:
        raise UsageError(f"scale needs a size: {typed('scale worker_nodes_most=8')}")

    def changes(facts: "RunFacts") -> dict[str, str]:
        page = environment or "sizing"
        found = {f"{page}.{key.removeprefix('sizing.')}": value for key, value in sizes.items()}
        if not environment:
            return found
        check_environment(facts.answers, environment)
        return {_DIFFER: _with(facts.answers.subscription.differ, environment), **found}

    return _changed(settings, name, changes, yes=yes)


def add_environment(settings: Settings, environment: str, given: Sequence[str], name: str | None, *, yes: bool) -> int:
    """Add an environment to the installation of a run; `given` has further answers as KEY=VALUE."""
    others = pairs(given, "--set", "a key of the answers file, such as prod.region")
    if environment not in ENVIRONMENTS:
        raise UsageError(f"environment add {environment}: accepted: {', '.join(ENVIRONMENTS)}")

    def changes(facts: "RunFacts") -> dict[str, str]:
        present = facts.answers.subscription.environments
        if environment in present:
            raise UsageError(f"environment add {environment}: the installation has it already")
        found = {_ENVIRONMENTS: _with(present, environment)}
        if any(key.startswith(f"{environment}.") for key in others):
            found[_DIFFER] = _with(facts.answers.subscription.differ, environment)
        return {**found, **others}

    return _changed(settings, name, changes, yes=yes)


def _with(present: Sequence[str], added: str) -> str:
    """The environments with another one, in their order."""
    return ", ".join(one for one in ENVIRONMENTS if one in present or one == added)


def _changed(settings: Settings, name: str | None, changes: Changes, *, yes: bool) -> int:
    """Plan the installation with other answers; carry the plan out when it was confirmed."""
    from installer.planning.report import idle
    from installer.runs.revision import revised

    with opened(settings) as session:
        facts = _installation(session, name)
        draft = revised(facts, changes(facts))
        answers = draft.answers()
        plan = session.plan(answers, say, draft=draft, checks=True)
        if not yes or settings.get("output") != "json":
            show(settings, plan)
        if plan.blocks:
            print("the plan is blocked: nothing was changed", file=sys.stderr)
            return CheckBlocked.exit_code
        if idle(plan) and answers == facts.answers:
            return 0
        if not confirmed(settings, "Carry out this plan?", yes=yes):
            return 0
        return follow_to_end(settings, session.begin(answers, draft, attended=False))


def _installation(session: "Session", name: str | None) -> "RunFacts":
    """A run that has installed, with the session connected to its target."""
    facts = chosen_run(session, name)
    if facts.state != "succeeded":
        resume = typed(f"resume {facts.name}")
        raise UsageError(
            f"run {facts.name} has not succeeded: {resume} continues it, with --set KEY=VALUE for other answers"
        )
    return facts


def show(
    settings: Settings,
    plan: "Plan",
    more: "Sequence[Section]" = (),
    members: "Mapping[str, Json] | None" = None,
) -> None:
    """Print a plan, as text with further sections, or as JSON with further members."""
    from installer.planning.report import rendered

    as_json = settings.get("output") == "json"
    text = rendered(plan, ".json" if as_json else ".txt", more, members)
    print(json.dumps(json.loads(text), ensure_ascii=False) if as_json else text, end="\n" if as_json else "")
