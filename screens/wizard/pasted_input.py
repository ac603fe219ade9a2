"""Text field that keeps every line of what is pasted: lists are often copied from a file or a table, an item per line."""

from textual.events import Paste
from textual.widgets import Input


class PastedInput(Input):
    """An input whose pasted lines are joined by spaces, as the items of a list are separated."""

    def _on_paste(self, event: Paste) -> None:
        """Insert all lines; Textual's own handler keeps the first one."""
        lines = [line.strip() for line in event.text.splitlines()]
        text = " ".join(line.removeprefix("- ") if len(lines) > 1 else line for line in lines if line)
        event.stop()
        event.prevent_default()
        if text:
            self.replace(text, *self.selection)
