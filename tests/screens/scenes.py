"""Moments of the wizard that are worth a picture: for the README, and for the comparison with what was accepted before."""

from collections.abc import Callable, Mapping
from typing import Final

from textual.pilot import Pilot
from textual.widgets import Input

from screens.live import Live
from tests.screens import stories
from tests.screens.world import FakeRun, Script, World, at_place, frame, press, settled, started, until

Scene = Callable[[World], Script]


async def still(pilot: Pilot[int]) -> None:
    """Everything has arrived, and no cursor blinks."""
    for field in pilot.app.screen.query(Input):
        field.cursor_blink = False
    page = frame(pilot)
    if isinstance(page, Live):
        await until(pilot, lambda: page.waiting == 0, "the page to take all events")
    await settled(pilot)


async def opened(pilot: Pilot[int]) -> None:
    """The questions have been read."""
    await until(pilot, lambda: hasattr(pilot.app, "draft"), "the wizard to open")
    await settled(pilot)


def page(place: str, *names: str) -> Scene:
    """A page of questions, or the review, after some keys."""

    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, place)
        await press(pilot, *names)
        await still(pilot)

    return lambda _world: script


def run(story: Callable[[FakeRun], None], *names: str) -> Scene:
    """A run as far as the story tells it, after some keys."""

    def made(world: World) -> Script:
        async def script(pilot: Pilot[int]) -> None:
            await started(pilot)
            story(world.run)
            await still(pilot)
            await press(pilot, *names)
            await still(pilot)

        return script

    return made


def done(world: World) -> Script:
    """The last page."""

    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        stories.succeeded(world.run)
        await until(pilot, lambda: frame(pilot).place == "done", "the last page")
        await still(pilot)

    return script


SCENES: Final[Mapping[str, Scene]] = {
    "subscription": page("subscription"),
    "network": page("network"),
    "sizing": page("sizing"),
    "sign_on": page("sign_on", "right"),
    "review": page("review"),
    "live": run(stories.until_data),
    "live_failed": run(stories.failed),
    "live_question": run(stories.asks),
    "leaving": run(stories.until_data, "ctrl+q"),
    "done": done,
}
