"""Renders a plan as text, Markdown, HTML or JSON; unchanged resources are only counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.conventions.counts import counted
from installer.durations import clock
from installer.planning.branch import in_full
from installer.planning.document import Section, as_html, as_markdown, as_text, listed
from installer.planning.model import SIGNS, WORDS, WRITES
from installer.planning.tree import SHARED, tree
from installer.preflight.gate import sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from installer.jsontypes import Json
    from installer.planning.model import Change, Plan

FILES: Final = (".json", ".md", ".html")
"""Suffixes of plan files."""
FIREWALL: Final = "The firewall must allow"
FLOWS: Final = "Your flows (flows.source), which flows deploy brings to Prefect and a run does not"
BLOCKED: Final = "Azure does not make these changes; a run sends nothing"
SET_BACK: Final = "Changed by others; apply --plan sets it back, apply without a plan leaves it"
_COUNTED_ONLY: Final = frozenset({"same", "foreign"})


def rendered(plan: Plan, suffix: str, more: Sequence[Section] = (), members: Mapping[str, Json] | None = None) -> str:
    """The plan in a format.

    Args:
        plan: The plan.
        suffix: Suffix of a file in this format: .json, .md, .html; .txt is that of the terminal.
        more: Sections that follow, other than in JSON.
        members: Members that follow in JSON.

    """
    if suffix == ".json":
        return plan.to_json(members) + "\n"
    title = f"Plan for subscription {plan.subscription} ({plan.target})"
    lead = [f"{heading(plan)}; {usual(plan)}", *_seal(plan)]
    if suffix == ".html":
        return as_html(title, lead, [*_tables(plan), *_sections(plan), *more])
    if suffix == ".md":
        return as_markdown(title, lead, [*_tables(plan), *_sections(plan), *more])
    lines = [node.line for node in tree(plan)]
    changes = [listed("Changes", lines)] if lines else []
    return as_text(title, lead, [*changes, *_sections(plan), *more])


def heading(plan: Plan) -> str:
    """The counts in one line; "nothing to do" if everything is as it should be."""
    parts = [f"{SIGNS[word]} {plan.counts[word]} {text}" for word, text in WORDS.items() if plan.counts.get(word)]
    return "   ".join(parts) if idle(plan) is False else "   ".join(["nothing to do", *parts])


def idle(plan: Plan) -> bool:
    """Whether a run would change nothing."""
    return all(word in _COUNTED_ONLY for word, count in plan.counts.items() if count) and not plan.blocks


def writes_nothing(plan: Plan) -> bool:
    """Whether a run would change nothing. An app registration that this account cannot read is not counted: a run cannot change it."""
    rest = (one for one in plan.changes if not (one.family == "directory" and one.change == "unknown"))
    return all(one.change in _COUNTED_ONLY for one in rest) and not plan.blocks


def usual(plan: Plan) -> str:
    """The expected duration with its spread."""
    if not plan.usual:
        # what runs an image changes by its digest, which what-if does not know: the time of its stages is not in the plan
        return (
            "almost no time" if not any(plan.counts.get(word) for word in WRITES) else "duration not known in advance"
        )
    spread = f", rarely less than {clock(plan.low)} or more than {clock(plan.high)}" if plan.high else ""
    return f"usually {clock(plan.usual)} in Azure{spread}"


def _seal(plan: Plan) -> Iterator[str]:
    if plan.digest:
        yield f"made {plan.made} by flowforge-install {plan.installer}; digest {plan.digest}"
    if plan.noise:
        yield f"{counted(plan.noise, 'difference is', 'differences are')} noise: values that Azure adds, which no deployment changes"


def _tables(plan: Plan) -> Iterator[Section]:
    """The changes, a table for each environment."""
    for environment in dict.fromkeys(("", *(change.environment for change in plan.changes))):
        rows = tuple(
            (SIGNS[change.change], change.shown, change.type_title, change.group, _what(change))
            for change in plan.changes
            if change.environment == environment and change.change not in _COUNTED_ONLY
        )
        if rows:
            yield Section(f"Changes: {environment or SHARED}", ("", "resource", "type", "group", "changes"), rows)


def _what(change: Change) -> str:
    """Changes in full: a document is signed, and a shortened value is not the one that is sent."""
    known = {one.path: f"{one.path}: {in_full(one.before)} → {in_full(one.after)}" for one in change.properties}
    return "; ".join([*(known.get(path, path) for path in change.paths), *([change.why] if change.why else [])])


def _sections(plan: Plan) -> Iterator[Section]:
    """Sections about findings, changed answers, settings of others, and targets of an existing firewall."""
    for severity, title in (("blocks", "Blocks a run"), ("warns", "Warnings")):
        found = [sentence(one) for one in plan.findings if one.severity == severity]
        if found:
            yield listed(title, found)
    for title, sentences in ((BLOCKED, plan.blocked), ("No longer wanted", plan.left_over)):
        if sentences:
            yield listed(title, sentences)
    if plan.set_back:
        yield listed(SET_BACK, plan.set_back)
    if plan.registers:
        yield listed("Resource providers that the run registers", plan.registers)
    if plan.kept:
        yield listed("Set by others; a run keeps it", plan.kept)
    if plan.flows:
        yield listed(FLOWS, [one.sentence for one in plan.flows])
    if plan.egress:
        rows = tuple((one.target, str(one.port), one.why) for one in plan.egress)
        yield Section(FIREWALL, ("target", "port", "why"), rows)
    if plan.not_checked:
        yield listed("Not checked", plan.not_checked)
