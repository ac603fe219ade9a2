"""Side pane of lists: the whole text of the line under the cursor, on terminals that have the columns for it."""

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from installer.sanitize import clean

MAX_TEXT = 6000
"""Characters of the pane; the window of the line has all."""


class LineDetails(VerticalScroll, can_focus=False):
    """The pane. The line stays the place for its text: the pane only saves opening it."""

    shown = ""

    def compose(self) -> ComposeResult:
        """The text."""
        yield Static(markup=False)

    def show(self, text: str) -> None:
        """Show another text, from its beginning."""
        self.shown = text
        self.query_one(Static).update(Content(clean(text, MAX_TEXT)))
        self.scroll_home(animate=False)
