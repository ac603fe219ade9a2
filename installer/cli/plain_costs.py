"""Cost in the plain wizard: the difference of other options at the questions of the size, the estimate in the review."""

from typing import TYPE_CHECKING, Final

from installer.cost.lines import changes_line, environments_line, proposal_line, total_line
from installer.errors import InstallerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.answers.draft import Draft
    from installer.answers.questions import Question
    from installer.cost.live import LiveCost
    from installer.runs.session import Session

_PAGE: Final = "sizing"
_BUDGET: Final = "monitoring.budget"


def costs_of_options(session: "Session", draft: "Draft", question: "Question") -> "Iterator[str]":
    """Differences of the other answers to a question of the page Sizing; for the budget, the proposal. Queries the price list."""
    if question.key == _BUDGET:
        found = _cost(session, draft, "")
        line = proposal_line(found) if found else ""
    elif question.page == _PAGE:
        found = _cost(session, draft, question.key)
        line = changes_line(found, question) if found else ""
    else:
        return
    if line:
        yield f"  {line}"


def estimate_lines(session: "Session", draft: "Draft") -> "Iterator[str]":
    """The estimate, or the reason for none. Queries the price list."""
    found = _cost(session, draft, "")
    if found is not None:
        yield total_line(found)
        yield from (line for line in [environments_line(found)] if line)


def _cost(session: "Session", draft: "Draft", key: str) -> "LiveCost | None":
    """The cost of the draft, None if Azure cannot be reached at all: then the checks say so."""
    try:
        return session.live_cost(draft, key)
    except InstallerError:
        return None
