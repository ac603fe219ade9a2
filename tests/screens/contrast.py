"""Contrast of text as WCAG 2.2 defines it: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio ."""

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from rich.color import Color as RichColor
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.strip import Strip

MIN_RATIO: Final = 4.5
DRAWING: Final = range(0x2500, 0x25A0)
"""Box drawing and block elements: rules, bars and frames are no text."""

Rgb = tuple[int, int, int]


def ratio(one: Rgb, other: Rgb) -> float:
    """Contrast ratio of two colours, from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Rgb) -> float:
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def poor_texts(pilot: Pilot[int]) -> list[str]:
    """Texts of the screen, or of the open dialog, whose contrast is too low, with their ratio.

    The page behind a dialog is dimmed on purpose: it is inactive, to which the criterion does not apply.
    """
    screen = pilot.app.screen
    strips = screen._compositor.render_strips()
    if isinstance(screen, ModalScreen):
        dialog = screen.children[0].region
        strips = [strip.crop(dialog.x, dialog.right) for strip in strips[dialog.y : dialog.bottom]]
    return sorted(set(_poor(strips)))


def _poor(strips: Iterable[Strip]) -> Iterator[str]:
    for strip in strips:
        for segment in strip:
            style = segment.style
            if style is None or not any(_is_text(char) for char in segment.text):
                continue
            front, back = _rgb(style.color), _rgb(style.bgcolor)
            if front is None or back is None:
                yield f"{segment.text.strip()!r} has no colour"
            elif ratio(front, back) < MIN_RATIO or style.dim:
                yield f"{segment.text.strip()!r} {front} on {back}: {ratio(front, back):.1f}{' dim' if style.dim else ''}"


def _is_text(char: str) -> bool:
    return not char.isspace() and ord(char) not in DRAWING and unicodedata.category(char) != "Cc"


def _rgb(colour: RichColor | None) -> Rgb | None:
    if colour is None or colour.triplet is None:
        return None
    return (colour.triplet.red, colour.triplet.green, colour.triplet.blue)
