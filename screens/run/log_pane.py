"""Log of a run: bounded, and filtered by words without losing what is hidden."""

from collections import deque
from collections.abc import Iterable

from textual.widgets import Log

MAX_LOG_LINES = 2000


class RunLog(Log):
    """The newest lines; all of them, or those that contain all words of a filter."""

    def __init__(self, *, id: str) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id, max_lines=MAX_LOG_LINES, highlight=False)
        self._all: deque[str] = deque(maxlen=MAX_LOG_LINES)
        self._words: list[str] = []

    def add(self, lines: list[str]) -> None:
        """Append lines; those that the filter hides are kept."""
        self._all.extend(lines)
        self.write_lines(self._matching(lines))

    def filter(self, words: str) -> None:
        """Show only lines with these words; "" shows all."""
        self._words = words.lower().split()
        self.clear()
        self.write_lines(self._matching(self._all))

    def _matching(self, lines: Iterable[str]) -> list[str]:
        return [line for line in lines if all(word in line.lower() for word in self._words)]
