"""What the app does with the answers: the draft that the pages share is kept on disk, typed secrets in memory only."""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from screens.base.background import aside, reason
from screens.run.app import Conductor

if TYPE_CHECKING:
    from installer.answers.draft import Draft
    from installer.answers.questions import Question
    from installer.engine.events import Listener
    from installer.runs.session import Session


class Keeping(Conductor):
    """The app with its draft, without its pages."""

    draft: "Draft"

    def __init__(
        self, session: "Session", listeners: "Sequence[Listener]", clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(session, listeners, clock)
        self._secrets: dict[str, str] = {}
        self._kept = True
        self._saving = False
        self._telling = False

    def take_secret(self, question: "Question", text: str) -> None:
        """A secret that was typed stays in memory; the draft gets the reference by which it is found."""
        self._secrets.pop(question.key, None)
        if question.accepts(text):
            self.draft.type(question.key, text)
        elif text:
            self._secrets[question.key] = text
            self.draft.give(question.key, self.session.secret_reference(self.draft, question.key))
        else:
            self.draft.forget(question.key)

    def has_secret(self, key: str) -> bool:
        """Whether a secret was typed, of which nothing is shown any more."""
        return key in self._secrets

    def start_run(self) -> None:
        """Begin the installation."""
        self.begin_run(self.snapshot(), dict(self._secrets))

    def snapshot(self) -> "Draft":
        """The draft as it is now, for another thread."""
        from installer.answers.draft import Draft

        return Draft(self.draft.given())

    def keep_draft(self) -> None:
        """The answers have changed; they are written in a moment."""
        self._kept = False

    def write_draft(self) -> None:
        """Write what has changed, one write at a time."""
        if not (self._kept or self._saving):
            self._kept, self._saving = True, True
            draft = self.snapshot()
            aside(self, lambda: self._save(draft), self._written, self._not_written)

    def _save(self, draft: "Draft") -> None:
        """Write the draft, unless a run has taken the answers over."""
        with self.draft_lock:
            if not self._beginning and self.run_shown is None:
                self.session.save_draft(draft)

    def _written(self, _nothing: None) -> None:
        self._saving = False
        if self._telling:
            self._telling = False
            self.flash("Answers are kept for the next start.")

    def _not_written(self, error: Exception) -> None:
        self._saving, self._telling = False, False
        self.flash(f"The answers could not be kept: {reason(error)}")

    def save_before_leaving(self) -> None:
        """The last key press counts."""
        if not self._kept:
            self._kept = True
            try:
                self.session.save_draft(self.draft)
            except Exception as error:  # noqa: BLE001  leaving must be possible whatever the disk says
                reason(error)

    def action_save(self) -> None:
        """Write the answers now, and say so."""
        self._kept, self._telling = False, True
        self.write_draft()

    def export(self) -> None:
        """Write an answers file to the working directory."""
        from screens.wizard.export import export

        draft = self.run_shown.facts.draft if self.run_shown else self.snapshot()
        aside(
            self,
            lambda: export(draft),
            lambda path: self.flash(f"Answers written to {path}"),
            lambda error: self.flash(reason(error)),
        )
