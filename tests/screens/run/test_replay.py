"""A recorded run on the live page: as it happened, at any speed, without any effect."""

import asyncio

from textual.pilot import Pilot
from textual.widgets import Input

from installer.support_bundle.recording import Recording
from screens.base.footer import KeyFooter
from screens.run.replay import ReplayPage, replay_app
from tests.screens import scripted_runs
from tests.screens.fake_session import (
    SMALL,
    Harness,
    Script,
    frame,
    help_line,
    press,
    screen_lines,
    screen_text,
    settled,
)


def recorded(world: Harness, *, asks: bool = False) -> Recording:
    """A recording that starts at 14:00:00 on the manual clock."""
    world.session.resume("contoso-7", attended=True)
    (scripted_runs.asks if asks else scripted_runs.failed)(world.run)
    world.clock.seconds = 0
    return Recording("contoso-7", tuple(world.run.events))


def replayed(world: Harness, recording: Recording, script: Script, speed: float = 1.0) -> int | None:
    app = replay_app(world.session, recording, speed, clock=world.clock)

    async def go() -> None:
        async with app.run_test(size=SMALL) as pilot:
            await settled(pilot)
            await at(pilot, world, 0)
            await script(pilot)

    asyncio.run(go())
    return app.return_value


async def at(pilot: Pilot[int], world: Harness, seconds: float) -> None:
    """Set the viewer's clock and update the page."""
    page = frame(pilot)
    assert isinstance(page, ReplayPage)
    world.clock.seconds = seconds
    page.tick()
    while page.waiting:
        page.tick()
    await settled(pilot)


def test_it_shows_the_run_as_it_was_at_every_moment(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at(pilot, world, 1)
        assert "● Foundation" in screen_text(pilot)
        assert screen_lines(pilot)[0].endswith(" REPLAY ")
        await at(pilot, world, 42)
        assert "✓ Foundation" in screen_text(pilot)
        row = next(line for line in screen_lines(pilot) if "pg-ff-contoso" in line)
        assert "0:18" in row
        await at(pilot, world, 900)
        assert "✗ aks-ff-contoso-dev: QuotaExceeded" in screen_text(pilot)
        assert "Replay at 10x speed · 13:50 of 13:50 · end" in help_line(pilot)
        assert frame(pilot).page_key == "live"
        await press(pilot, "enter")
        assert "Cause    QuotaExceeded" in screen_text(pilot)
        await press(pilot, "escape", "ctrl+q")

    assert replayed(world, recorded(world), script, speed=10.0) == 0


def test_keys_pause_it_change_its_speed_and_go_to_the_end(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at(pilot, world, 1)
        await press(pilot, "space")
        await at(pilot, world, 500)
        assert "at 1x speed · 0:01 of 13:50 · paused" in help_line(pilot)
        await press(pilot, "+", "+", "-", "space")
        await at(pilot, world, 600)
        assert "at 2x speed · 3:21 of 13:50 · playing" in help_line(pilot)
        await press(pilot, "e")
        await at(pilot, world, 600)
        assert "✗ aks-ff-contoso-dev: QuotaExceeded" in screen_text(pilot)

    replayed(world, recorded(world), script)


def test_the_keys_fit_and_a_retry_is_not_available(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at(pilot, world, 5000)
        keys = frame(pilot).query_one(KeyFooter).shown()
        assert keys
        assert "r" not in [key.key for key in keys]
        last = screen_lines(pilot)[-1]
        assert all(key.text in last for key in keys)
        await press(pilot, "r")
        assert len(world.session.runs) == 1

    replayed(world, recorded(world), script)


def test_a_question_is_shown_and_takes_no_answer(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at(pilot, world, 5000)
        assert "! Has an administrator consented? (yes, no)" in screen_text(pilot)
        assert not frame(pilot).query_one("#question-answer", Input).display
        assert not isinstance(pilot.app.focused, Input)

    replayed(world, recorded(world, asks=True), script)


def test_a_key_means_here_what_it_means_on_the_live_page(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        shown_keys = {key.key: key.words for key in frame(pilot).query_one(KeyFooter).shown()}
        assert shown_keys["t"] == "timeline"
        assert shown_keys.keys().isdisjoint({"e", "r"})
        await press(pilot, "question_mark")
        shown = screen_text(pilot)
        assert "+, =, -          speed" in shown
        assert "e                skip to the end" in shown

    replayed(world, recorded(world), script)
