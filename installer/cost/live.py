"""Cost of answers that are being edited, and what other answers to one question would change. Pure but for the price list."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from installer.answers.trial import tried
from installer.cost.model import VISIBLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from installer.answers.draft import Draft
    from installer.answers.model import Answers
    from installer.answers.questions import Question
    from installer.cost.model import Estimate

_MAX_OPTIONS: Final = 4
"""Options that are all compared; of more, only the neighbours of the present one."""
_YESNO: Final = (True, False)


@dataclass(frozen=True)
class LiveCost:
    """An estimate with its alternatives.

    Attributes:
        now: The estimate of the answers, None while they are incomplete.
        totals: Total by the text of another answer to the question; without those that cost the same or have no figure.
        why: Reason for no figure, "" if there is one.

    """

    now: Estimate | None
    totals: Mapping[str, float] = field(default_factory=dict)
    why: str = ""

    def differences(self) -> dict[str, float]:
        """Change of the total by the text of another answer, without those that change nothing."""
        total = self.now.total if self.now is not None else None
        if total is None:
            return {}
        changes = {text: other - total for text, other in self.totals.items()}
        return {text: change for text, change in changes.items() if abs(change) >= VISIBLE}


def live_cost(draft: Draft, question: Question | None, price: Callable[[Answers], Estimate]) -> LiveCost:
    """Price a draft, and every other answer to a question.

    Args:
        draft: The answers so far; they may be incomplete.
        question: The question whose options are compared, None for none.
        price: Prices answers.

    """
    problems = draft.problems()
    if problems:
        from installer.answers.questions import all_questions

        labels = dict.fromkeys(all_questions()[problem.key].ask.label for problem in problems)
        return LiveCost(None, why=f"needs {', '.join(labels)}")
    now = price(draft.answers())
    if now.total is None:
        return LiveCost(now, why=now.why or "no price of the list fits")
    return LiveCost(now, dict(_totals(draft, question, price)) if question is not None else {})


def _totals(draft: Draft, question: Question, price: Callable[[Answers], Estimate]) -> Iterator[tuple[str, float]]:
    """Total by the text of every other answer that is valid together with the rest."""
    for value in _others(question, draft.value(question.key)):
        answers = tried(draft, [(question.key, value)], explicit_wins=True)
        total = price(answers).total if answers is not None else None
        if total is not None:
            yield question.text(value), total


def _others(question: Question, present: object) -> Iterator[object]:
    """Other answers to a choice; for a number, the next one."""
    values = _YESNO if question.kind == "yesno" else question.values if question.kind == "choice" else ()
    if len(values) > _MAX_OPTIONS and present in values:
        at = values.index(present)
        values = values[max(at - 1, 0) : at + 2]
    yield from (value for value in values if value != present)
    if question.kind == "integer" and not values and isinstance(present, int):
        following = present + 1
        if question.accepts(following):
            yield following
