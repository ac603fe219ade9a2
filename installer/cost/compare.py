"""Compares the cost of two sets of answers, per environment and per answer. Pure but for the price list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.answers.draft import Draft
from installer.answers.questions import all_questions
from installer.answers.trial import tried
from installer.cost.model import in_order
from installer.cost.pages import DECIDING_PAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from installer.answers.model import Answers
    from installer.answers.trial import Changed
    from installer.cost.model import Estimate

_LEAST: Final = 0.005
"""Differences below this are none."""


@dataclass(frozen=True)
class Part:
    """Part of the difference that answers make.

    Attributes:
        keys: Keys of the answers; several if they are only valid together.
        text: The answers with their labels: "Size: Team to Production".
        change: Difference in a month.

    """

    keys: tuple[str, ...]
    text: str
    change: float


@dataclass(frozen=True)
class Comparison:
    """The cost of answers beside that of others.

    Attributes:
        name: Name of the answers, such as that of their file.
        other_name: Name of the others.
        now: Estimate of the answers.
        other: Estimate of the others.
        parts: What each answer adds on the way from the others to the answers, in the order of the questions; their sum is the
            difference. Empty without figures.

    """

    name: str
    other_name: str
    now: Estimate
    other: Estimate
    parts: tuple[Part, ...] = ()

    @property
    def difference(self) -> float | None:
        """Cost of the answers less that of the others, None if one of them has no figure."""
        return None if self.now.total is None or self.other.total is None else self.now.total - self.other.total

    def by_environment(self) -> Iterator[tuple[str, float, float]]:
        """Environment ("" for what all share), its cost with the answers and with the others."""
        for name in in_order({*self.now.by_environment, *self.other.by_environment}):
            yield name, self.now.by_environment.get(name, 0.0), self.other.by_environment.get(name, 0.0)


def compare(
    named: tuple[str, Draft], other: tuple[str, Draft], price: Callable[[Answers], Estimate], *, parts: bool = True
) -> Comparison:
    """Compare two sets of valid answers. Queries the price list, with `parts` once more for each answer that differs."""
    (name, draft), (other_name, other_draft) = named, other
    now, then = price(draft.answers()), price(other_draft.answers())
    found = Comparison(name, other_name, now, then)
    if not parts or found.difference is None:
        return found
    return Comparison(name, other_name, now, then, tuple(_parts(draft, other_draft, then.total or 0.0, price)))


def _parts(draft: Draft, other: Draft, total: float, price: Callable[[Answers], Estimate]) -> Iterator[Part]:
    """The answers that differ, given to the others one after the other; those without effect on the cost are left out."""
    trial, waiting = Draft(other.given()), dict[str, str]()
    deciding: list[Changed] = []
    for key, value in _differing(draft, other):
        if key.partition(".")[0] in DECIDING_PAGES:
            deciding.append((key, value))
        else:
            trial.give(key, value)
    for key, value in deciding:
        waiting[key] = _text(key, trial.value(key), value)
        trial.give(key, value)
        answers = tried(trial, ())
        found = price(answers).total if answers is not None else None
        if found is None:
            continue  # only valid together with answers that follow
        if abs(found - total) >= _LEAST:
            yield Part(tuple(waiting), ", ".join(waiting.values()), found - total)
        total, waiting = found, {}


def _differing(draft: Draft, other: Draft) -> Iterator[Changed]:
    """Answers that were given, with their value here; presets and defaults follow from them."""
    given = {*draft.given(), *other.given()}
    for key in all_questions():
        if key in given and draft.value(key) != other.value(key):
            yield key, draft.value(key)


def _text(key: str, before: object, after: object) -> str:
    question = all_questions()[key]
    return f"{question.ask.label}: {question.shown(before) or 'none'} to {question.shown(after) or 'none'}"
