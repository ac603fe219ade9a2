"""The commands scale and environment add: other answers for an installation, first as a plan, then as a new run."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from installer.answers.model import ENVIRONMENTS
from installer.cli.commands.chosen_run import check_environment, chosen_run
from installer.cli.commands.output import NOTHING, confirmed
from installer.cli.commands.run import follow_to_end, opened, pairs, say
from installer.cli.terminal_lines import show_lines
from installer.errors import CheckBlocked, UsageError
from installer.invocation import command as typed

if TYPE_CHECKING:
    from installer.answers.draft import Draft
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
    sizes = pairs(given, "scale", "a size, such as worker_nodes_most=8")
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
    others = pairs(given, "--set", "a key of the answers file, such as prod.region=northeurope")
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
    from installer.planning.document import listed
    from installer.planning.report import writes_nothing
    from installer.runs.revision import revised

    with opened(settings) as session:
        facts = _installation(session, name)
        draft = revised(facts, changes(facts))
        answers = draft.answers()
        plan = session.plan(answers, say, draft=draft, checks=True)
        if not yes or settings.get("output") != "json":
            lines: dict[str, Sequence[str]] = {
                "Answers": [*changed_lines(facts.draft, draft)],
                "Stays": [*_own_sizes(facts.answers.subscription.environments, facts.draft, draft)],
            }
            members: dict[str, Json] = {title.lower(): [*found] for title, found in lines.items()}
            show(settings, plan, [listed(title, found) for title, found in lines.items() if found], members)
        if plan.blocks:
            print("the plan is blocked: nothing was changed", file=sys.stderr)
            return CheckBlocked.exit_code
        if writes_nothing(plan) and answers == facts.answers:
            print(NOTHING, file=sys.stderr)
            return 0
        if not confirmed(settings, "Carry out this plan?", yes=yes):
            return 0
        return follow_to_end(settings, session.begin(answers, draft, attended=False))


def changed_lines(before: "Draft", after: "Draft") -> "Iterator[str]":
    """A line for each answer that changes, with its former and its new value."""
    for key in after.given():
        former, new = before.value(key), after.value(key)
        if former != new:
            yield f"~ {key}: {_as_typed(former)} → {_as_typed(new)}"


def _as_typed(value: object) -> str:
    """A value as in an answers file; an answer that is not given has none."""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return "none" if value in (None, "") else str(value)


def _own_sizes(environments: Sequence[str], before: "Draft", after: "Draft") -> "Iterator[str]":
    """Sentences about environments whose own size a changed common one leaves as it is."""
    sizing = "sizing."
    changed = [key for key in after.given() if key.startswith(sizing) and before.value(key) != after.value(key)]
    for key in (one.removeprefix(sizing) for one in changed):
        for environment in environments:
            own = f"{environment}.{key}"
            if own in before.given() and before.value(own) is not None:
                change = typed(f"scale {key}={_as_typed(after.value(sizing + key))} --env {environment}")
                yield f"{environment} has its own {key}, {_as_typed(before.value(own))}; {change} changes it"


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
    if as_json:
        print(json.dumps(json.loads(text), ensure_ascii=False))
    else:
        show_lines(text)
