"""Terminals of all kinds: too small, without colours, without signs; every key of the last line is readable at 80 columns."""

import pytest
from textual.pilot import Pilot

from screens.base.footer import Keys
from screens.base.frame import PAGE_TITLES
from screens.base.sanitize_filter import speaks_unicode
from tests.screens import scripted_runs
from tests.screens.fake_session import (
    LARGE,
    World,
    at_place,
    frame,
    press,
    screen_line,
    screen_lines,
    screen_text,
    started,
    wizard,
)
from tests.screens.run.test_live import drawn
from tests.screens.typing_keys import here

SENTENCE = "FlowForge Installer needs 80 columns and 24 rows."


@pytest.mark.parametrize("size", [(79, 24), (80, 23), (20, 5), (1, 1)])
def test_a_terminal_that_is_too_small_shows_one_sentence(world: World, size: tuple[int, int]) -> None:
    async def script(pilot: Pilot[int]) -> None:
        words = screen_text(pilot).split()
        assert " ".join(words) == " ".join(SENTENCE.split()[: len(words)])
        assert len(words) == len(SENTENCE.split()) or size[0] < 79
        await press(pilot, "tab", "ctrl+n", "ctrl+b", "f1", "escape")

    world.drive(world.app(file="dev"), script, size)


def test_a_terminal_that_grows_shows_the_page_again(world: World) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await pilot.resize_terminal(80, 24)
        await press(pilot)
        assert "Subscription" in screen_text(pilot)
        await pilot.resize_terminal(120, 40)
        await press(pilot)
        assert "Accepted:" in screen_text(pilot)

    world.drive(world.app(file="dev"), script, (60, 20))


def test_every_key_of_the_last_line_is_readable_at_80_columns(world: World) -> None:
    async def complete(pilot: Pilot[int]) -> None:
        keys = frame(pilot).query_one(Keys)
        line = screen_line(pilot, 23)
        assert [key.text for key in keys.shown() if key.text not in line] == []

    async def script(pilot: Pilot[int]) -> None:
        for place in wizard(pilot).places:
            await at_place(pilot, place)
            await complete(pilot)
            first = pilot.app.focused
            await press(pilot, "tab")
            while pilot.app.focused is not first:
                await complete(pilot)
                await press(pilot, "tab")
        await press(pilot, "ctrl+b", "ctrl+n", "e")
        await complete(pilot)
        await at_place(pilot, "review")
        await started(pilot)
        for story in (scripted_runs.until_data, scripted_runs.failed):
            story(world.run)
            await drawn(pilot)
            await complete(pilot)

    world.drive(world.app(file="firewall"), script)


def test_the_top_line_always_has_the_subscription_and_rehearsal(world: World) -> None:
    app = world.app(file="dev")

    async def script(pilot: Pilot[int]) -> None:
        app.keeper.draft.give("subscription.prefix", "averylongprefixthatnobodyaccepts")
        for place in app.places:
            await at_place(pilot, place)
            assert "4f2c…91ab" in screen_line(pilot, 0)
            assert "REHEARSAL" in screen_line(pilot, 0)

    world.drive(app, script)


def test_a_click_on_a_key_is_the_key(world: World) -> None:
    async def script(pilot: Pilot[int]) -> None:
        at = screen_line(pilot, 23).index("^N")
        await pilot.click(offset=(at, 23))
        await press(pilot)
        assert frame(pilot).place == "governance"

    world.drive(world.app(file="dev"), script)


@pytest.mark.parametrize("size", [(80, 24), LARGE])
def test_without_unicode_nothing_but_ascii_is_written(
    world: World, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.setenv("LANG", "C")

    def check(pilot: Pilot[int]) -> str:
        text = "\n".join(screen_lines(pilot))
        assert text.isascii(), sorted({char for char in text if not char.isascii()})
        return text

    async def script(pilot: Pilot[int]) -> None:
        assert "1 Subscription *" in check(pilot)
        await press(pilot, "tab", "tab", "f1")
        check(pilot)
        await press(pilot, "escape")
        for place in PAGE_TITLES if size != LARGE else ("network", "review"):
            await at_place(pilot, place)
            check(pilot)
        await started(pilot)
        scripted_runs.failed(world.run)
        await drawn(pilot)
        text = check(pilot)
        assert "x Runtime - dev" in text
        assert "+ Foundation" in text
        await press(pilot, "enter")
        check(pilot)

    world.drive(world.app(file="dev"), script, size)


@pytest.mark.parametrize(
    ("environment", "unicode"),
    [
        ({}, True),
        ({"LANG": "C"}, False),
        ({"LANG": "POSIX"}, False),
        ({"LANG": "sv_SE.UTF-8"}, True),
        ({"LANG": "sv_SE.UTF-8", "LC_ALL": "C"}, False),
        ({"LANG": "C", "LC_CTYPE": "C.utf8"}, True),
        ({"LANG": "de_DE.ISO-8859-1"}, False),
    ],
)
def test_the_locale_says_whether_there_are_signs(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], unicode: bool
) -> None:
    monkeypatch.delenv("LANG")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert speaks_unicode() is unicode


def test_no_color_leaves_shades_of_grey_and_every_state_readable(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.failed(world.run)
        await drawn(pilot)
        strips = pilot.app.screen._compositor.render_strips()
        colours = {
            colour.triplet
            for strip in strips
            for segment in strip
            if segment.style is not None
            for colour in (segment.style.color, segment.style.bgcolor)
            if colour is not None and colour.triplet is not None
        }
        assert {(c.red, c.green, c.blue) for c in colours if len({c.red, c.green, c.blue}) > 1} == set()
        assert "✗ Runtime · dev" in screen_text(pilot)

    world.drive(world.resumed("contoso-7"), script)


def test_the_whole_of_a_refusal_is_told_even_where_its_line_is_too_short(world: World) -> None:
    async def script(pilot: Pilot[int]) -> None:
        assert here(pilot).key == "subscription.cloud"
        await press(pilot, "tab", "ctrl+u", *"nobody")
        assert "for example" in screen_text(pilot) or "00000000-0000-0000-0000-000000000000" in screen_text(pilot)

    world.drive(world.app(file="dev"), script)
