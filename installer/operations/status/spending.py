"""Question: cost of the current period against the budget.

Source: REST API Consumption Budgets - Get (2024-08-01): amount, currentSpend (amount, unit).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.json_access import as_text, member
from installer.operations.status.model import Line, Question, Way
from installer.preflight.reads import NotVisible, resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.operations.status.observed import Observed

_VERSION: Final = "2024-08-01"
_NEAR: Final = 0.8
"""As the first notification of FlowForge's budgets."""
_WAY: Final = Way("see Cost analysis in the portal; scale down, or change monitoring.budget and apply")


def _lines(observed: Observed) -> Iterator[Line]:
    if not observed.subject.answers.monitoring.budget:
        yield Line("spending/none", "Cost", "not read", "the answers have no budget (monitoring.budget)")
        return
    name = observed.it.names.budget
    for one in observed.subject.subscriptions:
        yield _spent(observed, one, name)


def _spent(observed: Observed, subscription: str, name: str) -> Line:
    where = f"/subscriptions/{subscription}/providers/Microsoft.Consumption/budgets/{name}"
    key, subject = f"spending/{subscription}", f"budget {name}"
    try:
        found = observed.subject.arm.find(resource(f"{where}?api-version={_VERSION}", subject))
    except NotVisible as unseen:
        return Line(key, subject, "not read", unseen.why)
    if found is None:
        return Line(key, subject, "broken", "the budget is missing", ways=(Way("create it again", "apply"),))
    amount, spent = member(found, "properties", "amount"), member(found, "properties", "currentSpend", "amount")
    unit = as_text(member(found, "properties", "currentSpend", "unit"))
    if not isinstance(amount, (int, float)) or not isinstance(spent, (int, float)) or amount <= 0:
        return Line(key, subject, "not read", "Azure shows no cost of this period yet")
    text = f"{spent:,.2f} of {amount:,.2f} {unit} in this period ({spent / amount:.0%})".replace("  ", " ")
    near = spent >= _NEAR * amount
    return Line(key, subject, "attention" if near else "ok", text, ways=(_WAY,) if near else ())


SPENDING: Final = Question("spending", "Cost", _lines)
