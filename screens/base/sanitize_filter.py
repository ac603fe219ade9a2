"""The last thing that happens to every line before the terminal gets it: nothing in it can command the terminal.

Names, messages and answers from outside may hold escape sequences and the like. Pages cut and colour text as they need;
this filter sees all of it, whatever widget drew it. Terminals whose character set has no signs get stand-ins here.
"""

import os
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_STAND_INS: Final = {
    "✓": "+", "●": "*", "○": ".", "✗": "x", "–": "-", "█": "#", "•": "*", "◀": "<", "…": "~", "·": "-",  # noqa: RUF001
    "↑": "^", "↓": "v", "←": "<", "→": ">", "×": "x", "≥": ">",  # noqa: RUF001  these are what is replaced
}  # fmt: skip
_LINES: Final = {"─": "-", "━": "-", "│": "|", "┃": "|", "▏": "|", "▎": "|", "▕": "|", "▊": "|", "▌": "|", "▐": "|"}


def speaks_unicode() -> bool:
    """Whether the terminal's character set, as the environment declares it, has more than ASCII."""
    names = (os.environ.get("LC_ALL"), os.environ.get("LC_CTYPE"), os.environ.get("LANG"))
    return "utf" in next((name for name in names if name), "C.UTF-8").lower()


class SanitizeFilter(LineFilter):
    """Takes control characters out of every line, and with `ascii_only` whatever such a terminal cannot show.

    `before` are the filters that come first. One filter that does all is cheaper than two: each makes every line anew.
    """

    def __init__(self, before: Sequence[LineFilter], *, ascii_only: bool) -> None:
        super().__init__()
        self.before = tuple(before)
        self._ascii_only = ascii_only

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same cells with clean text."""
        for other in self.before:
            segments = other.apply(segments, background)
        if all(self._clean(segment) for segment in segments):
            return segments
        return [
            segment if self._clean(segment) else Segment(_sanitized(segment.text, self._ascii_only), segment.style)
            for segment in segments
        ]

    def _clean(self, segment: Segment) -> bool:
        if segment.control:
            return True
        return segment.text.isprintable() and not (self._ascii_only and not segment.text.isascii())


@lru_cache(4096)
def _sanitized(text: str, ascii_only: bool) -> str:  # noqa: FBT001  one caller
    clean = "".join(_char(char, ascii_only) for char in text)
    return set_cell_size(clean, cell_len(text))  # joined signs that came apart must not push the rest of the line


def _char(char: str, ascii_only: bool) -> str:  # noqa: FBT001  one caller
    if not char.isprintable():
        return " " * cell_len(char)
    if char.isascii() or not ascii_only:
        return char
    width = cell_len(char)
    if char in _STAND_INS or char in _LINES:
        return _STAND_INS.get(char) or _LINES[char]
    if "\u2500" <= char <= "\u257f":
        return "+"  # corners and crossings of frames
    return (" " if "\u2580" <= char <= "\u259f" else "?") * width  # parts of blocks are ends of scroll bars
