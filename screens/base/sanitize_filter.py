"""Last step before a line is sent to the terminal: removes everything that could control the terminal.

Names, messages and answers from outside may contain escape sequences. Pages truncate and color text as they need; this
filter processes all of it, whichever widget drew it. For ASCII terminals it also replaces the glyphs.
"""

import os
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_ASCII_SUBSTITUTES: Final = {
    "✓": "+", "●": "*", "○": ".", "✗": "x", "–": "-", "█": "#", "▓": "%", "▒": "=", "░": ":", "■": "@", "▚": "&", "▞": "$", "•": "*", "◀": "<", "…": "~", "·": "-",  # noqa: RUF001
    "↑": "^", "↓": "v", "←": "<", "→": ">", "×": "x", "≥": ">", "▾": "v", "▸": ">",  # noqa: RUF001  the characters to replace
}  # fmt: skip
_LINES: Final = {
    "─": "-",
    "━": "=",
    "╌": "-",
    "│": "|",
    "┃": "|",
    "▏": "|",
    "▎": "|",
    "▕": "|",
    "▊": "|",
    "▌": "|",
    "▐": "|",
}


def supports_unicode() -> bool:
    """Whether the locale in the environment declares a character set beyond ASCII."""
    names = (os.environ.get("LC_ALL"), os.environ.get("LC_CTYPE"), os.environ.get("LANG"))
    return "utf" in next((name for name in names if name), "C.UTF-8").lower()


class SanitizeFilter(LineFilter):
    """Removes control characters from every line.

    Args:
        before: filters to apply first. Chaining them here is cheaper, since every filter rebuilds each line.
        ascii_only: also replace characters outside ASCII.

    """

    def __init__(self, before: Sequence[LineFilter], *, ascii_only: bool) -> None:
        super().__init__()
        self.before = tuple(before)
        self._ascii_only = ascii_only

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same cells with sanitized text."""
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
    return set_cell_size(clean, cell_len(text))  # split grapheme clusters must not shift the rest of the line


def _char(char: str, ascii_only: bool) -> str:  # noqa: FBT001  one caller
    if not char.isprintable():
        return " " * cell_len(char)
    if char.isascii() or not ascii_only:
        return char
    width = cell_len(char)
    if char in _ASCII_SUBSTITUTES or char in _LINES:
        return _ASCII_SUBSTITUTES.get(char) or _LINES[char]
    if "\u2500" <= char <= "\u257f":
        return "+"  # corners and junctions of frames
    return (" " if "\u2580" <= char <= "\u259f" else "?") * width  # partial blocks are the ends of scroll bars
