"""Signs and short forms that all pages share. State is a sign and a word, never colour alone.

Texts are written with these signs everywhere; a terminal without them gets stand-ins at the very end (washing.py).
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
    "blocked": "–",  # noqa: RUF001  the sign is meant
    "stopped": "–",  # noqa: RUF001  the sign is meant
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


def sign(name: str) -> str:
    """The sign of a state."""
    return SIGNS[name]


def one_line(text: str) -> str:
    """The text without line ends and other control characters, which would spoil a row of cells."""
    return printable(text)


def cut(text: str, width: int) -> str:
    """The text in at most so many cells on one line; what is cut shows that it is."""
    width = max(width, 0)
    line = one_line(text[: 4 * width + 8]).rstrip()  # what is beyond cannot be seen
    if cell_len(line) <= width:
        return line
    return set_cell_size(line, width - 1).rstrip() + SIGNS["more"] if width > 1 else set_cell_size(line, width)


def fit(text: str, width: int) -> str:
    """The text in exactly so many cells."""
    return set_cell_size(cut(text, width), max(width, 0))


def cells(text: str) -> int:
    """How many cells of a row the text takes."""
    return cell_len(text)
