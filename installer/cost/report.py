"""An estimate as sections of a document, also compared with another one. Pure."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from installer.cost.lines import amount, signed, unit
from installer.cost.model import HOURS, SHARED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.cost.compare import Comparison
    from installer.cost.model import Estimate, Line
    from installer.jsontypes import Json

Table = tuple[str, tuple[str, ...], tuple[tuple[str, ...], ...]]
"""Title, columns and rows."""
REHEARSED: Final = "made-up figures of the rehearsal, not prices"


def as_json(now: Estimate, compared: Comparison | None = None) -> dict[str, Json]:
    """The estimate with its sums, and the other one that it is compared with."""
    found: dict[str, Json] = {"cost": asdict(now), "total": now.total, "proposedBudget": now.proposed_budget}
    if compared is None:
        return found
    return {
        **found,
        "file": compared.name,
        "comparedWith": {**asdict(compared.other), "file": compared.other_name, "total": compared.other.total},
        "difference": compared.difference,
        "differenceByEnvironment": {name or SHARED: here - there for name, here, there in compared.by_environment()},
        "differenceByAnswer": [asdict(part) for part in compared.parts],
    }


def missing_figures(now: Estimate, compared: Comparison | None = None) -> str:
    """Reason why there is no figure at all, of the answers or of the others; "" if there are figures."""
    for found in (now, *([compared.other] if compared else [])):
        if found.total is None:
            return found.why or "no price of the list fits"
    return ""


def tables(now: Estimate, compared: Comparison | None = None) -> Iterator[Table]:
    """Sums, also compared with the others, then each figure with its assumption, then those without."""
    if why := missing_figures(now, compared):
        yield f"Cost per month in {now.currency}: no figures", ("",), ((why,),)
        return
    mark = f" ({REHEARSED})" if now.rehearsal else ""
    title = f"Cost per month in {now.currency}, retail prices of {now.dated}{mark}"
    if compared is None:
        yield title, ("for", "cost"), tuple(_sums(now))
    else:
        yield title, ("for", compared.name, compared.other_name, "difference"), tuple(_compared_sums(compared))
        yield _by_answer(compared)
    known = [line for line in now.lines if line.monthly is not None]
    columns = ("environment", "resource", "cost", "assumption", "price")
    of = f" of {compared.name}" if compared else ""
    yield f"Figures{of} ({HOURS:g} hours a month)", columns, tuple(map(_row, known))
    missing = [(line.usage.resource, line.usage.kind, line.why) for line in now.lines if line.monthly is None]
    missing += [("", kind, why) for kind, why in now.unpriced]
    if missing:
        yield "Without a figure, so not in the sums", ("resource", "type", "why"), tuple(missing)


def _sums(now: Estimate) -> Iterator[tuple[str, ...]]:
    for environment, cost in now.by_environment.items():
        yield environment or SHARED, amount(cost)
    yield "all", amount(now.total or 0.0)
    if now.proposed_budget is not None:
        yield "proposed budget (monitoring.budget)", f"{now.proposed_budget:,}"


def _compared_sums(compared: Comparison) -> Iterator[tuple[str, ...]]:
    for environment, here, there in compared.by_environment():
        yield environment or SHARED, amount(here), amount(there), signed(here - there)
    here, there = compared.now.total or 0.0, compared.other.total or 0.0
    yield "all", amount(here), amount(there), signed(here - there)


def _by_answer(compared: Comparison) -> Table:
    """The answers that make the difference, from the others to these."""
    rows = tuple((part.text, f"{signed(part.change)} {unit(compared.now)}") for part in compared.parts)
    title = f"From {compared.other_name} to {compared.name}, one answer after the other"
    return title, ("answer", "difference"), rows or (("no answer makes a difference", ""),)


def _row(line: Line) -> tuple[str, ...]:
    price = f"{line.price:g} per {line.unit}: {line.source}" if line.unit else line.source
    name = f"{line.usage.resource} ({line.usage.kind})"
    return line.usage.environment or SHARED, name, amount(line.monthly or 0.0), line.usage.meter.assumption, price
