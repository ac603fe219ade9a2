"""A document of titled tables, rendered as plain text, Markdown or HTML; what a name contains stays text in each of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

from installer.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_STYLE: Final = (
    "body{font-family:sans-serif}td,th{padding:2px 10px;text-align:left;vertical-align:top}td{white-space:pre-wrap}"
)


_FIGURE: Final = re.compile(r"(?:[+-] ?)?(?:< )?\d[\d,.]*")
"""A number as a cell, also one with a sign or too small to be shown."""


@dataclass(frozen=True)
class Section:
    """A titled table; with one column, a list.

    Attributes:
        columns: Names of the columns.
        rows: A text for each column.

    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def listed(title: str, lines: Sequence[str]) -> Section:
    """A section with a list."""
    return Section(title, ("",), tuple((line,) for line in lines))


def as_text(title: str, lead: Sequence[str], sections: Sequence[Section]) -> str:
    """The document as plain text."""
    lines = [_line(title), *map(_line, lead)]
    for section in sections:
        lines += ["", _line(section.title)]
        lines += _columns(section)
    return "\n".join(lines) + "\n"


def _columns(section: Section) -> Iterator[str]:
    """The rows in columns: figures to the right, the last column as long as it is; a column without text takes no room.

    Several columns of figures have their names above them, because the title names only one.
    """
    rows = [[_kept(cell) for cell in row] for row in section.rows]
    filled = [any(row[at] for row in rows) for at in range(len(section.columns))]
    figures = [all(_FIGURE.fullmatch(row[at]) or not row[at] for row in rows) for at in range(len(filled))]
    used = [at for at, has_text in enumerate(filled) if has_text]
    named = sum(figures[at] for at in used) > 1
    lines = [[_kept(name) for name in section.columns], *rows] if named else rows
    widths = [max((len(row[at]) for row in lines), default=0) for at in range(len(filled))]
    for row in lines:
        shown = [
            row[at].rjust(widths[at]) if figures[at] else row[at] if at == used[-1] else row[at].ljust(widths[at])
            for at in used
        ]
        yield f"  {'  '.join(shown)}".rstrip()


def as_markdown(title: str, lead: Sequence[str], sections: Sequence[Section]) -> str:
    """The document as Markdown."""
    return "\n".join(_markdown(title, lead, sections)) + "\n"


def _markdown(title: str, lead: Sequence[str], sections: Sequence[Section]) -> Iterator[str]:
    yield f"# {_cell(title)}"
    yield from (f"\n{_cell(line)}" for line in lead)
    for section in sections:
        yield f"\n## {_cell(section.title)}\n"
        if len(section.columns) == 1:
            yield from (f"- {_cell(row[0])}" for row in section.rows)
            continue
        yield f"| {' | '.join(section.columns)} |"
        yield f"|{' --- |' * len(section.columns)}"
        yield from (f"| {' | '.join(map(_cell, row))} |" for row in section.rows)


def as_html(title: str, lead: Sequence[str], sections: Sequence[Section]) -> str:
    """The document as one HTML page without scripts."""
    head = f"<!doctype html><meta charset=utf-8><title>{_html(title)}</title><style>{_STYLE}</style><h1>{_html(title)}</h1>"
    lines = "".join(f"<p>{_html(line)}</p>" for line in lead)
    return f"{head}{lines}{''.join(map(html_section, sections))}\n"


def html_section(section: Section) -> str:
    """A section as a part of an HTML page."""
    if len(section.columns) == 1:
        items = "".join(f"<li>{_html(row[0])}</li>" for row in section.rows)
        return f"<h2>{_html(section.title)}</h2><ul>{items}</ul>"
    names = "".join(f"<th>{_html(name)}</th>" for name in section.columns)
    rows = "".join(f"<tr>{''.join(f'<td>{_html(cell)}</td>' for cell in row)}</tr>" for row in section.rows)
    return f"<h2>{_html(section.title)}</h2><table><tr>{names}</tr>{rows}</table>"


def _line(text: str) -> str:
    """Text on one line, without control characters."""
    return printable(text)


def _kept(text: str) -> str:
    """Text on one line; leading spaces, which indent a tree, stay."""
    return " " * (len(text) - len(text.lstrip(" "))) + printable(text).strip()


def _cell(text: str) -> str:
    """Text escaped for Markdown."""
    return "".join(f"\\{character}" if character in "\\|`*_[]<>#" else character for character in _line(text))


def _html(text: str) -> str:
    """Text escaped for HTML, on one line."""
    return escape(_line(text))
