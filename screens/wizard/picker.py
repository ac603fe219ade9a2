"""A question whose answers only Azure knows: one types, and what fits is listed below; typing an id by hand always works.

The list lies over the page while the field has the focus, so that nothing jumps.
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

from screens.base.glyphs import cut, fit, sign

MOST_ROWS = 7
GUID_LENGTH = 36
LABEL_CELLS = 28


@dataclass(frozen=True)
class Entry:
    """A line of the list: the value, what it is called, a fact about it, whether it can be taken."""

    value: str
    label: str
    fact: str = ""
    usable: bool = True


class Field(Input):
    """The input of a picker: its up and down belong to the list."""

    BINDINGS = [  # noqa: RUF012  Textual reads it from the class
        Binding("down", "along(1)", "list", key_display="↑↓"),
        Binding("up", "along(-1)", "list", show=False),
    ]

    def action_along(self, by: int) -> None:
        """Move in the list."""
        assert isinstance(self.parent, Picker)  # noqa: S101  it is made there and nowhere else
        self.parent.move(by)


class Picker(Widget):
    """An input over a filtered list."""

    BINDINGS = [  # noqa: RUF012  Textual reads it from the class
        Binding("escape", "close", "close list", show=False),
    ]

    class Changed(Message):
        """Other text stands in the field."""

        def __init__(self, picker: "Picker", text: str) -> None:
            super().__init__()
            self.picker = picker
            self.text = text

        @property
        def control(self) -> "Picker":
            """The widget."""
            return self.picker

    class Accepted(Message):
        """Enter was pressed."""

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
        """What stands in the field."""
        return self.input.value

    def on_mount(self) -> None:
        """The list is there only while it is needed, and never takes the focus."""
        self.list.can_focus = False
        self.list.display = False

    def put(self, text: str) -> None:
        """Set the field without anybody having typed."""
        with self.input.prevent(Input.Changed):
            self.input.value = text

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What was offered."""
        return self._entries

    def offer(self, entries: Sequence[Entry]) -> None:
        """What can be chosen."""
        self._entries = tuple(entries)
        self._fill()

    def label_of(self, value: str) -> str:
        """What a value is called, "" if it is not in the list."""
        return next((entry.label for entry in self._entries if entry.value == value), "")

    def _fill(self) -> None:
        words = self.text.lower().split() if self._typing else []
        self._shown = [e for e in self._entries if all(word in f"{e.value} {e.label}".lower() for word in words)]
        width = max(self.size.width - 4, 20)
        self.list.clear_options()
        self.list.add_options([Option(_line(entry, width), disabled=not entry.usable) for entry in self._shown])
        here = next((i for i, entry in enumerate(self._shown) if entry.value == self.text), None)
        usable = next((i for i, entry in enumerate(self._shown) if entry.usable), None)
        self.list.highlighted = here if here is not None else usable
        self.list.styles.height = min(len(self._shown), MOST_ROWS) + 2  # and the border
        self.list.display = bool(self._shown) and self.has_focus_within

    def move(self, by: int) -> None:
        """Move in the list; the field takes what is there."""
        usable = [index for index, entry in enumerate(self._shown) if entry.usable]
        if not usable:
            return
        here = self.list.highlighted
        place = usable.index(here) if here in usable and self.list.display else -1
        chosen = usable[max(0, min(place + by, len(usable) - 1))] if place >= 0 else usable[0]
        self.list.display = True
        self.list.highlighted = chosen
        self._take(self._shown[chosen].value)

    def _take(self, value: str) -> None:
        self._typing = False
        self.put(value)
        self.input.cursor_position = len(value)
        self.post_message(self.Changed(self, value))

    def action_close(self) -> None:
        """Put the list away."""
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
        """Show what can be chosen."""
        self._typing = False
        self._fill()

    def on_descendant_blur(self, _event: DescendantBlur) -> None:
        """Put the list away."""
        self.list.display = False


def _line(entry: Entry, width: int) -> Text:
    mark = sign("done") if entry.usable else sign("failed")
    value = f"{entry.value[:4]}{sign('more')}{entry.value[-4:]}" if len(entry.value) == GUID_LENGTH else entry.value
    fact = f"  {entry.fact}" if entry.fact and entry.fact != "enabled" else ""
    label = f"{fit(entry.label, LABEL_CELLS)} {value}" if entry.label else value
    return Text(cut(f"{mark} {label}{fact}", width), no_wrap=True)
