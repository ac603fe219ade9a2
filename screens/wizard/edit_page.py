"""Changing one decision from the review."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from screens.wizard.page import Page


class EditPage(Page):
    """A page opened from the review to change one decision; it returns to the review."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n", "next", "to the review"),
        Binding("ctrl+b", "next", "to the review", show=False),
    ]

    def action_accept(self) -> None:
        """Return to the review, unless the change makes another question on this page required."""
        open_keys = {problem.key for problem in self.wizard.draft_store.draft.problems(self.page_key)}
        rows = [row for row in self.rows if row.display]
        here = next((i for i, row in enumerate(rows) if row.has_focus_within), -1)
        raised = next((row for row in rows[here + 1 :] if row.question.key in open_keys), None)
        if raised is not None:
            self.wanted = raised.question.key
            self._focus_field(raised)
        else:
            self.action_next()

    def action_next(self) -> None:
        """Return to the review with the cursor on the decision."""
        self.wizard.show_page("review", self.wanted)
