"""Glyphs and text fitting for all pages. A state is shown as a glyph and a word, never by color alone.

All texts use these glyphs; for ASCII terminals sanitize_filter.py replaces them last.
"""

import re
import textwrap
from typing import Final

from rich.cells import cell_len, set_cell_size

from installer.sanitize import printable
from screens.base.states import LOOKS

SIGNS: Final = {
    **{state: look.sign for state, look in LOOKS.items()},
    "row full": "━",
    "row empty": "╌",
    "full": "█",
    "empty": "─",
    "on": "(•)",
    "off": "( )",
    "critical": "◀ critical",
    "chain": "◀",
    "bar": "▕",
    "more": "…",
    "dot": "·",
    "open": "▾",
    "folded": "▸",
}


NOTHING_FOUND: Final = "Nothing here has these words; Esc shows everything."
HANG: Final = 2
"""Cells by which a continued line is indented further."""


def glyph(name: str) -> str:
    """Glyph of a state."""
    return SIGNS[name]


def one_line(text: str) -> str:
    """The text without line breaks and other control characters, which would break a row of cells."""
    return printable(text)


def truncate(text: str, width: int) -> str:
    """The text on one line of at most `width` cells, with an ellipsis if it was truncated."""
    width = max(width, 0)
    line = one_line(text[: 4 * width + 8]).rstrip()  # the rest cannot be visible
    if cell_len(line) <= width:
        return line
    return set_cell_size(line, width - 1).rstrip() + SIGNS["more"] if width > 1 else set_cell_size(line, width)


def wrapped(text: str, width: int, rows: int, more: str) -> str:
    """The text if it fits into rows of cells; else its first sentences, or else its first words, with a hint at the rest."""
    line = one_line(text)

    def fits(part: str) -> bool:
        return len(textwrap.wrap(part, width, break_on_hyphens=False)) <= rows and cell_len(part) <= width * rows

    if fits(line):
        return line
    sentences = re.split(r"(?<=[.!?]) +", line)
    words = line.split(" ")
    for end in range(len(sentences) - 1, 0, -1):
        if fits(found := f"{' '.join(sentences[:end])} {more}".rstrip()):
            return found
    for end in range(len(words) - 1, 0, -1):
        if fits(found := f"{' '.join(words[:end])}{SIGNS['more']} {more}".rstrip()):
            return found
    return truncate(line, width * rows)


def hanging(text: str, width: int) -> str:
    """The text wrapped line by line; continued lines are indented further."""
    found: list[str] = []
    for line in text.split("\n"):
        indent = len(line) - len(line.lstrip(" "))
        further = " " * (indent + HANG) if indent else ""
        found += textwrap.wrap(line, max(width, 20), subsequent_indent=further, break_on_hyphens=False) or [""]
    return "\n".join(found)


def fit(text: str, width: int) -> str:
    """The text in exactly `width` cells."""
    return set_cell_size(truncate(text, width), max(width, 0))


def cells(text: str) -> int:
    """Width of the text in cells."""
    return cell_len(text)
