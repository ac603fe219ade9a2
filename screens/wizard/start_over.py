"""Starting over: empty answers, with those so far kept aside, and the way back to them."""

from typing import TYPE_CHECKING, cast

from textual.app import App

from screens.base.background import in_background, reason
from screens.base.dialogs import Dialog

if TYPE_CHECKING:
    from collections.abc import Callable

    from installer.answers.draft import Draft
    from screens.wizard.shell import WizardShell


def start_over(wizard: "WizardShell") -> None:
    """Ask, then begin with empty answers."""

    def asked(answer: str | None) -> None:
        if answer == "new":
            words = "Started over; Ctrl+P, Answers kept aside, brings the former ones back"
            _exchange(wizard, wizard.draft_store.aside_job(), words, "There are no answers yet")

    text = "The answers so far are kept aside on this machine; the menu and the start page bring them back."
    buttons = [("stay", "Keep these answers"), ("new", "Start over")]
    _app(wizard).push_screen(Dialog("Begin a new installation?", text, buttons), asked)


def take_back(wizard: "WizardShell") -> None:
    """Continue with the answers that were kept aside last, if there are any."""
    _exchange(wizard, wizard.draft_store.back_job(), "These answers were kept aside", "No answers are kept aside")


def _app(wizard: "WizardShell") -> App[int]:
    """The wizard as an app of Textual, which it is."""
    return cast("App[int]", wizard)


def _exchange(wizard: "WizardShell", job: "Callable[[], Draft]", words: str, nothing: str) -> None:
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

    in_background(_app(wizard), job, exchanged, lambda error: wizard.flash(reason(error)))
