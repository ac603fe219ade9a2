"""Start of a new budget: Azure takes none that is more than a year ahead.

Source: REST API Consumption Budgets - Create Or Update (2024-08-01), startDate. A start that is past is moved to the current month
(estate/parameters/kept_by_others.py), and an existing budget keeps its own.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from installer.preflight.model import Finding, WayOut
from installer.preflight.reads import resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

_VERSION: Final = "2024-08-01"


def budget_starts(subject: Subject) -> Iterator[Entry]:
    """New budgets that start too late. Raises NotVisible."""
    start = subject.answers.monitoring.budget_start
    today = datetime.fromtimestamp(subject.now(), UTC)
    if not subject.answers.monitoring.budget or start <= f"{today.year + 1}-{today:%m}-01":
        return
    name = subject.it.names.budget
    for one in subject.subscriptions:
        where = f"/subscriptions/{one}/providers/Microsoft.Consumption/budgets/{name}"
        if subject.arm.find(resource(f"{where}?api-version={_VERSION}", f"budget {name}")) is None:
            yield Finding(
                "blocks",
                f"the budget {name} starts on {start}, more than a year ahead",
                where,
                "Azure refuses the budget",
                (
                    WayOut("start it this month", (("monitoring.budget_start", f"{today:%Y-%m}-01"),)),
                    WayOut("do without a budget", (("monitoring.budget", 0),)),
                ),
            )
            return
