"""An estimate as sections of a document, also compared with another one. Pure."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from installer.cost.model import HOURS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.cost.model import Estimate, Line
    from installer.jsontypes import Json

Table = tuple[str, tuple[str, ...], tuple[tuple[str, ...], ...]]
"""Title, columns and rows."""
SHARED: Final = "shared"
REHEARSED: Final = "made-up figures of the rehearsal, not prices"


def as_json(now: Estimate, other: Estimate | None = None) -> dict[str, Json]:
    """The estimate with its sums, and the other one that it is compared with."""
    found: dict[str, Json] = {"cost": asdict(now), "total": now.total, "proposedBudget": now.proposed_budget}
    if other is None:
        return found
    change = None if now.total is None or other.total is None else now.total - other.total
    return {**found, "comparedWith": asdict(other), "difference": change}


def tables(now: Estimate, other: Estimate | None = None) -> Iterator[Table]:
    """Sums, then each figure with its assumption, then those without; with the difference to another set of answers."""
    mark = f" ({REHEARSED})" if now.rehearsal else ""
    title = f"Cost per month in {now.currency}, retail prices of {now.dated}{mark}"
    if now.why or now.total is None:
        yield title, ("",), ((now.why or "no figure: no price of the list fits",),)
        return
    yield title, ("for", "cost"), tuple(_sums(now))
    if other is not None and other.total is not None:
        yield (
            f"Compared with the other answers, in {now.currency}",
            ("for", "difference"),
            tuple(_differences(now, other)),
        )
    known = [line for line in now.lines if line.monthly is not None]
    columns = ("environment", "resource", "cost", "assumption", "price")
    yield f"Figures ({HOURS:g} hours a month)", columns, tuple(map(_row, known))
    missing = [(line.usage.resource, line.usage.kind, line.why) for line in now.lines if line.monthly is None]
    missing += [("", kind, why) for kind, why in now.unpriced]
    if missing:
        yield "Without a figure, so not in the sums", ("resource", "type", "why"), tuple(missing)


def _sums(now: Estimate) -> Iterator[tuple[str, str]]:
    for environment, cost in sorted(now.by_environment.items()):
        yield environment or SHARED, f"{cost:.2f}"
    yield "all", f"{now.total:.2f}"
    if now.proposed_budget is not None:
        yield "proposed budget (monitoring.budget)", str(now.proposed_budget)


def _differences(now: Estimate, other: Estimate) -> Iterator[tuple[str, str]]:
    for environment in sorted({*now.by_environment, *other.by_environment}):
        change = now.by_environment.get(environment, 0.0) - other.by_environment.get(environment, 0.0)
        yield environment or SHARED, f"{change:+.2f}"
    yield "all", f"{(now.total or 0.0) - (other.total or 0.0):+.2f}"


def _row(line: Line) -> tuple[str, ...]:
    price = f"{line.price:g} per {line.unit}: {line.source}" if line.unit else line.source
    name = f"{line.usage.resource} ({line.usage.kind})"
    return line.usage.environment or SHARED, name, f"{line.monthly:.2f}", line.usage.meter.assumption, price
