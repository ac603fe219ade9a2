"""What pages of questions may ask of the app that shows them, so that they need not import it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, cast

from screens.base.frame import Frame
from screens.run.shell import RunShell

if TYPE_CHECKING:
    from screens.wizard.draft import DraftKeeper
    from screens.wizard.picker import Entry


class WizardShell(RunShell, Protocol):
    """The app as the pages of questions see it.

    Attributes:
        keeper: the answers so far, kept on disk.
        lists: source to the choices that Azure offers, as far as they have been fetched.

    """

    keeper: "DraftKeeper"
    lists: "dict[str, tuple[Entry, ...]]"

    def show_place(self, place: str, focus: str = "", *, amend: bool = False) -> None:
        """Show another page; `amend` changes one decision and returns to the review."""

    def start_run(self) -> None:
        """Begin the installation."""

    def label_of(self, key: str) -> str:
        """Display name of a chosen value together with the value; "" if it is not known."""

    def count_problems(self, problems: Mapping[str, str]) -> None:
        """Take over how many problems each page has: key of the question to what is wrong."""

    def flash(self, text: str) -> None:
        """Show for a moment what has happened, or why it has not."""


class WizardPage(Frame):
    """A page about the answers."""

    @property
    def wizard(self) -> WizardShell:
        """The app that shows this page."""
        return cast("WizardShell", self.app)
