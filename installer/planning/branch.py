"""A part of a tree that people fold and unfold: of the plan, of the planned resources, of the decisions. Light: pages import it first."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def matching(branch: Branch, words: Sequence[str], above: set[str] | None = None) -> Branch | None:
    """A part with all words in lower case, as a whole; or else with those of its parts that have them; None without any.

    `above` receives the keys of parts that only lead to what is below them.
    """
    if all(word in f"{branch.text} {branch.counts}".lower() for word in words):
        return branch
    below = tuple(found for child in branch.children if (found := matching(child, words, above)) is not None)
    if below and above is not None:
        above.add(branch.key)
    return replace(branch, children=below) if below else None


def in_full(value: Json) -> str:
    """A value as text."""
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def shown(value: Json) -> str:
    """A value in short."""
    text = in_full(value)
    return text if len(text) <= _MAX_VALUE else f"{text[: _MAX_VALUE - 1]}…"
