"""Scenes of the wizard for the pictures of the README and for the snapshot tests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from textual.pilot import Pilot
from textual.widgets import Input

from installer.preflight.model import Finding
from screens.base.frame import PAGE_TITLES
from screens.run.app import RunApp
from screens.run.live import LivePage
from screens.wizard.app import WizardApp
from tests.screens import scripted_runs
from tests.screens.azure_answers import PLAN, TAKEN, WARNED, report
from tests.screens.fake_session import FakeRun, Harness, frame, press, settled, until


async def still(pilot: Pilot[int]) -> None:
    """Wait until every event is processed, with cursors that do not blink."""
    for field in pilot.app.screen.query(Input):
        field.cursor_blink = False
    page = frame(pilot)
    if isinstance(page, LivePage):
        await until(pilot, lambda: page.waiting == 0, "the page to take all events")
        await settled(pilot)
        page.tick()
    await settled(pilot)


@dataclass(frozen=True)
class PageScene:
    """A page of questions or the review, with the pages before it visited, after some keys."""

    page_key: str
    keys: tuple[str, ...] = ()
    file: str = "dev"
    found: tuple[Finding, ...] = ()

    def app(self, world: Harness) -> WizardApp:
        """A wizard with answers; Azure has a plan, and findings if `found`."""
        world.session.planned = PLAN if self.page_key == "plan" else None
        if self.found:
            world.session.reports = [report(*self.found)]
        return world.app(file=self.file)

    async def play(self, _world: Harness, pilot: Pilot[int]) -> None:
        """Open the page and press the keys."""
        app = pilot.app
        assert isinstance(app, WizardApp)
        await until(pilot, lambda: app.opened, "the wizard to open")
        await settled(pilot)
        order = tuple(PAGE_TITLES)
        before = order.index(self.page_key) if self.page_key in order else len(order)
        app.seen_pages.update(order[:before])
        if self.page_key != order[0]:
            app.show_page(self.page_key)
        await settled(pilot)
        await press(pilot, *self.keys)
        await still(pilot)


@dataclass(frozen=True)
class StartScene:
    """The first page of a new installation."""

    def app(self, world: Harness) -> WizardApp:
        """A wizard without answers."""
        return WizardApp(world.session, None, clock=world.clock, first_page="start")

    async def play(self, _world: Harness, pilot: Pilot[int]) -> None:
        """Wait for the page."""
        await still(pilot)


@dataclass(frozen=True)
class RunScene:
    """A run after the events of its story, and after some keys."""

    story: Callable[[FakeRun], None]
    keys: tuple[str, ...] = ()
    page_key: str = "live"

    def app(self, world: Harness) -> RunApp:
        """An app that shows a run at once."""
        return world.resumed("contoso-7")

    async def play(self, world: Harness, pilot: Pilot[int]) -> None:
        """Emit the events and press the keys."""
        await until(pilot, lambda: frame(pilot).page_key == "live", "the run")
        self.story(world.run)
        await until(pilot, lambda: frame(pilot).page_key == self.page_key, self.page_key)
        await still(pilot)
        await press(pilot, *self.keys)
        await still(pilot)


OTHER_PAGES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("governance", "platform", "images", "data", "monitoring", "flows"), "dev"),
    "ingress": "matrix/07-hardened-gateway",
    "integrations": "matrix/26-everything-optional",
    "prod": "matrix/06-mixed-other-way",
}
"""Pages of questions beside those with pictures or lists, each with answers to which many of its questions apply."""
Scene = PageScene | StartScene | RunScene
SCENES: Final[Mapping[str, Scene]] = {
    "start": StartScene(),
    "subscription": PageScene("subscription"),
    "network": PageScene("network"),
    "sizing": PageScene("sizing"),
    "sign_on": PageScene("sign_on", ("right",)),
    "review": PageScene("review"),
    "review_open": PageScene("review", ("right", "down", "right", "tab", "down", "right")),
    "topology": PageScene("review", ("t",)),
    "checks": PageScene("checks"),
    "checks_found": PageScene("checks", found=(TAKEN, WARNED)),
    "plan": PageScene("plan"),
    "live": RunScene(scripted_runs.until_data),
    "live_failed": RunScene(scripted_runs.failed),
    "live_question": RunScene(scripted_runs.asks),
    "leaving": RunScene(scripted_runs.until_data, ("ctrl+q",)),
    "done": RunScene(scripted_runs.succeeded, page_key="done"),
    "done_long": RunScene(scripted_runs.succeeded_with_work_left, page_key="done"),
    "live_tried_again": RunScene(scripted_runs.tried_again),
    "plan_search": PageScene("plan", ("slash", "v", "a", "u", "l", "t")),
    "refused": PageScene("governance", ("tab", "e", "n", "v", "tab", "w", "h", "a", "t", "equals_sign", "x", "tab")),
    **{page: PageScene(page, file=file) for page, file in OTHER_PAGES.items()},
}
