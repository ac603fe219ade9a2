"""Signs and short forms that all pages share. State is a sign and a word, never colour alone."""

import os
from typing import Final

UNICODE: Final = {
    "done": "✓",
    "same": "✓",
    "running": "●",
    "waiting": "○",
    "question": "!",
    "failed": "✗",
    "blocked": "○",
    "stopped": "–",  # noqa: RUF001  the sign is meant
    "rule": "─",
    "full": "█",
    "empty": "─",
    "on": "(•)",
    "off": "( )",
    "critical": "◀ critical",
    "bar": "▕",
}
ASCII: Final = {
    "done": "+",
    "same": "+",
    "running": "*",
    "waiting": ".",
    "question": "!",
    "failed": "x",
    "blocked": ".",
    "stopped": "-",
    "rule": "-",
    "full": "#",
    "empty": "-",
    "on": "(*)",
    "off": "( )",
    "critical": "< critical",
    "bar": "|",
}


def narrow_fonts() -> bool:
    """Whether the terminal's character set has no signs beyond ASCII."""
    words = (os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE") or os.environ.get("LANG") or "C.UTF-8").lower()
    return "utf" not in words


def sign(name: str) -> str:
    """The sign of a state, in the terminal's character set."""
    return (ASCII if narrow_fonts() else UNICODE)[name]


def clock(seconds: float) -> str:
    """m:ss, as all times are shown."""
    minutes, rest = divmod(max(int(seconds), 0), 60)
    return f"{minutes}:{rest:02}"


def cut(text: str, width: int) -> str:
    """The text in at most so many cells on one line; what is cut shows that it is."""
    one_line = text.replace("\n", " ").replace("\t", " ").rstrip()
    if width <= 1 or len(one_line) <= width:
        return one_line[: max(width, 0)]
    return one_line[: width - 1] + ("~" if narrow_fonts() else "…")
