"""Lists on broad terminals show the whole text of the line under the cursor beside them; it follows the cursor."""

import pytest
from textual.pilot import Pilot

from screens.base.line_details import LineDetails
from tests.screens.azure_answers import PLAN, TAKEN, report
from tests.screens.fake_session import LARGE, WIDE, Harness, at_place, frame, press, settled


def details(pilot: Pilot[int]) -> LineDetails:
    """The pane of the page."""
    return frame(pilot).query_one(LineDetails)


def test_the_pane_of_a_plan_follows_the_cursor(world: Harness) -> None:
    world.session.planned = PLAN

    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "checks")
        await press(pilot, "p")
        await settled(pilot)
        assert details(pilot).region.width > 40
        assert details(pilot).shown.startswith("dev\n  rg-dev\n")
        await press(pilot, "down", "down", "down")
        assert details(pilot).shown == "~ kv-ff-dev (Key vault)\n  properties.sku.name: standard → premium"

    world.drive(world.app(file="dev"), script, WIDE)


def test_the_pane_of_a_finding_has_its_reason_and_every_way_out(world: Harness) -> None:
    world.session.reports = [report(TAKEN)]

    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "checks")
        await settled(pilot)
        shown = details(pilot).shown
        assert TAKEN.what in shown
        assert TAKEN.why in shown
        assert all(way.sentence in shown for way in TAKEN.ways)
        await press(pilot, "home")
        assert details(pilot).shown == ""

    world.drive(world.app(file="dev"), script, WIDE)


def test_the_pane_of_the_review_shows_the_list_that_has_the_focus(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "review")
        await settled(pilot)
        assert "Subscription" in details(pilot).shown.splitlines()[0]
        await press(pilot, "tab")
        assert "Subscription" not in details(pilot).shown.splitlines()[0]

    world.drive(world.app(file="dev"), script, WIDE)


@pytest.mark.parametrize("key", ["review", "checks"])
def test_a_terminal_without_the_columns_has_no_pane(world: Harness, key: str) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, key)
        assert details(pilot).region.width == 0

    world.drive(world.app(file="dev"), script, LARGE)
