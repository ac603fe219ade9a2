"""App for runs that this process does not execute: a single page that can be left at any time."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from textual.app import SystemCommand
from textual.screen import Screen

from screens.base.glyphs import truncate
from screens.run.app import RunApp
from screens.run.live import LivePage

if TYPE_CHECKING:
    from installer.engine.events import Listener
    from installer.runs.session import Session

MAX_TITLE = 50


class ViewerApp(RunApp):
    """Shows the live page of a run that this process does not execute.

    Args:
        session: the session whose state directory takes the log.
        page: the page.
        title: shown on the top line.
        badge: shown in reverse video.
        listeners: called with every event, beside the screen.
        clock: the current time in seconds.

    """

    def __init__(
        self,
        session: "Session",
        page: LivePage,
        title: str,
        *,
        badge: str = "",
        listeners: "Sequence[Listener]" = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(session, listeners, clock=clock)
        self.page = page
        self._title = title
        self._badge = badge

    def show_first_page(self) -> None:
        """Show the page at once."""
        for listener in self._listeners:
            self.page.run.listen(listener)
        self.push_screen(self.page)

    @property
    def badge(self) -> str:
        """Shown in reverse video."""
        return self._badge or super().badge

    @property
    def subtitle_text(self) -> str:
        """The title."""
        return truncate(self._title, MAX_TITLE)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:  # noqa: ARG002  Textual's
        """Commands that Ctrl+P offers."""
        yield SystemCommand("Leave", "Leave this page; the run continues", self.action_leave)
        yield from self.theme_commands()
        yield self.announcement_command()

    def action_leave(self) -> None:
        """Leave at once; the last page leaves its addresses on the terminal."""
        from screens.run.done import DonePage

        if isinstance(self.screen, DonePage):
            self.exit_message = self.screen.lasting_text
        self.exit(self.page.exit_code)
