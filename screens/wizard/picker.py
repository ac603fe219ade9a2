"""Field for a question whose answers are listed by Azure: typing filters the list, and any id can be typed by hand.

The list is drawn over the page while the field has the focus, so that the layout does not change.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.events import DescendantBlur, DescendantFocus
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from screens.base.glyphs import cells, fit, glyph, truncate
from screens.wizard.pasted_input import PastedInput

MAX_ROWS = 7
MAX_LISTED = 200
"""Drawing more takes longer than a key press may; typing filters all entries."""
GUID_LENGTH = 36
LABEL_CELLS = 28
BORDER_CELLS = 3
"""Border of the list and its scroll bar."""


@dataclass(frozen=True)
class Entry:
    """A line of the list.

    Attributes:
        value: the answer.
        label: its display name.
        fact: additional information.
        usable: whether it can be chosen.

    """

    value: str
    label: str
    fact: str = ""
    usable: bool = True


class Field(PastedInput):
    """The input of a picker: up and down move in the list."""

    BINDINGS = [  # noqa: RUF012  Textual reads it from the class
        Binding("down", "move_list(1)", "list", key_display="↑↓"),
        Binding("up", "move_list(-1)", "list", show=False),
    ]

    def action_move_list(self, by: int) -> None:
        """Move the cursor of the list."""
        assert isinstance(self.parent, Picker)  # noqa: S101  only Picker creates it
        self.parent.move(by)


class Picker(Widget):
    """An input with a filtered list below it."""

    BINDINGS = [  # noqa: RUF012  Textual reads it from the class
        Binding("escape", "close", "close list", show=False),
    ]

    class Changed(Message):
        """Posted when the text of the field has changed."""

        def __init__(self, picker: "Picker", text: str) -> None:
            super().__init__()
            self.picker = picker
            self.text = text

        @property
        def control(self) -> "Picker":
            """The widget."""
            return self.picker

    class Accepted(Message):
        """Posted when Enter is pressed."""

    def __init__(self, value: str, *, id: str) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self._entries: tuple[Entry, ...] = ()
        self._shown: list[Entry] = []
        self._value = value
        self._typing = False

    def compose(self) -> ComposeResult:
        """The field and its list."""
        yield Field(self._value, compact=True)
        yield OptionList(compact=True, markup=False)

    @property
    def input(self) -> Input:
        """The field."""
        return self.query_one(Input)

    @property
    def list(self) -> OptionList:
        """The list."""
        return self.query_one(OptionList)

    @property
    def text(self) -> str:
        """Text of the field."""
        return self.input.value

    def on_mount(self) -> None:
        """Hide the list until it is needed; it never takes the focus."""
        self.list.can_focus = False
        self.list.display = False

    def put(self, text: str) -> None:
        """Set the text without posting a message."""
        with self.input.prevent(Input.Changed):
            self.input.value = text

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries of the list."""
        return self._entries

    def offer(self, entries: Sequence[Entry]) -> None:
        """Set the entries of the list."""
        self._entries = tuple(entries)
        self._fill()

    def label_of(self, value: str) -> str:
        """Display name of a value, "" if it is not in the list."""
        return next((entry.label for entry in self._entries if entry.value == value), "")

    def _fill(self) -> None:
        words = self.text.lower().split() if self._typing else []
        self._shown = [e for e in self._entries if all(word in f"{e.value} {e.label}".lower() for word in words)]
        more = len(self._shown) - MAX_LISTED
        self._shown = self._shown[:MAX_LISTED]
        self.list.clear_options()
        column = max((len(entry.value) for entry in self._shown if not entry.label), default=0)
        lines = [_line(entry, column) for entry in self._shown]
        width = self._widen(max(map(cells, lines), default=0))
        options = [
            Option(Text(truncate(line, width), no_wrap=True), disabled=not entry.usable)
            for line, entry in zip(lines, self._shown, strict=True)
        ]
        self.list.add_options(options)
        if more > 0:
            self.list.add_option(Option(f"{glyph('more')} {more} more: type to filter", disabled=True))
        here = next((i for i, entry in enumerate(self._shown) if entry.value == self.text), None)
        usable = next((i for i, entry in enumerate(self._shown) if entry.usable), None)
        self.list.highlighted = here if here is not None else usable
        self.list.styles.height = min(len(self._shown), MAX_ROWS) + 2  # two for the border
        self.list.display = bool(self._shown) and self.has_focus_within

    def _widen(self, needed: int) -> int:
        """Let a list that is wider than the field begin at the label; returns its room for text, in cells."""
        row = self.parent.region.x if isinstance(self.parent, Widget) else self.region.x
        left = self.region.x - row if needed > self.size.width - BORDER_CELLS else 0
        self.list.styles.offset = (-left, 0)
        self.list.styles.width = self.size.width + left if self.size.width else "1fr"
        return max(self.size.width + left - BORDER_CELLS, 20)

    def move(self, by: int) -> None:
        """Move the cursor of the list and copy its value to the field."""
        usable = [index for index, entry in enumerate(self._shown) if entry.usable]
        if not usable:
            return
        here = self.list.highlighted
        opened = self.list.display and here in usable
        first = here if opened and here is not None else usable[0]
        # The first key takes the marked entry: it is marked, but not yet the answer.
        moves = opened and self._shown[first].value == self.text
        chosen = usable[max(0, min(usable.index(first) + by, len(usable) - 1))] if moves else first
        self.list.display = True
        self.list.highlighted = chosen
        self._take(self._shown[chosen].value)

    def _take(self, value: str) -> None:
        self._typing = False
        self.put(value)
        self.input.action_select_all()  # the next character replaces it, as in a field that has just got the focus
        self.post_message(self.Changed(self, value))

    def action_close(self) -> None:
        """Hide the list."""
        self.list.display = False

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._typing = True
        self._fill()
        self.post_message(self.Changed(self, event.value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        here = self.list.highlighted
        exact = any(entry.value == self.text for entry in self._entries)
        if self.list.display and here is not None and self._typing and not exact and self._shown[here].usable:
            self._take(self._shown[here].value)
        self.list.display = False
        self.post_message(self.Accepted())

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._take(self._shown[event.option_index].value)
        self.list.display = False

    def on_descendant_focus(self, _event: DescendantFocus) -> None:
        """Show the list."""
        self._typing = False
        self._fill()

    def on_resize(self) -> None:
        """Fit an open list to the field: a field that has the focus at once is filled before it has a size."""
        if self.list.display:
            self._fill()

    def on_descendant_blur(self, _event: DescendantBlur) -> None:
        """Hide the list."""
        self.list.display = False


def _line(entry: Entry, column: int) -> str:
    """A line of the list; values without a name are a column, so that their facts are one too."""
    mark = glyph("done") if entry.usable else glyph("failed")
    value = f"{entry.value[:4]}{glyph('more')}{entry.value[-4:]}" if len(entry.value) == GUID_LENGTH else entry.value
    fact = f"  {entry.fact}" if entry.fact and entry.fact != "enabled" else ""
    label = f"{fit(entry.label, LABEL_CELLS)} {value}" if entry.label else value.ljust(column)
    return f"{mark} {label}{fact}"
