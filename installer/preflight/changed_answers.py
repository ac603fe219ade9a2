"""Answers after a way out: what the wizard would have, so that a check proposes only what helps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.answers.draft import Draft
from installer.errors import InvalidAnswers

if TYPE_CHECKING:
    from installer.answers.model import Answers
    from installer.preflight.model import WayOut

_PRESET: Final = "preset"


def take(draft: Draft, way: WayOut) -> None:
    """Give the answers of a way out. A preset replaces the values that were given on its page."""
    for key, value in way.answers:
        page, _, name = key.partition(".")
        if name == _PRESET:
            for other in [one for one in draft.given() if one.startswith(f"{page}.")]:
                draft.forget(other)
        draft.give(key, value)


def answers_with(answers: Answers, way: WayOut) -> Answers | None:
    """The answers with a way out; None if others have to follow."""
    draft = Draft.of(answers)
    take(draft, way)
    try:
        return draft.answers()
    except InvalidAnswers:
        return None
