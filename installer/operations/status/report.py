"""A state report as plain lines of 80 columns, with the ways of each problem."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Final

from installer.conventions.counts import counted
from installer.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.operations.status.model import Line, State, Status

SIGNS: Final[Mapping[State, str]] = {"ok": "✓", "attention": "!", "broken": "✗", "not read": "?"}
COLUMNS: Final = 80


def status_lines(status: Status) -> Iterator[str]:
    """All lines, question by question, then the counts."""
    yield printable(f"{status.installation}, run {status.run}")
    for answer in status.answers:
        if answer.lines:
            yield ""
            yield answer.title
        for line in answer.lines:
            yield from fact_lines(line)
    yield ""
    yield summary(status)


def fact_lines(line: Line) -> Iterator[str]:
    """One fact, and how to set it right."""
    text = f"not read: {line.text}" if line.state == "not read" else line.text
    yield from wrapped(f"  {SIGNS[line.state]} ", f"{line.subject}: {text}")
    for way in line.ways:
        yield from wrapped("      → ", way.text)


def wrapped(begin: str, text: str) -> list[str]:
    """A text in lines of 80 columns, without breaks inside a word: names and addresses stay whole."""
    hang = " " * len(begin)
    return wrap(
        printable(text),
        COLUMNS,
        initial_indent=begin,
        subsequent_indent=hang,
        break_long_words=False,
        break_on_hyphens=False,
    )


def summary(status: Status) -> str:
    """The counts in one line."""
    parts = [
        f"{status.count('broken')} broken",
        counted(status.count("attention"), "needs attention", "need attention"),
    ]
    return ", ".join([*parts, f"{status.count('ok')} ok", f"{status.count('not read')} not read"])
