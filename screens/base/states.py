"""States of steps, resources, checks and pages: sign, word and colour of each, in one place.

A colour never carries a state alone: sign and word are always beside it, and remain on monochrome terminals.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Look:
    """How a state is shown.

    Attributes:
        sign: one cell.
        word: for people.
        colour: variable of the theme, without its $.

    """

    sign: str
    word: str
    colour: str


LOOKS: Final = {
    "done": Look("✓", "done", "text-success"),
    "same": Look("✓", "unchanged", "text-success"),
    "running": Look("●", "running", "text-accent"),
    "waiting": Look("○", "waiting", "text-muted"),
    "question": Look("!", "needs you", "text-warning"),
    "failed": Look("✗", "failed", "text-error"),
    "blocked": Look("–", "blocked", "text-muted"),  # noqa: RUF001  the dash is intended
    "stopped": Look("–", "stopped", "text-warning"),  # noqa: RUF001  the dash is intended
}
"""By the names of the engine's states (`installer.engine.progress_rows.State`)."""


def style_of(state: str) -> str:
    """Style of a state in the markup-free content of Textual: the variable of its colour."""
    return f"${LOOKS[state].colour}"
