"""The answers of the wizard: the draft shared by the pages is saved to disk, typed secrets stay in memory."""

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from textual.app import App

from screens.base.background import in_background, reason

if TYPE_CHECKING:
    from installer.answers.draft import Draft
    from installer.answers.questions import Question
    from installer.runs.run import Run
    from installer.runs.session import Session


class DraftStore:
    """Saves a draft in the background; every method is called on the app's thread.

    Args:
        app: the app on whose thread the results of background work arrive.
        session: stores the draft.
        draft: the current answers.
        flash: shows a text for a few seconds.
        names: display names of values of the draft, which are saved with it.

    """

    def __init__(
        self,
        app: App[int],
        session: "Session",
        draft: "Draft",
        flash: Callable[[str], None],
        names: Callable[[], Mapping[str, str]],
    ) -> None:
        self.draft = draft
        self._names = names
        self._app = app
        self._session = session
        self._flash = flash
        self._secrets: dict[str, str] = {}
        self._saved = True
        self._saving = False
        self._announce = False
        self._lock = threading.Lock()
        self._became_run = False
        """Whether a run has taken over the answers, so that the draft is no longer saved."""

    def set_secret(self, question: "Question", text: str) -> None:
        """Keep a typed secret in memory; the draft gets only a reference to it."""
        self._secrets.pop(question.key, None)
        if question.accepts(text):
            self.draft.type(question.key, text)
        elif text:
            self._secrets[question.key] = text
            self.draft.give(question.key, self._session.drafts.secret_reference(self.draft, question.key))
        else:
            self.draft.forget(question.key)

    def has_secret(self, key: str) -> bool:
        """Whether a secret was typed; it is never shown again."""
        return key in self._secrets

    def snapshot(self) -> "Draft":
        """A copy of the draft for another thread."""
        from installer.answers.draft import Draft

        return Draft(self.draft.given())

    def start_job(self) -> "Callable[[], Run]":
        """A job that starts the installation with the current answers."""
        draft, secrets, session = self.snapshot(), dict(self._secrets), self._session

        def begin() -> "Run":
            for key, text in secrets.items():
                session.drafts.keep_secret(draft, key, text)
            with self._lock:
                run = session.begin(draft.answers(), draft, attended=True)
                self._became_run = True
                return run

        return begin

    def aside_job(self) -> "Callable[[], Draft]":
        """A job that keeps the current answers aside, and returns an empty draft."""
        draft = self.snapshot()

        def keep() -> "Draft":
            with self._lock:
                if draft.begun:
                    self._session.drafts.keep_aside(draft)
            return type(draft)()

        return keep

    def back_job(self) -> "Callable[[], Draft]":
        """A job that exchanges the current answers for those that were kept aside last."""
        draft = self.snapshot()

        def exchange() -> "Draft":
            with self._lock:
                return self._session.drafts.take_back(draft)

        return exchange

    def replace(self, draft: "Draft") -> None:
        """Continue with another draft, which is saved; typed secrets were those of the former one."""
        self.draft, self._saved = draft, True
        self._secrets.clear()

    def changed(self) -> None:
        """Note that the answers have changed and are to be saved."""
        self._saved = False

    def write(self) -> None:
        """Save changed answers in the background, one write at a time."""
        if not (self._saved or self._saving):
            self._saved, self._saving = True, True
            draft, names = self.snapshot(), self._names()
            in_background(self._app, lambda: self._save(draft, names), self._written, self._not_written)

    def _save(self, draft: "Draft", names: Mapping[str, str]) -> None:
        with self._lock:
            if not self._became_run:
                self._session.drafts.save(draft, names)

    def _written(self, _nothing: None) -> None:
        self._saving = False
        if self._announce:
            self._announce = False
            self._flash("Answers saved for the next start.")

    def _not_written(self, error: Exception) -> None:
        self._saving, self._announce = False, False
        self._flash(f"The answers could not be saved: {reason(error)}")

    def save_before_leaving(self) -> None:
        """Save the draft immediately, so that the last key press is included."""
        if not self._saved:
            self._saved = True
            try:
                self._session.drafts.save(self.draft, self._names())
            except Exception as error:  # noqa: BLE001  a disk error must not prevent leaving
                reason(error)

    def save_and_announce(self) -> None:
        """Save the draft now and confirm it."""
        self._saved, self._announce = False, True
        self.write()


def problems_by_page(problems: Mapping[str, str]) -> dict[str, int]:
    """Number of problems of each page; `problems` maps question keys to messages."""
    counts: dict[str, int] = {}
    for key in problems:
        page = key.partition(".")[0]
        counts[page] = counts.get(page, 0) + 1
    return counts
