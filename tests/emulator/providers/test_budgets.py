"""Budgets that Azure refuses: period, amount, notifications."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from installer.json_access import JsonObject, as_text
from installer.jsontypes import Json
from tests.emulator.asgi_client import Local, Reply, local
from tests.emulator.in_memory import SCOPE, SUBSCRIPTION, run

_NOTICE: Final[JsonObject] = {
    "enabled": True,
    "operator": "GreaterThan",
    "threshold": 80,
    "contactEmails": [],
    "contactRoles": ["Owner"],
}


def _month(it: Local, ahead: int) -> str:
    """The first day of a month, counted from the current one."""
    today = datetime.fromtimestamp(it.clock.now(), UTC)
    years, month = divmod(today.month - 1 + ahead, 12)
    return f"{today.year + years}-{month + 1:02d}-01T00:00:00Z"


async def _put(it: Local, properties: JsonObject) -> Reply:
    it.emulator.registrations.set(SUBSCRIPTION, "Microsoft.Consumption", "Registered", 0)
    where = f"{SCOPE}/providers/Microsoft.Consumption/budgets/costs?api-version=2024-08-01"
    period: Json = {"startDate": _month(it, 0)}
    usual: JsonObject = {
        "category": "Cost",
        "amount": 100,
        "timeGrain": "Monthly",
        "timePeriod": period,
        "notifications": {"used": _NOTICE},
    }
    return await it.ask("PUT", where, {"properties": {**usual, **properties}})


@pytest.mark.parametrize(
    ("grain", "ahead", "accepted"),
    [
        ("Monthly", 0, True),
        ("Monthly", 12, True),
        ("Monthly", -1, False),
        ("Monthly", 13, False),
        ("Quarterly", -2, True),
        ("Quarterly", -3, False),
        ("Annually", -11, True),
        ("Annually", -12, False),
    ],
)
def test_a_budget_starts_in_the_current_period_or_within_a_year(
    tmp_path: Path, grain: str, ahead: int, *, accepted: bool
) -> None:
    it = local(tmp_path)
    found = run(_put(it, {"timeGrain": grain, "timePeriod": {"startDate": _month(it, ahead)}}))
    assert (found.status in {200, 201}, found.status == 400) == (accepted, not accepted), found.text


@pytest.mark.parametrize(
    ("changed", "about"),
    [
        ({"timePeriod": {"startDate": "{month}-15T00:00:00Z"}}, "first day"),
        ({"timePeriod": {"startDate": "{month}-01T00:00:00Z", "endDate": "2017-07-01T00:00:00Z"}}, "End date"),
        ({"timePeriod": {"startDate": "{month}-01T00:00:00Z", "endDate": "{month}-01T00:00:00Z"}}, "End date"),
        ({"timePeriod": {"startDate": "soon"}}, "not a date"),
        ({"amount": 0}, "amount"),
        ({"amount": -5}, "amount"),
        ({"notifications": {f"n{number}": _NOTICE for number in range(6)}}, "up to 5"),
        ({"notifications": {"used": {**_NOTICE, "threshold": 1001}}}, "between 0 and 1000"),
        ({"notifications": {"used": {**_NOTICE, "threshold": -1}}}, "between 0 and 1000"),
        ({"notifications": {"used": {**_NOTICE, "contactRoles": []}}}, "at least one of"),
    ],
)
def test_a_wrong_budget_is_refused(tmp_path: Path, changed: JsonObject, about: str) -> None:
    it = local(tmp_path)
    month = _month(it, 0)[:7]
    period = changed.get("timePeriod")
    if isinstance(period, dict):
        changed = {"timePeriod": {name: as_text(text).format(month=month) for name, text in period.items()}}
    found = run(_put(it, changed))
    assert found.status == 400, found.text
    assert about in found.text


def test_an_existing_budget_keeps_a_start_that_is_past(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def story() -> None:
        period: Json = {"startDate": _month(it, 0)}
        assert (await _put(it, {"timePeriod": period})).status in {200, 201}
        await it.clock.advance(90 * 86400)
        assert (await _put(it, {"timePeriod": period, "amount": 200})).status in {200, 201}

    run(story())


async def _shown(it: Local, properties: JsonObject) -> Json:
    assert (await _put(it, properties)).status < 300
    await it.done()
    return it.properties(f"{SCOPE}/providers/Microsoft.Consumption/budgets/costs")["currentSpend"]


def test_a_budget_shows_the_cost_of_its_period_which_a_write_leaves(tmp_path: Path) -> None:
    it = local(tmp_path)
    assert run(_shown(it, {})) == {"amount": 0.0, "unit": "USD"}
    (kept,) = it.emulator.resources.of_type("Microsoft.Consumption/budgets")
    spent: Json = {"amount": 81.5, "unit": "EUR"}
    it.emulator.resources.save(replace(kept, computed={"properties": {"currentSpend": spent}}))
    assert run(_shown(it, {"amount": 200})) == spent
    it.database.close()
