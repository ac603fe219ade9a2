"""A part of a tree that people fold and unfold: of the plan, of the planned resources, of the decisions. Light: pages import it first."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from installer.jsontypes import Json

_MAX_VALUE: Final = 60
"""Characters of a value; the JSON form of the plan has all of it."""


@dataclass(frozen=True)
class Branch:
    """A part that can be folded.

    Attributes:
        key: Stable key, unique in the plan.
        sign: Sign of the change, "" for other lines.
        text: One line of printable text.
        counts: Number of changes below by sign, for places.
        children: The parts below.
        opens: Whether it is open at first: there is a change below, other than one that is only counted.
        counted: Whether the text form has only this line of it.

    """

    key: str
    sign: str
    text: str
    counts: str = ""
    children: tuple[Branch, ...] = ()
    opens: bool = False
    counted: bool = False


def shown(value: Json) -> str:
    """A value in short."""
    if value is None:
        return "none"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MAX_VALUE else f"{text[: _MAX_VALUE - 1]}…"
