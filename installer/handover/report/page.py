"""The report as one HTML page: sections, pictures within it, no script and no link that a browser would load."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from installer.planning.document import Section, html_section
from installer.sanitize import printable

STYLE: Final = """
:root { color-scheme: light dark; }
body { font-family: system-ui, 'Segoe UI', Helvetica, Arial, sans-serif; max-width: 1200px; margin: 2em auto; padding: 0 1em; }
td, th { padding: 2px 12px 2px 0; text-align: left; vertical-align: top; border-bottom: 1px solid #8884; }
table { border-collapse: collapse; } td { overflow-wrap: anywhere; } svg { max-width: 100%; height: auto; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
nav a { margin-right: 1em; } .lead { color: GrayText; }
@media print { nav { display: none; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
"""


@dataclass(frozen=True)
class Chapter:
    """A part of the report.

    Attributes:
        title: Heading, also in the list at the top.
        sections: Tables and lists.
        picture: An SVG element, "" for none. It is trusted: its texts are escaped where it was drawn.
        elements: Elements of HTML behind the sections, trusted as well.

    """

    title: str
    sections: tuple[Section, ...] = ()
    picture: str = ""
    elements: str = ""


def as_page(title: str, lead: Sequence[str], chapters: Sequence[Chapter]) -> str:
    """The page."""
    links = "".join(f'<a href="#part-{at}">{_text(one.title)}</a>' for at, one in enumerate(chapters))
    parts = "".join(_chapter(at, one) for at, one in enumerate(chapters))
    lines = "".join(f'<p class="lead">{_text(line)}</p>' for line in lead)
    return page_of(title, f"{lines}<nav>{links}</nav>{parts}")


def page_of(title: str, elements: str) -> str:
    """A page with these elements of HTML, which are trusted, under its title; a browser loads nothing for it."""
    opening = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{_text(title)}</title><style>{STYLE}</style></head><body><h1>{_text(title)}</h1>"
    )
    return f"{opening}{elements}</body></html>\n"


def _chapter(at: int, one: Chapter) -> str:
    return f'<h1 id="part-{at}">{_text(one.title)}</h1>{one.picture}{"".join(map(html_section, one.sections))}{one.elements}'


def _text(text: str) -> str:
    return escape(printable(text))
