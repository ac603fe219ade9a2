"""Glyphs and text fitting for all pages. A state is shown as a glyph and a word, never by color alone.

All texts use these glyphs; for ASCII terminals sanitize_filter.py replaces them last.
"""

from typing import Final

from rich.cells import cell_len, set_cell_size

from installer.sanitize import printable

SIGNS: Final = {
    "done": "✓",
    "same": "✓",
    "running": "●",
    "waiting": "○",
    "question": "!",
    "failed": "✗",
    "blocked": "–",  # noqa: RUF001  the dash is intended
    "stopped": "–",  # noqa: RUF001  the dash is intended
    "full": "█",
    "empty": "─",
    "on": "(•)",
    "off": "( )",
    "critical": "◀ critical",
    "chain": "◀",
    "bar": "▕",
    "more": "…",
    "dot": "·",
}


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


def fit(text: str, width: int) -> str:
    """The text in exactly `width` cells."""
    return set_cell_size(truncate(text, width), max(width, 0))


def cells(text: str) -> int:
    """Width of the text in cells."""
    return cell_len(text)
