"""Lines for people on a terminal: folded at its width between words; a file or a pipe gets whole lines."""

import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator

from installer.cli.commands.output import is_terminal

_OTHER_LINES = 2
"""Columns by which a line without indentation continues."""


def terminal_width() -> int:
    """Columns of the terminal on standard output, 0 if it is none."""
    return shutil.get_terminal_size().columns if is_terminal(sys.stdout) else 0


def folded(lines: Iterable[str], width: int, title: int = 0) -> Iterator[str]:
    """Lines at a width: each continues indented as its text, IDs and commands stay whole.

    Args:
        lines: The lines.
        width: Columns, 0 for lines as they are.
        title: Columns of the title with which lines without indentation begin.

    """
    for line in lines:
        if not width or len(line) <= width:
            yield line
            continue
        start = len(line) - len(line.lstrip(" "))
        sign = 0 if line[start : start + 1].isalnum() else 2
        indent = " " * (start + sign if start else title + sign if title else _OTHER_LINES)
        yield from textwrap.wrap(
            line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        ) or [line]


def show_lines(text: str) -> None:
    """Print lines for people."""
    print(*folded(text.splitlines(), terminal_width()), sep="\n", flush=True)
