"""Keys of a run's pages: filter, timeline, copy, portal, and the list of all keys."""

import sys
import webbrowser
from typing import TYPE_CHECKING

import pytest
from textual.pilot import Pilot
from textual.widgets import Log

from screens.base.dialogs import HelpDialog
from screens.base.glyphs import cells, glyph
from screens.run.rows import Rows
from screens.run.timeline import TimelinePage, timeline_rows
from tests.engine.test_progress import ProgressFeed, after
from tests.screens import scripted_runs
from tests.screens.fake_session import LARGE, SMALL, Harness, frame, help_line, press, screen_text, settled, started
from tests.screens.run.test_live import drawn, selected

if TYPE_CHECKING:
    from installer.jsontypes import Json


def titles(pilot: Pilot[int]) -> list[str]:
    """Titles of the shown rows."""
    return [line.row.title for line in frame(pilot).query_one(Rows).shown if not line.folded]


async def running(world: Harness, pilot: Pilot[int]) -> None:
    """A run is under way."""
    await started(pilot)
    scripted_runs.until_data(world.run)
    await drawn(pilot)


def test_a_slash_filters_rows_and_log_and_escape_shows_all_again(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await running(world, pilot)
        before, log = titles(pilot), frame(pilot).query_one(Log)
        lines = log.line_count
        await press(pilot, "slash", *"stff")
        assert titles(pilot) == ["Data", "stffcontosodev"]  # what is done is found, too
        assert 0 < log.line_count < lines
        await press(pilot, "enter")
        assert isinstance(pilot.app.focused, Rows)
        world.run.stream.emit("log", "news of another kind")
        await drawn(pilot)
        assert titles(pilot) == ["Data", "stffcontosodev"]
        await press(pilot, "slash", "escape")
        assert titles(pilot) == before
        assert log.line_count == lines + 1

    world.drive(world.resumed("contoso-7"), script)


def test_a_filter_without_a_match_is_harmless(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await running(world, pilot)
        await press(pilot, "slash", *"zzz", "enter", "down", "enter", "c", "o")
        assert titles(pilot) == []
        await press(pilot, "slash", "z")
        assert "Nothing here has these words" in help_line(pilot)

    world.drive(world.resumed("contoso-7"), script)


@pytest.mark.parametrize("size", [SMALL, LARGE, (200, 60)])
def test_the_timeline_is_live_and_fits_every_width(world: Harness, size: tuple[int, int]) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await running(world, pilot)
        await press(pilot, "t")
        assert isinstance(pilot.app.screen, TimelinePage)
        text = screen_text(pilot)
        assert "✓ Foundation" in text
        assert "0:00" in text
        lines = text.splitlines()
        first = next(line for line in lines if "Foundation" in line)
        second = next(line for line in lines if "Network" in line)
        sign = glyph("row full")
        assert abs(second.index(sign) - first.rindex(sign)) <= 2  # the second begins where the first has ended
        await press(pilot, "escape")
        assert len(pilot.app.screen_stack) == 2

    world.drive(world.resumed("contoso-7"), script, size)


def test_the_timeline_is_on_the_last_page_too(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.succeeded(world.run)
        await drawn(pilot)
        await settled(pilot)
        await press(pilot, "t")
        assert isinstance(pilot.app.screen, TimelinePage)
        await press(pilot, "t")
        assert frame(pilot).page_key == "done"

    world.drive(world.resumed("contoso-7"), script)


@pytest.mark.parametrize("width", [30, 78, 97, 200])
def test_rows_of_a_timeline_have_one_width(width: int) -> None:
    feed = ProgressFeed()
    feed.begin(a=100, b=5, c_=1000, d_=1)
    feed.emit(0, "step.started", "a")
    feed.emit(100, "step.finished", "a")
    feed.emit(100, "step.started", "b")
    feed.emit(101, "step.failed", "b", text="no")
    feed.emit(2, "step.started", "c_")
    rows = list(timeline_rows(feed.progress, width, after(200)))[1:]
    drawn_rows = ["".join(text for text, _colour in row) for row in rows]
    assert {cells(row) for row in drawn_rows if "1:40" in row or "0:01" in row} <= {width, width - 1}
    sign = glyph("row full")
    assert [row.count(sign) > 0 for row in drawn_rows] == [True, True, True, False]
    assert drawn_rows[0].count(sign) >= drawn_rows[1].count(sign)


def test_what_an_earlier_attempt_has_done_has_no_bar() -> None:
    feed = ProgressFeed()
    feed.begin(a=10, b=10)
    feed.emit(0, "step.started", "a")
    feed.emit(10, "step.finished", "a")
    steps: list[Json] = [{"key": key, "title": key, "needs": [], "usual": 10} for key in ("a", "b")]
    feed.emit(9000, "run.started", steps=steps, only=["b"])
    feed.emit(9000, "step.started", "b")
    text = "\n".join("".join(part for part, _colour in row) for row in timeline_rows(feed.progress, 80, after(9005)))
    assert "in an earlier attempt" in text
    assert "150:00" not in text


def test_c_copies_the_id_of_the_row_and_details_offer_the_same(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await running(world, pilot)
        await press(pilot, "down")
        assert selected(pilot) == "pg-ff-contoso"
        await press(pilot, "c")
        assert pilot.app.clipboard.endswith("/Microsoft.DBforPostgreSQL/flexibleServers/pg-ff-contoso")
        pilot.app.copy_to_clipboard("")
        await press(pilot, "enter", "c")
        assert pilot.app.clipboard.endswith("/pg-ff-contoso")
        assert "Copied: /subscriptions/" in help_line(pilot)

    world.drive(world.resumed("contoso-7"), script)


def test_a_step_has_the_id_of_its_deployment_and_one_without_has_none(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await running(world, pilot)
        await press(pilot, "home", "c")
        assert pilot.app.clipboard.endswith("/providers/Microsoft.Resources/deployments/ff-contoso-foundation")
        await press(pilot, "end", "c")
        assert help_line(pilot) == "This row has no ID"

    world.drive(world.resumed("contoso-7"), script)


def test_o_opens_the_portal_but_not_in_a_rehearsal(world: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    monkeypatch.setenv("DISPLAY", ":0")
    for rehearsal in (True, False):
        world.session.options = type(world.session.options)(rehearsal=rehearsal)

        async def script(pilot: Pilot[int]) -> None:
            await running(world, pilot)
            await press(pilot, "down", "o")
            await settled(pilot)

        world.drive(world.resumed("contoso-7"), script)
    (page,) = opened
    assert page.startswith("https://portal.azure.com/#@7a1d1b7e-3c5f-4c62-9f0e-5a8c0f6f2d10/resource/subscriptions/")


def test_without_a_desktop_no_text_browser_is_started(world: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    world.session.options = type(world.session.options)(rehearsal=False)

    async def script(pilot: Pilot[int]) -> None:
        await running(world, pilot)
        await press(pilot, "down", "o")
        assert pilot.app.clipboard.startswith("https://portal.azure.com/")

    world.drive(world.resumed("contoso-7"), script)
    assert opened == []


def test_a_question_mark_lists_every_key_of_the_page(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await running(world, pilot)
        await press(pilot, "question_mark")
        assert isinstance(pilot.app.screen, HelpDialog)
        text = screen_text(pilot)
        for words in (
            "larger log",
            "copy the ID of the row",
            "light or dark",
            "open the row in the portal",
            "timeline",
        ):
            assert words in text
        assert "Scroll Left" not in text

    world.drive(world.resumed("contoso-7"), script, LARGE)
