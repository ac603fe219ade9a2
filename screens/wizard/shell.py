"""Interface of the app as seen by the pages of questions, so that they need not import it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, cast

from screens.base.frame import Frame
from screens.run.shell import RunShell

if TYPE_CHECKING:
    from installer.answers.draft import Draft
    from screens.wizard.draft import DraftStore
    from screens.wizard.picker import Entry


View = Literal["all", "defaults", "applied"]
"""Decisions of the review: every one, those other than the defaults, those other than in the last run."""


@dataclass
class ReviewState:
    """How the review was left: it is a new page each time, also after a decision was changed.

    Attributes:
        view: the decisions that are listed.
        opened: keys of open parts.
        words: of the search.

    """

    view: "View" = "all"
    opened: set[str] = field(default_factory=set)
    words: str = ""


class WizardShell(RunShell, Protocol):
    """The app as used by the pages of questions.

    Attributes:
        draft_store: the current answers, saved to disk.
        lists: the choices fetched from Azure so far, by source.
        review: how the review was left.
        prices_opened: whether the price list may be read: the sizing page has been opened.

    """

    draft_store: "DraftStore"
    lists: "dict[str, tuple[Entry, ...]]"
    review: ReviewState
    prices_opened: bool

    def show_page(self, page_key: str, focus: str = "", *, amend: bool = False) -> None:
        """Show another page.

        Args:
            page_key: The page.
            focus: Question to focus; for the plan, the page to return to.
            amend: Whether one decision is changed, and the page returns to the review.

        """

    def when_open(self, call: Callable[[], None]) -> None:
        """Call once the questions can be shown."""

    def open_draft(self, draft: "Draft") -> None:
        """Continue with the answers of a file, at the review."""

    def start_over(self) -> None:
        """Begin with empty answers, after a question; those so far are kept aside."""

    def take_back(self) -> None:
        """Continue with the answers that were kept aside last."""

    def leave_for(self, command: str) -> None:
        """Leave, and continue with another command of the installer."""

    def start_run(self) -> None:
        """Start the installation."""

    def label_of(self, key: str) -> str:
        """Display name and value of an answer; "" if the name is unknown."""

    def problems(self) -> dict[str, str]:
        """Message by key for each answer that is invalid, or that Azure does not offer."""

    def count_problems(self, problems: Mapping[str, str]) -> None:
        """Update the number of problems of each page; `problems` maps question keys to messages."""

    def flash(self, text: str) -> None:
        """Show a text for a few seconds: what happened, or why it failed."""


class WizardPage(Frame):
    """A page about the answers."""

    @property
    def wizard(self) -> WizardShell:
        """The app that shows this page."""
        return cast("WizardShell", self.app)
