"""Estimates in single lines, as the wizard, the plain wizard and the review show them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.conventions.counts import counted
from installer.cost.model import SHARED, VISIBLE

if TYPE_CHECKING:
    from installer.answers.questions import Question
    from installer.cost.live import LiveCost
    from installer.cost.model import Estimate

MADE_UP: Final = "made-up"
"""Before the currency of a rehearsal's figures: they are no prices."""


def unit(found: Estimate) -> str:
    """Unit of the figures."""
    return f"{MADE_UP + ' ' if found.rehearsal else ''}{found.currency}/month"


def amount(value: float) -> str:
    """A figure without cents, grouped by thousands."""
    return "< 1" if 0 < abs(value) < VISIBLE else f"{value:,.0f}"


def signed(value: float) -> str:
    """A difference without cents, with its sign."""
    return "0" if abs(value) < VISIBLE else f"{'+' if value > 0 else '-'} {amount(abs(value))}"


def total_line(cost: LiveCost) -> str:
    """The total with its date, or the reason why there is none; it fits on a page of 69 columns."""
    found = cost.now
    if found is None or found.total is None:
        return f"no estimate: {cost.why}"
    source = "rehearsal" if found.rehearsal else "retail prices"
    return f"Estimate of {found.dated}: {amount(found.total)} {unit(found)} ({source})"


def environments_line(cost: LiveCost) -> str:
    """The part of each environment, and how much has no price; "" without figures."""
    found = cost.now
    if found is None or not found.by_environment:
        return ""
    shown = ", ".join(f"{environment or SHARED} {amount(value)}" for environment, value in found.by_environment.items())
    without = sum(line.monthly is None for line in found.lines)
    return f"{shown}; {counted(without, 'figure')} without a price" if without else shown


def changes_line(cost: LiveCost, question: Question) -> str:
    """Differences of the other answers to a question, "" if they cost the same."""
    changes = cost.differences()
    if not changes or cost.now is None:
        return ""
    parts = (f"{question.ask.options.get(text) or text}: {signed(change)}" for text, change in changes.items())
    return f"{', '.join(parts)} {unit(cost.now)}"


def proposal_line(cost: LiveCost) -> str:
    """The proposed budget, or the reason why there is none."""
    found = cost.now
    if found is None or found.total is None:
        return ""
    if found.proposed_budget is None:
        return "no proposal: the figures of a rehearsal are no prices"
    return f"proposed {found.proposed_budget} {found.currency} from the estimate"
