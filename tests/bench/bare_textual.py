"""Minimal Textual app with a header, two inputs and a footer: the reference for the first paint."""

import os
import time

from textual.app import App, ComposeResult
from textual.widgets import Footer, Header, Input


class Bare(App[None]):
    """An app without logic."""

    def compose(self) -> ComposeResult:
        """A header, two inputs, a footer."""
        yield Header()
        yield Input()
        yield Input()
        yield Footer()

    def on_ready(self) -> None:
        """The first frame is on the screen."""
        self.call_after_refresh(self._painted)

    def _painted(self) -> None:
        with open(os.environ["FIRST_PAINT"], "w", encoding="utf-8") as file:  # noqa: PTH123  a benchmark measures itself
            file.write(str(time.time()))
        self.exit()


if __name__ == "__main__":
    Bare().run()
