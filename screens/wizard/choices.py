"""Field for a question with few answers: all are visible; arrow keys and space select one, or several."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding
from textual.content import Content
from textual.events import Click
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from screens.base.glyphs import glyph

GAP = 2


@dataclass(frozen=True)
class Option:
    """A possible answer and its label."""

    value: str
    label: str


class Choices(Widget, can_focus=True):
    """Radio buttons, wrapped into rows."""

    BINDINGS = [  # noqa: RUF012  Textual reads it from the class
        Binding("right,down", "move(1)", "move", key_display="↑↓"),
        Binding("left,up", "move(-1)", "choose", show=False),
        Binding("space", "pick", show=False),
        Binding("enter", "accept", "accept", show=False),
    ]
    several: ClassVar[bool] = False
    cursor = reactive(0)
    chosen: reactive[frozenset[str]] = reactive(frozenset())

    class Changed(Message):
        """Posted when the choice has changed; `text` is the answer as a user would type it."""

        def __init__(self, choices: "Choices", text: str) -> None:
            super().__init__()
            self.choices = choices
            self.text = text

        @property
        def control(self) -> "Choices":
            """The widget."""
            return self.choices

    class Accepted(Message):
        """Posted when Enter is pressed."""

    def __init__(self, options: Sequence[Option], chosen: Sequence[str], *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self.options = tuple(options)
        self.set_reactive(Choices.chosen, frozenset(chosen))
        self.set_reactive(Choices.cursor, self._first(chosen))

    def _first(self, chosen: Sequence[str]) -> int:
        return next((i for i, option in enumerate(self.options) if option.value in chosen), 0)

    def put(self, chosen: Sequence[str]) -> None:
        """Set the choice without posting a message."""
        if frozenset(chosen) != self.chosen:
            self.chosen = frozenset(chosen)
            self.cursor = self._first(chosen)

    def _texts(self) -> list[str]:
        marks = ("[x]", "[ ]") if self.several else (glyph("on"), glyph("off"))
        return [f"{marks[0 if o.value in self.chosen else 1]} {o.label}" for o in self.options]

    def _rows(self, width: int) -> list[list[int]]:
        """Indexes of the answers in each row."""
        rows: list[list[int]] = []
        used = width
        for index, text in enumerate(self._texts()):
            if rows and used + GAP + len(text) <= width:
                rows[-1].append(index)
                used += GAP + len(text)
            else:
                rows.append([index])
                used = len(text)
        return rows

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  Textual's signature
        """Number of rows that the answers need."""
        return len(self._rows(width))

    def render(self) -> Content:
        """The answers; while the widget has the focus, the one under the cursor is highlighted."""
        texts = self._texts()

        def piece(index: int) -> Content:
            return Content.styled(texts[index], "reverse" if self.has_focus and index == self.cursor else "")

        return Content("\n").join(
            Content(" " * GAP).join(piece(index) for index in row) for row in self._rows(self.size.width)
        )

    def action_move(self, by: int) -> None:
        """Move the cursor; radio buttons are selected as the cursor moves."""
        self.cursor = (self.cursor + by) % len(self.options)
        if not self.several:
            self.action_pick()

    def action_pick(self) -> None:
        """Select the answer under the cursor, or toggle it if several are allowed."""
        value = self.options[self.cursor].value
        self.chosen = self.chosen ^ {value} if self.several else frozenset({value})
        self.post_message(self.Changed(self, self.text))

    def action_accept(self) -> None:
        """Accept the choice."""
        self.post_message(self.Accepted())

    @property
    def text(self) -> str:
        """The answer as a user would type it."""
        return " ".join(option.value for option in self.options if option.value in self.chosen)

    def on_click(self, event: Click) -> None:
        """Select with the mouse."""
        rows, texts, position = self._rows(self.size.width), self._texts(), 0
        for index in rows[event.y] if event.y < len(rows) else ():
            if position <= event.x < position + len(texts[index]):
                self.cursor = index
                self.action_pick()
            position += len(texts[index]) + GAP


class Boxes(Choices):
    """Check boxes for any number of answers."""

    BINDINGS = [Binding("space", "pick", "mark")]  # noqa: RUF012  Textual reads it from the class
    several = True


__all__ = ["Boxes", "Choices", "Option"]
