"""Cost on the pages of questions: it follows the answers, names its source, and proposes a budget."""

from dataclasses import replace

import pytest
from textual.pilot import Pilot

from installer.answers.draft import Draft
from installer.answers.questions import all_questions
from installer.cost.live import LiveCost, live_cost
from installer.cost.pages import PRICED_PAGES
from screens.wizard.costs import BUDGET
from tests.cost.made_up_prices import cost_of
from tests.screens.fake_session import LARGE, SMALL, Harness, at_place, frame, press, screen_text, until
from tests.screens.typing_keys import here


@pytest.fixture
def priced(world: Harness, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Prices of tests/cost/made_up_prices.py for every page; the keys that were asked."""
    asked: list[str] = []

    def live(draft: Draft, key: str = "") -> LiveCost:
        asked.append(key)
        return live_cost(draft, all_questions().get(key), cost_of)

    monkeypatch.setattr(world.session, "live_cost", live)
    return asked


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_the_sizing_page_has_the_total_each_size_and_the_difference_of_each_option(
    world: Harness, priced: list[str], size: tuple[int, int]
) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "sizing")
        shown = screen_text(pilot)
        for part in (
            "Estimate of 2026-11-30: 100 EUR/month (retail prices",
            "dev 100",
            "Team: + 200, Production: + 250 EUR/month",
            "PostgreSQL B2s, 32 GB D2dsv5, 128 GB D4dsv5, 512 GB, HA",
            "EUR/month 100 300 350",
        ):
            assert part in " ".join(shown.split())
        await press(pilot, "right")
        shown = screen_text(pilot)
        assert "2026-11-30: 300 EUR/month" in shown
        assert "Trial: - 200, Production: + 50 EUR/month" in shown

    world.drive(world.app(file="dev"), script, size)
    assert priced


def test_before_the_sizing_page_the_public_list_is_not_read(world: Harness, priced: list[str]) -> None:
    world.session.options = replace(world.session.options, rehearsal=False)

    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "platform")
        assert "stimat" not in screen_text(pilot)
        assert priced == []
        await at_place(pilot, "sizing")
        await at_place(pilot, "platform")
        assert "Estimate of" in screen_text(pilot)

    world.drive(world.app(file="dev"), script)


def test_pages_that_cost_nothing_ask_nothing(world: Harness, priced: list[str]) -> None:
    async def script(pilot: Pilot[int]) -> None:
        for page_key in ("subscription", "sign_on", "integrations", "flows"):
            assert page_key not in PRICED_PAGES
            await at_place(pilot, page_key)

    world.drive(world.app(file="dev"), script)
    assert priced == []


def test_a_proposed_budget_is_taken_with_one_key(world: Harness, priced: list[str]) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "monitoring")
        assert "F4" not in screen_text(pilot).splitlines()[-1]
        while here(pilot).key != BUDGET:
            await press(pilot, "tab")
        proposal = "proposed 100 EUR from the estimate; F4 takes it"
        await until(pilot, lambda: proposal in screen_text(pilot), "the proposal")
        assert "F4 take it" in screen_text(pilot).splitlines()[-1]
        await press(pilot, "f4")

    app = world.drive(world.app(file="dev"), script)
    assert (app.draft_store.draft.value(BUDGET), app.draft_store.draft.source(BUDGET)) == (100, "given")


@pytest.mark.parametrize("fails", [False, True])
def test_offline_the_page_has_the_reason_and_retries(
    world: Harness, monkeypatch: pytest.MonkeyPatch, *, fails: bool
) -> None:
    def none(draft: Draft, key: str = "") -> LiveCost:
        if fails:
            raise OSError("no route")
        return LiveCost(None, why="the price list could not be read: no route")

    forgotten: list[int] = []
    monkeypatch.setattr(world.session, "live_cost", none)
    monkeypatch.setattr(world.session, "forget_prices", lambda: forgotten.append(1))

    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "sizing")
        assert "no estimate: " in screen_text(pilot)
        assert "no route" in screen_text(pilot)
        assert "no figure" in screen_text(pilot)
        await press(pilot, "ctrl+r")
        assert frame(pilot).page_key == "sizing"

    world.drive(world.app(file="dev"), script)
    assert forgotten
