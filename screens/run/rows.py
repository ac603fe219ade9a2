"""List of a run: steps and their resources in columns, without wrapping, drawn line by line.

Only visible lines are drawn, so that a thousand rows cost no more than twenty.
"""

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.theme import Theme

from installer.engine.progress import Progress
from screens.run.row_columns import Marks, Part, columns_of, row_parts
from screens.run.row_lines import Line, first_failure, lines_of

Shown = tuple[tuple[Part, ...], bool]
"""Parts of a row of the screen, and whether the cursor is on it."""


class Rows(ScrollView, can_focus=True):
    """List of a run's rows with a cursor.

    The cursor is on the first running step until the user moves it, and then stays on its row. A row that folds hands it
    to its step.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "select(1)", "next row", show=False),
        Binding("up", "select(-1)", "previous row", show=False),
        Binding("pageup", "select(-10)", "10 rows up", show=False),
        Binding("pagedown", "select(10)", "10 rows down", show=False),
        Binding("home", "select(-9999)", "first row", show=False),
        Binding("end", "select(9999)", "last row", show=False),
        Binding("enter", "details", "details"),
    ]

    class DetailsRequested(Message):
        """Posted when Enter is pressed on a line."""

        def __init__(self, line: Line) -> None:
            super().__init__()
            self.line = line

    class CursorMoved(Message):
        """Posted when the user moves the cursor, which then no longer follows."""

    def __init__(self, progress: Progress, *, id: str) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self.progress = progress
        self.now = 0.0
        self.everything = False
        self.words = ""
        """Only rows with these words are shown."""
        self.repaints = 0
        self._index = 0
        self._lines: list[Line] = []
        self._selected = ("", "")
        self._failed = ("", "")
        self._moved = False
        self._marks = Marks()
        self._rendered: list[Shown] = []
        self._styles: dict[str, Style] = {}

    def on_mount(self) -> None:
        """Draw in the colours of the theme, whichever is used."""
        self.app.theme_changed_signal.subscribe(self, self._changed_theme)

    def _changed_theme(self, _theme: Theme) -> None:
        self._styles.clear()
        self.refresh()

    @property
    def shown(self) -> tuple[Line, ...]:
        """All lines, visible or not."""
        return tuple(self._lines)

    @property
    def selected(self) -> Line | None:
        """The line under the cursor."""
        return self._lines[self._index] if self._lines else None

    def update(self, now: float) -> None:
        """Redraw once for everything that happened since the last update."""
        self.now = now
        self.repaints += 1
        self._lines = lines_of(self.progress, everything=self.everything, words=self.words)
        self._marks = Marks(self.progress.critical(now), self.progress.lost())
        self.virtual_size = Size(0, len(self._lines))  # the width is always that of the list: nothing scrolls sideways
        self._follow()
        found = self._position(self._selected)
        if found != self._index:
            self._index = found
            self._show()
        self._refresh_changed()

    @property
    def moved(self) -> bool:
        """Whether the user has moved the cursor, so that it stays on its row."""
        return self._moved

    def follow(self) -> None:
        """Follow the running step again, or a failure."""
        self._moved, self._failed = False, ("", "")
        self.update(self.now)
        self._show()
        self.refresh()

    def _follow(self) -> None:
        """Until the user moves the cursor, put it on a new failure, or else on a step that runs."""
        failed = first_failure(self._lines)
        if self._moved:
            return
        if failed is not None:
            if failed.key != self._failed:
                self._failed = self._selected = failed.key
            return
        step = self.progress.steps.get(self._selected[0])
        if step is None or step.state not in ("running", "question"):
            running = (line for line in self._lines if line.row.state in ("running", "question") and not line.depth)
            self._selected = next((line.key for line in running), self._selected)

    def _position(self, key: tuple[str, str]) -> int:
        """Index of a line, or of its step if it is not shown."""
        places = {line.key: index for index, line in reversed(list(enumerate(self._lines))) if not line.folded}
        return places.get(key, places.get((key[0], ""), 0))

    def _refresh_changed(self) -> None:
        """Redraw only rows that have changed: the terminal may be at the end of a slow connection."""
        rendered = [self._rendered_row(y) for y in range(self.size.height)]
        if len(rendered) != len(self._rendered):
            self.refresh()
        else:
            for y, row in enumerate(rendered):
                if row != self._rendered[y]:
                    self.refresh(Region(0, y, self.size.width, 1))
        self._rendered = rendered

    def action_select(self, by: int) -> None:
        """Move the cursor, skipping counts of folded rows."""
        usable = [index for index, line in enumerate(self._lines) if not line.folded]
        if usable:
            here = usable.index(self._index) if self._index in usable else 0
            self._put_cursor(usable[max(0, min(here + by, len(usable) - 1))])

    def _put_cursor(self, index: int) -> None:
        self._index = index
        self._selected = self._lines[index].key
        if not self._moved:
            self._moved = True
            self.post_message(self.CursorMoved())
        self._show()
        self.refresh()

    def on_click(self, event: Click) -> None:
        """A click selects a row; a second one opens its details."""
        index = event.y + round(self.scroll_offset.y)
        if index < len(self._lines) and not self._lines[index].folded:
            again = index == self._index and event.chain > 1
            self._put_cursor(index)
            if again:
                self.action_details()

    def _show(self) -> None:
        self.scroll_to_region(Region(0, self._index, max(self.size.width, 1), 1), animate=False)

    def action_details(self) -> None:
        """Open the details of the selected line."""
        if self.selected is not None:
            self.post_message(self.DetailsRequested(self.selected))

    # -- drawing -------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        parts, selected = self._rendered_row(y)
        if selected:
            text = "".join(text for text, _colour in parts)
            return Strip([Segment(text, self._style("block-cursor-foreground", ground="block-cursor-background"))])
        return Strip([Segment(text, self._style(colour)) for text, colour in parts if text])

    def _rendered_row(self, y: int) -> Shown:
        """Parts of a row of the screen, and whether it is selected."""
        index = y + round(self.scroll_offset.y)
        width = self.scrollable_content_region.width
        if index >= len(self._lines):
            return ((" " * width, ""),), False
        line = self._lines[index]
        selected = self.has_focus and not line.folded and index == self._index
        return row_parts(line, self.progress, self._marks, columns_of(width), self.now), selected

    def _style(self, colour: str, ground: str = "") -> Style:
        """Style of a variable of the theme."""
        key = f"{colour} {ground}"
        if key not in self._styles:
            values = self.app.theme_variables
            own = Style(color=values[colour] if colour else None, bgcolor=values[ground] if ground else None)
            self._styles[key] = self.rich_style + own
        return self._styles[key]
