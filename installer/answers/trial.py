"""Answers as they would be with some of them changed: for ways out of findings, and for the cost of other options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.answers.draft import Draft
from installer.errors import InvalidAnswers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from installer.answers.model import Answers

Changed = tuple[str, object]
"""Key and value of an answer."""
_PRESET: Final = "preset"


def take(draft: Draft, changes: Iterable[Changed]) -> None:
    """Give these answers. A preset replaces the values that were given on its page, so that it has its effect."""
    for key, value in changes:
        page, _, name = key.partition(".")
        if name == _PRESET:
            for other in [one for one in draft.given() if one.startswith(f"{page}.")]:
                draft.forget(other)
        draft.give(key, value)


def tried(draft: Draft, changes: Iterable[Changed], *, explicit_wins: bool = False) -> Answers | None:
    """The answers of a draft with these changes, None if others have to follow; the draft stays as it is.

    Args:
        draft: The draft.
        changes: The changes.
        explicit_wins: Whether a preset leaves the values that were given on its page, as in the wizard, where another preset
            costs the user nothing that was typed.

    """
    trial = Draft(draft.given())
    if explicit_wins:
        for key, value in changes:
            trial.give(key, value)
    else:
        take(trial, changes)
    try:
        return trial.answers()
    except InvalidAnswers:
        return None
