"""The frame that all pages share: the top line, where one is, the body, the help line, the keys."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from screens.base.background import Handed
from screens.base.footer import Keys
from screens.base.glyphs import cut, fit, sign
from screens.base.shell import shell_of

PAGE_TITLES: Mapping[str, str] = {
    "subscription": "Subscription",
    "governance": "Governance",
    "network": "Network",
    "ingress": "Ingress",
    "platform": "Platform",
    "sizing": "Sizing",
    "data": "Data",
    "sign_on": "Sign-on",
    "monitoring": "Monitoring",
    "integrations": "Integrations",
    "dev": "dev",
    "qa": "qa",
    "uat": "uat",
    "prod": "prod",
    "review": "Review",
}
ENVIRONMENT_PAGES = frozenset({"dev", "qa", "uat", "prod"})
"""Pages that are there only for an environment that differs from the rest."""
AFTERWARDS: Mapping[str, str] = {"answers": "Answers", "live": "Installation", "done": "Done"}
LEAST_COLUMNS, LEAST_ROWS = 80, 24
FLASH_SECONDS = 5.0


class TopLine(Widget):
    """Product, what is being worked on, and in reverse video that it is a rehearsal or a replay."""

    def render(self) -> Content:
        """One line."""
        shell = shell_of(self)
        badge = shell.badge
        right = f" {badge} " if badge else ""
        left = f" FlowForge Installer · {shell.working_on}"
        room = self.size.width - len(right)
        return Content(fit(left, room)) + Content.styled(right, "reverse bold")


class WhereLine(Widget):
    """The pages, with a mark for each: done, here, or how many problems. Only the page where one is has its title."""

    here = ""
    titles = False

    def render(self) -> Content:
        """One line at 80 columns; the rail shows more on wide terminals."""
        return Content(" ") + Content("  ").join(self.parts())

    def parts(self) -> Iterable[Content]:
        """A piece for every page."""
        if self.here not in PAGE_TITLES:
            yield from self._afterwards()
            return
        shell = shell_of(self)
        for number, page in enumerate(shell.places, 1):
            count = shell.problem_counts.get(page, 0)
            seen = page in shell.seen_pages
            mark = sign("running") if page == self.here else f"!{count}" if count and seen else ""
            if not mark and seen:
                mark = sign("done")
            title = f" {PAGE_TITLES[page]} " if self.titles or page == self.here else ""
            yield Content.styled(f"{number}{title}{mark}".rstrip(), "bold" if page == self.here else "")

    def _afterwards(self) -> Iterable[Content]:
        """When the questions are behind: what is done, what goes on, what comes."""
        order = tuple(AFTERWARDS)
        at = order.index(self.here) if self.here in order else 0
        for index, (name, title) in enumerate(AFTERWARDS.items()):
            state = "running" if index == at and name != "done" else "done" if index <= at else ""
            yield Content.styled(f"{title} {sign(state) if state else ''}".rstrip(), "bold" if index == at else "")


class Rail(WhereLine):
    """The pages from top to bottom, on terminals of 110 columns and more."""

    titles = True

    def render(self) -> Content:
        """A line for every page, with room between them if there is some."""
        parts = [Content(" ") + part for part in self.parts()]
        return Content("\n\n" if 2 * len(parts) <= self.size.height else "\n").join(parts)


class TooSmall(Static):
    """What is shown instead of a page that does not fit."""


class Frame(Screen[None]):
    """A page of the wizard. Subclasses fill `body()` and may fill `side()`, the pane on wide terminals."""

    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (80, "-narrow"), (110, "-wide")]  # noqa: RUF012  Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (24, "-normal"), (40, "-tall")]  # noqa: RUF012  Textual declares it
    HELP_ROWS: ClassVar[int] = 2
    place = ""
    _said = ""
    _flash: Timer | None = None

    def compose(self) -> ComposeResult:
        """The frame with the body in it, for the terminal as it is: to be told later would style everything twice."""
        for size, steps in zip(self.app.size, (self.HORIZONTAL_BREAKPOINTS, self.VERTICAL_BREAKPOINTS), strict=True):
            self.add_class(max((step for step in steps if step[0] <= size), default=(0, ""))[1], update=False)
        yield TopLine(id="top")
        where = WhereLine(id="where")
        where.here = self.place
        rail = Rail(id="rail")
        rail.here = self.place
        yield where
        yield TooSmall(f"FlowForge Installer needs {LEAST_COLUMNS} columns and {LEAST_ROWS} rows.", id="too-small")
        with Horizontal(id="middle"):
            yield rail
            with Vertical(id="body"):
                yield from self.body()
            with Vertical(id="side"):
                yield from self.side()
        yield Static(id="help", markup=False)
        yield Keys(id="keys")

    def body(self) -> ComposeResult:
        """What the page is about."""
        yield from ()

    def side(self) -> ComposeResult:
        """More of the same on wide terminals; nothing is only here."""
        yield from ()

    def say(self, text: str) -> None:
        """Show a text in the help line, once nothing flashes there."""
        self._said = text
        if self._flash is None:
            self._help(text)

    def flash(self, text: str) -> None:
        """Show a text in the help line for a moment: what has happened, or why it has not."""
        self._help(text, "bold")
        if self._flash is not None:
            self._flash.stop()
        self._flash = self.set_timer(FLASH_SECONDS, self._flashed)

    def _flashed(self) -> None:
        self._flash = None
        self._help(self._said)

    def _help(self, text: str, style: str = "") -> None:
        line = self.query_one("#help", Static)
        width = max(self.size.width - 2, 20)
        room = width if self.HELP_ROWS == 1 else self.HELP_ROWS * (width - 8)  # rows are broken between words
        line.update(Content.styled(cut(text, room), style), layout=False)

    def refresh_frame(self) -> None:
        """Draw the top lines anew after an answer has changed."""
        for name in ("#top", "#where", "#rail"):
            self.query_one(name).refresh()

    def on_handed(self, event: Handed) -> None:
        """Go on with what was done aside, if this page is still there."""
        if self.is_attached:
            event.call()
