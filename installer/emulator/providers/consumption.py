"""Microsoft.Consumption: budgets, whose period and notifications have limits.

Sources: REST API Consumption Budgets - Create Or Update (2024-08-01: first of a month, before the end, from June 2017, at most
twelve months ahead, in the current period, at most five notifications, thresholds from 0 to 1000);
github.com/hashicorp/terraform-provider-azurerm/pull/12121 (conditions of a monthly start) and pull/12471 (one contact is enough,
of any of the three kinds; roles alone also in github.com/Azure/Azure-Landing-Zones/issues/4152). The REST API does not
state a least amount: terraform-provider-azurerm, consumption_budget_base_resource.go, takes 1. Texts and the code are assumed
but for the current month.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from installer.emulator.errors import ArmError
from installer.emulator.providers.provider import ProviderContext, ProviderHooks
from installer.json_access import as_list, as_object, as_text, member

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.json_access import JsonObject
    from installer.jsontypes import Json

_FIRST_START: Final = "2017-06-01"
_MONTHS_AHEAD: Final = 12
_MAX_NOTIFICATIONS: Final = 5
_MAX_THRESHOLD: Final = 1000
_CONTACTS: Final = ("contactEmails", "contactGroups", "contactRoles")
_MONTHS: Final = {
    "monthly": 1,
    "quarterly": 3,
    "annually": 12,
    "billingmonth": 1,
    "billingquarter": 3,
    "billingannual": 12,
}
"""Months of a period, by time grain."""


def _check_budget(context: ProviderContext) -> None:
    """Refuses a budget with a wrong period, amount or notification (ArmError)."""
    for problem in (*_period(context), *_amount(context.properties.get("amount")), *_notifications(context)):
        raise ArmError(400, "400", problem, cause="service")


def _period(context: ProviderContext) -> Iterator[str]:
    start, end = _day(context.text("timePeriod", "startDate")), _day(context.text("timePeriod", "endDate"))
    if start is None:
        yield "The start date of a budget is not a date."
        return
    if start.day != 1:
        yield f"Start date of a budget should be the first day of a month: {start:%Y-%m-%d}."
    if f"{start:%Y-%m-%d}" < _FIRST_START:
        yield f"Start date of a budget should be on or after {_FIRST_START}: {start:%Y-%m-%d}."
    if end is not None and end <= start:
        yield f"End date of a budget should be after its start date: {end:%Y-%m-%d}."
    if context.before is not None:
        return  # the start of an existing budget is immutable, and may be past
    today = datetime.fromtimestamp(context.now, UTC)
    ahead = (start.year - today.year) * 12 + start.month - today.month
    grain = context.text("timeGrain")
    if ahead <= -_MONTHS.get(grain.lower(), 1):
        period = "month" if _MONTHS.get(grain.lower(), 1) == 1 else "period"
        yield (
            f"Start date for a {grain.lower()} budget should not be prior to the current {period}: {start:%Y-%m-%dT%H:%M:%SZ}."
        )
    if ahead > _MONTHS_AHEAD:
        yield f"Start date of a budget cannot be more than 1 year into the future: {start:%Y-%m-%d}."


def _day(text: str) -> datetime | None:
    """The moment of an ISO date, None if it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _amount(amount: Json) -> Iterator[str]:
    if isinstance(amount, int | float) and amount < 1:
        yield f"The amount of a budget should be at least 1: {amount}."


def _notifications(context: ProviderContext) -> Iterator[str]:
    given = as_object(context.properties.get("notifications"))
    if len(given) > _MAX_NOTIFICATIONS:
        yield f"A budget can have up to {_MAX_NOTIFICATIONS} notifications: {len(given)}."
    for name, item in given.items():
        yield from _notification(name, as_object(item))


def _notification(name: str, item: JsonObject) -> Iterator[str]:
    threshold = item.get("threshold")
    if isinstance(threshold, int | float) and not 0 <= threshold <= _MAX_THRESHOLD:
        yield f"The threshold of notification '{name}' should be between 0 and {_MAX_THRESHOLD}: {threshold}."
    if not any(as_text(contact) for kind in _CONTACTS for contact in as_list(item.get(kind))):
        yield f"Notification '{name}' needs at least one of contact emails, contact groups and contact roles."


def _budget(context: ProviderContext) -> JsonObject:
    """The cost of the period, in which nothing is charged here; a write of the budget leaves it.

    Source: REST API Consumption Budgets - Get (2024-08-01), currentSpend: amount and unit.
    """
    spent = as_object(member(context.resource.computed, "properties", "currentSpend"))
    return {"properties": {"currentSpend": spent or {"amount": 0.0, "unit": "USD"}}}


HOOKS = {"Microsoft.Consumption/budgets": ProviderHooks(check=_check_budget, computed=_budget)}
