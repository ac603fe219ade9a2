"""Frame of every page: top line, breadcrumbs, body, help line, keys."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from screens.base.background import BackgroundResult
from screens.base.dialogs import HelpDialog
from screens.base.footer import KeyFooter, keys_text
from screens.base.glyphs import fit, glyph, truncate, wrapped
from screens.base.shell import shell_of
from screens.base.states import style_of

PAGE_TITLES: Mapping[str, str] = {
    "subscription": "Subscription",
    "governance": "Governance",
    "network": "Network",
    "ingress": "Ingress",
    "platform": "Platform",
    "images": "Images",
    "sizing": "Sizing",
    "data": "Data",
    "sign_on": "Sign-on",
    "monitoring": "Monitoring",
    "integrations": "Integrations",
    "flows": "Flows",
    "dev": "dev",
    "qa": "qa",
    "uat": "uat",
    "prod": "prod",
    "review": "Review",
}
ENVIRONMENT_PAGES = frozenset({"dev", "qa", "uat", "prod"})
"""Pages shown only for an environment with its own settings."""
RUN_PAGE_TITLES: Mapping[str, str] = {"answers": "Answers", "checks": "Checks", "live": "Installation", "done": "Done"}
_PART_OF: Mapping[str, str] = {"plan": "checks"}
"""Pages that belong to the stage of another one."""
MIN_COLUMNS, MIN_ROWS = 80, 24
FLASH_SECONDS = 5.0
MORE_HELP = "(F1: more)"
"""Ends a help text that does not fit; F1 shows all of it on every page that has long ones."""


class TitleBar(Widget):
    """Product name, installation or run, and on a colour of its background a badge for a rehearsal or replay."""

    def render(self) -> Content:
        """One line."""
        shell = shell_of(self)
        badge = shell.badge
        right = f" {badge} " if badge else ""
        left = f" FlowForge Installer · {shell.subtitle_text}"
        room = self.size.width - len(right)
        return Content(fit(left, room)) + Content.styled(right, "bold $background on $text-warning")


class Breadcrumbs(Widget):
    """The pages, each with a mark: done, current, or its number of problems. Only the current page shows its title."""

    here = ""
    titles = False

    def render(self) -> Content:
        """One line; wide terminals show the rail instead. A space parts a page from its number of problems, if there is room."""
        line = Content(" ") + Content("  ").join(self.parts(apart=True))
        return line if line.cell_length <= self.size.width else Content(" ") + Content("  ").join(self.parts())

    def parts(self, *, apart: bool = False) -> Iterable[Content]:
        """One part per page; `apart`: with a space before the number of its problems."""
        if self.here not in PAGE_TITLES:
            yield from self._run_pages()
            return
        shell = shell_of(self)
        for number, page in enumerate(shell.page_keys, 1):
            count = shell.problem_counts.get(page, 0)
            seen = page in shell.seen_pages
            mark = glyph("running") if page == self.here else f"!{count}" if count and seen else ""
            left = sum(shell.problem_counts.values()) if page == "review" else 0
            if not mark and seen:
                mark = f"!{left}" if left else glyph("done")
            title = f" {PAGE_TITLES[page]} " if self.titles or page == self.here else ""
            title = title or (" " if apart and mark.startswith("!") else "")
            state = "running" if page == self.here else "question" if mark.startswith("!") else "done"
            yield _part(f"{number}{title}".rstrip(" " if not mark else ""), mark, state, here=page == self.here)

    def _run_pages(self) -> Iterable[Content]:
        """After the questions: the stages that are done, in progress and still to come."""
        order = tuple(RUN_PAGE_TITLES)
        here = _PART_OF.get(self.here, self.here)
        at = order.index(here) if here in order else 0
        for index, (name, title) in enumerate(RUN_PAGE_TITLES.items()):
            state = "running" if index == at and name != "done" else "done" if index <= at else ""
            sign = glyph(state) if state else ""
            yield _part(f"{title} " if sign else title, sign, state or "waiting", here=index == at)


def _part(title: str, sign: str, state: str, *, here: bool) -> Content:
    """Title and sign of a page; the current one is bold, those to come are muted."""
    style = "bold" if here else "" if sign else style_of("waiting")
    return Content.styled(title, style) + Content.styled(sign, f"{style} {style_of(state)}".strip())


class Rail(Breadcrumbs):
    """Vertical list of the pages on terminals of at least 110 columns."""

    titles = True

    def render(self) -> Content:
        """One line per page, separated by empty lines if there is room."""
        parts = [Content(" ") + part for part in self.parts()]
        return Content("\n\n" if 2 * len(parts) <= self.size.height else "\n").join(parts)


class TooSmall(Static):
    """Shown instead of a page that does not fit the terminal."""


class Frame(Screen[None]):
    """Base class of every page. Subclasses fill `body()`, and may fill `side()`, the side pane of wide terminals."""

    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (80, "-narrow"), (110, "-wide"), (150, "-broad")]  # noqa: RUF012  Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (24, "-normal"), (40, "-tall")]  # noqa: RUF012  Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark", "show_keys", "all keys", show=False)]
    HELP_ROWS: ClassVar[int] = 2
    page_key = ""
    _help_text = ""
    _flash: Timer | None = None

    def compose(self) -> ComposeResult:
        """The frame and its body, styled for the current terminal size: a later size event would style everything twice."""
        for size, steps in zip(self.app.size, (self.HORIZONTAL_BREAKPOINTS, self.VERTICAL_BREAKPOINTS), strict=True):
            self.add_class(max((step for step in steps if step[0] <= size), default=(0, ""))[1], update=False)
        yield TitleBar(id="top")
        where = Breadcrumbs(id="where")
        where.here = self.page_key
        rail = Rail(id="rail")
        rail.here = self.page_key
        yield where
        yield TooSmall(f"FlowForge Installer needs {MIN_COLUMNS} columns and {MIN_ROWS} rows.", id="too-small")
        with Horizontal(id="middle"):
            yield rail
            with Vertical(id="body"):
                yield from self.body()
            with Vertical(id="side"):
                yield from self.side()
        yield Static(id="help", markup=False)
        yield KeyFooter(id="keys")

    def on_resize(self) -> None:
        """Redraw what depends on the width."""
        self.call_after_refresh(self.fit)

    def on_screen_resume(self) -> None:
        """Likewise after a dialog: under it the page may have got another size, and is arranged only now."""
        self.call_after_refresh(self.fit)

    def fit(self) -> None:
        """Redraw what depends on the width, if that has changed. Called often."""

    def body(self) -> ComposeResult:
        """The content of the page."""
        yield from ()

    def side(self) -> ComposeResult:
        """Additional detail on wide terminals; never the only place for information."""
        yield from ()

    def set_help(self, text: str) -> None:
        """Set the help line; the text appears when no flashed text is shown."""
        self._help_text = text
        if self._flash is None:
            self._help(text)

    def flash(self, text: str) -> None:
        """Show a text in the help line for a few seconds: what happened, or why it failed."""
        if not self.query("#help"):  # the page has just been opened
            self.call_after_refresh(self.flash, text)
            return
        self._help(text, "bold")
        if self._flash is not None:
            self._flash.stop()
        self._flash = self.set_timer(FLASH_SECONDS, self._end_flash)

    def _end_flash(self) -> None:
        self._flash = None
        self._help(self._help_text)

    def _help(self, text: str, style: str = "") -> None:
        line = self.query_one("#help", Static)
        width = max(self.size.width - 2, 20)
        more = "" if style else MORE_HELP
        shown = truncate(text, width) if self.HELP_ROWS == 1 else wrapped(text, width, self.HELP_ROWS, more)
        line.update(Content.styled(shown, style), layout=False)

    def action_show_keys(self) -> None:
        """Show every key of the page, those that the footer has no room for included."""
        self.app.push_screen(HelpDialog("Keys of this page", keys_text(self.active_bindings.values())))

    def refresh_frame(self) -> None:
        """Redraw the top lines after an answer has changed."""
        for name in ("#top", "#where", "#rail"):
            self.query_one(name).refresh()

    def on_background_result(self, event: BackgroundResult) -> None:
        """Handle the result of background work if this page is still open."""
        if self.is_attached:
            event.call()
