"""Terminals: too small, without colours, without Unicode; every key in the footer is readable at 80 columns."""

import pytest
from textual.pilot import Pilot

from screens.base.footer import KeyFooter
from screens.base.frame import PAGE_TITLES
from screens.base.sanitize_filter import supports_unicode
from tests.screens import scripted_runs
from tests.screens.fake_session import (
    LARGE,
    Harness,
    at_place,
    frame,
    help_line,
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


@pytest.mark.parametrize(
    ("size", "shown"),
    [((79, 24), SENTENCE), ((80, 23), SENTENCE), ((20, 5), SENTENCE), ((1, 1), "")],
)
def test_a_terminal_that_is_too_small_shows_one_sentence(world: Harness, size: tuple[int, int], shown: str) -> None:
    async def script(pilot: Pilot[int]) -> None:
        assert " ".join(screen_text(pilot).split()) == shown
        await press(pilot, "tab", "ctrl+n", "ctrl+b", "f1", "escape")

    world.drive(world.app(file="dev"), script, size)


def test_a_terminal_that_grows_shows_the_page_again(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await pilot.resize_terminal(80, 24)
        await press(pilot)
        assert "Subscription" in screen_text(pilot)
        await pilot.resize_terminal(120, 40)
        await press(pilot)
        assert "Accepted:" in screen_text(pilot)

    world.drive(world.app(file="dev"), script, (60, 20))


def test_every_key_in_the_footer_is_readable_at_80_columns_or_one_key_lists_them(world: Harness) -> None:
    async def complete(pilot: Pilot[int]) -> None:
        keys = frame(pilot).query_one(KeyFooter)
        line = screen_line(pilot, 23)
        absent = [key for key in keys.shown() if key.text not in line]
        assert [key.text for key in absent if len(key.key) > 1] == []
        assert not absent or "? keys" in line

    async def script(pilot: Pilot[int]) -> None:
        for page_key in wizard(pilot).page_keys:
            await at_place(pilot, page_key)
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
        for story in (scripted_runs.until_data, scripted_runs.asks, scripted_runs.failed):
            story(world.run)
            await drawn(pilot)
            await complete(pilot)

    world.drive(world.app(file="firewall"), script)


def test_the_top_line_always_has_the_subscription_and_rehearsal(world: Harness) -> None:
    app = world.app(file="dev")

    async def script(pilot: Pilot[int]) -> None:
        app.draft_store.draft.give("subscription.prefix", "averylongprefixthatisneveraccepted")
        for page_key in app.page_keys:
            await at_place(pilot, page_key)
            assert "4f2c…91ab" in screen_line(pilot, 0)
            assert "REHEARSAL" in screen_line(pilot, 0)

    world.drive(app, script)


def test_a_click_on_a_key_presses_it(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        at = screen_line(pilot, 23).index("^N")
        await pilot.click(offset=(at, 23))
        await press(pilot)
        assert frame(pilot).page_key == "governance"

    world.drive(world.app(file="dev"), script)


@pytest.mark.parametrize("size", [(80, 24), LARGE])
def test_without_unicode_nothing_but_ascii_is_written(
    world: Harness, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
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
        for page_key in PAGE_TITLES if size != LARGE else ("network", "review"):
            await at_place(pilot, page_key)
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
def test_the_locale_decides_whether_unicode_is_used(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], unicode: bool
) -> None:
    monkeypatch.delenv("LANG")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert supports_unicode() is unicode


def test_no_color_leaves_shades_of_grey_and_every_state_readable(
    world: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
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


def test_a_problem_is_shown_in_full_even_if_its_line_is_too_short(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        assert here(pilot).key == "subscription.cloud"
        await press(pilot, "tab", "ctrl+u", *"contoso")
        expected = '! "contoso" is not valid; allowed: an ID of the form 00000000-0000-0000-0000-000000000000'
        assert help_line(pilot) == expected

    world.drive(world.app(file="dev"), script)
