"""Field for the words of a search on a page of lists: Enter keeps what it has found, Escape shows everything again."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input


class SearchField(Input):
    """The field; its page has the action `clear_search`, and takes Input.Submitted."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "keep", key_display="Enter"),
        Binding("escape", "screen.clear_search", "clear", key_display="Esc"),
    ]
