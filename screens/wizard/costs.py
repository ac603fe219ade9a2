"""Cost on the pages of questions: the estimate of the answers being edited, and the differences of other options.

Computed in the background, one request at a time; while one runs, only the newest answers wait. The public price list is read
only after the sizing page was opened; a rehearsal has its own list.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from installer.cost.pages import PRICED_PAGES
from screens.base.background import in_background, reason
from screens.base.glyphs import glyph
from screens.wizard.shell import WizardPage

if TYPE_CHECKING:
    from installer.answers.questions import Question
    from installer.cost.live import LiveCost

SIZES: Final = "sizing.preset"
BUDGET: Final = "monitoring.budget"
SIZING_PAGE: Final = "sizing"


class LiveCosts:
    """Estimates for one page of questions. Every method is called on the app's thread.

    Args:
        page: The page; results that arrive after it was closed are dropped.
        page_key: Its key.
        show: Called when there is something new to show.

    """

    def __init__(self, page: WizardPage, page_key: str, show: Callable[[], None]) -> None:
        self._page = page
        self._show = show
        self._page_key = page_key
        self._found: Mapping[str, LiveCost] = {}
        self._asked: tuple[object, str] | None = None
        self._sized: object = None
        """The size whose total is that of the estimate."""
        self._running = False
        self._failed = ""

    @property
    def wanted(self) -> bool:
        """Whether this page shows figures."""
        shell = self._page.wizard
        if self._page_key == SIZING_PAGE:
            shell.prices_opened = True
        return self._page_key in PRICED_PAGES and (shell.prices_opened or shell.rehearsal)

    def ask(self, question: "Question | None", *, again: bool = False) -> None:
        """Estimate the present answers, and the options of a question; `again`: also if nothing has changed."""
        if not self.wanted:
            return
        draft = self._page.wizard.draft_store.snapshot()
        wanted = ({key: one.value for key, one in draft.given().items()}, question.key if question else "")
        if self._running or (wanted == self._asked and not again):
            return  # the end of the running request compares once more
        self._asked, self._running, self._failed = wanted, True, ""
        keys = dict.fromkeys((wanted[1], *([SIZES] if self._page_key == SIZING_PAGE else [])))
        session = self._page.wizard.session
        if again:
            session.forget_prices()

        def price() -> "dict[str, LiveCost]":
            return {key: session.live_cost(draft, key) for key in keys}

        def arrived(found: "dict[str, LiveCost]") -> None:
            self._running, self._found, self._sized = False, found, draft.value(SIZES)
            self._show()

        def failed(error: Exception) -> None:
            self._running, self._found, self._failed = False, {}, reason(error)
            self._show()

        in_background(self._page, price, arrived, failed)

    # -- showing -------------------------------------------------------------------------------------------------

    def lines(self) -> str:
        """Total with its date, and the parts of the environments."""
        from installer.cost.lines import environments_line, total_line

        if self._failed:
            return f"no estimate: {self._failed}; Ctrl+R retries"
        found = next(iter(self._found.values()), None)
        if found is None:
            return f"estimating the cost {glyph('more')}"
        retry = "; Ctrl+R retries" if found.now is not None and found.now.unread else ""
        return f"{total_line(found)}{retry}\n{environments_line(found)}".rstrip()

    def fact(self, question: "Question") -> str:
        """Differences of the other answers to this question; for the budget, the proposal."""
        from installer.cost.lines import changes_line, proposal_line

        if question.key == BUDGET:
            found = next(iter(self._found.values()), None)
            taking = "; F4 takes it" if self.proposal is not None else ""
            return f"{proposal_line(found)}{taking}" if found else ""
        here = self._found.get(question.key)
        return changes_line(here, question) if here and not self._running else ""

    @property
    def proposal(self) -> int | None:
        """The proposed budget."""
        found = next(iter(self._found.values()), None)
        return found.now.proposed_budget if found is not None and found.now is not None else None

    def sizes(self, names: "tuple[str, ...]") -> list[str]:
        """Total of each size, for the table of sizes: a figure, or the word for none."""
        from installer.cost.lines import amount

        found = self._found.get(SIZES)
        if found is None or found.now is None or found.now.total is None:
            return [glyph("more") if found is None and not self._failed else "no figure" for _name in names]
        totals = {**found.totals, str(self._sized): found.now.total}
        return [amount(totals[name]) if name in totals else "no figure" for name in names]

    @property
    def currency(self) -> str:
        """Title of the line of figures in the table of sizes."""
        from installer.cost.lines import MADE_UP

        now = found.now if (found := self._found.get(SIZES)) is not None else None
        if now is None:
            return "Cost/month"
        return f"{MADE_UP} {now.currency}" if now.rehearsal else f"{now.currency}/month"
