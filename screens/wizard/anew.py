"""Beginning anew: empty answers, with those so far kept aside, and the way back to them."""

from typing import TYPE_CHECKING

from screens.base.background import in_background, reason
from screens.base.dialogs import Dialog

if TYPE_CHECKING:
    from collections.abc import Callable

    from installer.answers.draft import Draft
    from screens.wizard.app import WizardApp


def begin_anew(wizard: "WizardApp") -> None:
    """Ask, then begin with empty answers."""

    def asked(answer: str | None) -> None:
        if answer == "new":
            words = "Begun anew; Ctrl+P, Answers kept aside, brings the former ones back"
            _exchange(wizard, wizard.draft_store.aside_job(), words, "There are no answers yet")

    text = "The answers so far are kept aside on this machine; the menu and the start page bring them back."
    buttons = [("stay", "Keep these answers"), ("new", "Begin anew")]
    wizard.push_screen(Dialog("Begin a new installation?", text, buttons), asked)


def take_back(wizard: "WizardApp") -> None:
    """Continue with the answers that were kept aside last, if there are any."""
    _exchange(wizard, wizard.draft_store.back_job(), "These answers were kept aside", "No answers are kept aside")


def _exchange(wizard: "WizardApp", job: "Callable[[], Draft]", words: str, nothing: str) -> None:
    before = wizard.draft_store.draft.given()

    def exchanged(draft: "Draft") -> None:
        if draft.given() == before:
            wizard.flash(nothing)
            return
        wizard.draft_store.replace(draft)
        wizard.seen_pages.clear()
        wizard.problem_counts = {}
        wizard.show_page("subscription")
        wizard.flash(words)

    in_background(wizard, job, exchanged, lambda error: wizard.flash(reason(error)))
