"""Lists of answers from Azure: fetched in the background for the questions of a page."""

from dataclasses import replace

from installer.answers.offered import VM_SIZES
from screens.base.background import in_background, reason
from screens.base.glyphs import glyph
from screens.wizard.picker import Entry
from screens.wizard.question_row import QuestionRow
from screens.wizard.shell import WizardPage


class RemoteChoicesPage(WizardPage):
    """A page whose questions may have lists from Azure."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[QuestionRow] = []
        self._requests: dict[str, int] = {}

    def show_answers(self) -> None:
        """Update the page from the draft."""

    def discovered(self, row: QuestionRow) -> None:
        """An answer was read from Azure; subclasses move the focus."""

    def action_reload(self) -> None:
        """Fetch the lists of the page again."""
        self.fetch_all(again=True)

    def fetch_all(self, *, again: bool) -> None:
        """Fetch the lists of the visible questions; `again`: including those already fetched or requested."""
        for source in dict.fromkeys(row.question.ask.source for row in self.rows if row.display):
            known = self.wizard.lists.get(source or "")
            if source and known and not again:
                self._requests.setdefault(source, 0)
                self._offer(source, known)
            elif source and (again or source not in self._requests):
                self.fetch(source)

    def forget_lists(self, key: str) -> None:
        """An answer has changed: lists that depend on it are read again when they are shown."""
        from installer.preflight.choices import DEPEND_ON

        for source in DEPEND_ON.get(key, ()):
            self.wizard.lists.pop(source, None)
            if source in self._requests:
                self.fetch(source)

    def fetch(self, source: str) -> None:
        """Fetch a list in the background; if it was requested several times, only the last answer is used."""
        self._set_fact(source, f"loading from Azure {glyph('more')}")
        number = self._requests[source] = self._requests.get(source, 0) + 1
        session, draft = self.wizard.session, self.wizard.draft_store.snapshot()

        def ask() -> tuple[Entry, ...]:
            return tuple(Entry(c.value, c.label, c.fact, c.usable) for c in session.choices(source, draft))

        def arrived(entries: tuple[Entry, ...]) -> None:
            if number == self._requests[source]:
                self.wizard.lists[source] = entries
                self._offer(source, entries)
                self._add_prices(source, number)

        def failed(error: Exception) -> None:
            if number == self._requests[source]:
                self._set_fact(source, f"{glyph('question')} {reason(error)}; Ctrl+R retries, or type it")

        in_background(self, ask, arrived, failed)

    def _add_prices(self, source: str, number: int) -> None:
        """Add prices to a list of VM sizes once they are read; what cannot be chosen has its reason instead."""
        if source not in VM_SIZES or not (self.wizard.prices_opened or self.wizard.rehearsal):
            return
        session, draft = self.wizard.session, self.wizard.draft_store.snapshot()

        def arrived(prices: dict[str, str]) -> None:
            if number == self._requests[source] and prices:
                known = self.wizard.lists.get(source, ())
                entries = tuple(
                    replace(one, fact=f"{one.fact} {glyph('dot')} {prices[one.value]}")
                    if one.usable and one.value in prices
                    else one
                    for one in known
                )
                self.wizard.lists[source] = entries
                for row in self.rows:
                    if row.question.ask.source == source:
                        row.offer(entries)

        in_background(self, lambda: session.size_prices(draft), arrived, lambda _error: None)

    def _set_fact(self, source: str, text: str) -> None:
        for row in self.rows:
            if row.question.ask.source == source:
                row.fact = text
        self.show_answers()

    def _offer(self, source: str, entries: tuple[Entry, ...]) -> None:
        """Fill the pickers with a list; a required question with a single usable answer gets it at once."""
        for row in self.rows:
            if row.question.ask.source == source:
                row.offer(entries)
                usable = [entry for entry in entries if entry.usable]
                needed = not row.question.ask.optional and row.question.default is None
                if needed and len(usable) == 1 and self.wizard.draft_store.draft.value(row.question.key) in (None, ""):
                    self._discover(row, usable[0].value)
        account = self.wizard.session.account if source == "tenants" else ""
        self._set_fact(source, f"signed in as {account}" if account else "")

    def _discover(self, row: QuestionRow, value: str) -> None:
        self.wizard.draft_store.draft.give(row.question.key, value, "discovered")
        row.put(value)
        self.wizard.draft_store.changed()
        self.discovered(row)
        if row.question.key == "subscription.subscription":
            self.fetch("regions")
