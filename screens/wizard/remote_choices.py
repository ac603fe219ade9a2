"""Lists that only Azure knows: fetched aside for the questions of a page, and offered when they arrive."""

from screens.base.background import aside, reason
from screens.base.glyphs import sign
from screens.wizard.picker import Entry
from screens.wizard.question_row import QuestionRow
from screens.wizard.shell import WizardPage


class RemoteChoicesPage(WizardPage):
    """A page with its rows, as far as lists are concerned."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[QuestionRow] = []
        self._asked: dict[str, int] = {}

    def show_answers(self) -> None:
        """Bring everything on the page in line with the draft."""

    def action_reload(self) -> None:
        """Fetch the lists of the page anew."""
        self.fetch_all(again=True)

    def fetch_all(self, *, again: bool) -> None:
        """Fetch what the questions in sight need, unless it is known or on its way; `again` whatever is known."""
        for source in dict.fromkeys(row.question.ask.source for row in self.rows if row.display):
            known = self.wizard.lists.get(source or "")
            if source and known and not again:
                self._asked.setdefault(source, 0)
                self._offer(source, known)
            elif source and (again or source not in self._asked):
                self.fetch(source)

    def fetch(self, source: str) -> None:
        """Ask Azure aside; of several answers to one list only the one that was asked for last counts."""
        self._tell(source, f"asking Azure {sign('more')}")
        number = self._asked[source] = self._asked.get(source, 0) + 1
        session, draft = self.wizard.session, self.wizard.keeper.snapshot()

        def ask() -> tuple[Entry, ...]:
            return tuple(Entry(c.value, c.label, c.fact, c.usable) for c in session.choices(source, draft))

        def arrived(entries: tuple[Entry, ...]) -> None:
            if number == self._asked[source]:
                self.wizard.lists[source] = entries
                self._offer(source, entries)

        def failed(error: Exception) -> None:
            if number == self._asked[source]:
                self._tell(source, f"{sign('question')} {reason(error)}; Ctrl+R asks again, or type it")

        aside(self, ask, arrived, failed)

    def _tell(self, source: str, text: str) -> None:
        for row in self.rows:
            if row.question.ask.source == source:
                row.fact = text
        self.show_answers()

    def _offer(self, source: str, entries: tuple[Entry, ...]) -> None:
        """Offer what has arrived; the only possible answer is given at once."""
        for row in self.rows:
            if row.question.ask.source == source:
                row.offer(entries)
                usable = [entry for entry in entries if entry.usable]
                needed = not row.question.ask.optional
                if needed and len(usable) == 1 and self.wizard.keeper.draft.value(row.question.key) in (None, ""):
                    self._discover(row, usable[0].value)
        account = self.wizard.session.account if source == "tenants" else ""
        self._tell(source, f"signed in as {account}" if account else "")

    def _discover(self, row: QuestionRow, value: str) -> None:
        self.wizard.keeper.draft.give(row.question.key, value, "discovered")
        row.put(value)
        self.wizard.keeper.changed()
        if row.question.key == "subscription.subscription":
            self.fetch("regions")
