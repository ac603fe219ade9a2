"""The decisions of the review as a tree: pages with their questions, each with its value and source; problems first. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from installer.conventions.counts import counted
from installer.planning.branch import Branch
from screens.base.frame import PAGE_TITLES
from screens.base.glyphs import cells, fit, glyph, truncate

if TYPE_CHECKING:
    from installer.answers.draft import Draft
    from installer.answers.questions import Question

LABEL_CELLS: Final = 22
MAX_VALUE: Final = 200


def decisions(
    draft: "Draft",
    page_keys: Iterable[str],
    problems: Mapping[str, str],
    label_of: Callable[[str], str],
    listed: Callable[[str], bool],
) -> Iterator[Branch]:
    """Pages with their questions; those with a problem are open, those without a listed decision are left out.

    Args:
        draft: The answers.
        page_keys: Pages in order.
        problems: Message by key.
        label_of: Display name and value of an answer, "" if it has none.
        listed: Whether a decision is listed; one with a problem always is.

    """
    for page in page_keys:
        questions = draft.questions(page)
        found = tuple(
            _decision(draft, question, problems.get(question.key, ""), label_of(question.key))
            for question in questions
            if listed(question.key) or question.key in problems
        )
        if found:
            wrong = sum(question.key in problems for question in questions)
            changed = sum(draft.differs(question.key) for question in questions)
            parts = (
                f"{glyph('question')} {wrong} open" if wrong else "",
                f"{changed} changed" if changed else "",
                counted(len(found), "decision"),
            )
            counts = f" {glyph('dot')} ".join(filter(None, parts))
            yield Branch(page, "", PAGE_TITLES[page], counts, found, opens=bool(wrong))


def _decision(draft: "Draft", question: "Question", problem: str, label: str) -> Branch:
    value = label or question.shown(draft.value(question.key)) or "none"
    text = problem or f"{value}  ({draft.source(question.key)})"
    sign = glyph("question") if problem else ""
    room = LABEL_CELLS - (cells(sign) + 1 if sign else 0)  # the values stay one column
    return Branch(question.key, sign, truncate(f"{fit(question.ask.label, room)} {text}", MAX_VALUE))
