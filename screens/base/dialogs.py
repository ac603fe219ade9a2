"""Dialogs over a page: help, leaving, confirmations. The safe answer has the focus."""

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from screens.base.glyphs import truncate

TEXT_CELLS: Final = 70
"""Width of the text of a dialog on the smallest terminal, less the scroll bar."""


class Dialog(ModalScreen[str]):
    """Title, text and buttons; returns the id of the pressed button, or "" for Escape."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1", "close", "close"),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
        Binding("up", "scroll(-1)", show=False),
        Binding("down", "scroll(1)", show=False),
        Binding("pageup", "scroll(-12)", show=False),
        Binding("pagedown", "scroll(12)", show=False),
    ]

    def __init__(self, title: str, text: str, buttons: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._title = title
        self._text = text
        self._buttons = buttons

    def compose(self) -> ComposeResult:
        """The dialog; the first button gets the focus."""
        with Vertical():
            yield Static(Content.styled(truncate(self._title, 72), "bold"))
            with VerticalScroll(can_focus=False):
                yield Static(Content(self._text), id="window-text")
            with Horizontal(classes="buttons"):
                for name, label in self._buttons:
                    yield Button(Content(label), id=name, compact=True)

    def on_mount(self) -> None:
        """Focus the first button, which is the safe one, at once: before any key that was typed ahead."""
        self.set_focus(self.query_one(f"#{self._buttons[0][0]}", Button))

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Return the answer."""
        self.dismiss(event.button.id or "")

    def action_scroll(self, rows: int) -> None:
        """Scroll a text that is longer than the dialog."""
        self.query_one(VerticalScroll).scroll_relative(y=rows, animate=False)

    def action_close(self) -> None:
        """Close without an answer."""
        self.dismiss("")


class HelpDialog(Dialog):
    """A text to read."""

    def __init__(self, title: str, text: str) -> None:
        super().__init__(title, text, [("close", "Close")])
