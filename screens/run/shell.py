"""Interface of the app as seen by the pages of a run, so that they need not import it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Protocol, cast

from textual.binding import Binding, BindingType

from screens.base.frame import Frame
from screens.base.shell import Shell

if TYPE_CHECKING:
    from installer.runs.session import Session


class RunShell(Shell, Protocol):
    """The app as used by the pages of a run.

    Attributes:
        session: the session that the runs belong to.
        rehearsal: whether the run uses the embedded Azure.

    """

    session: "Session"
    rehearsal: bool

    def clock(self) -> float:
        """The current time in seconds since the epoch."""

    def resume_run(self, name: str, *, changes: Mapping[str, str] | None = None) -> None:
        """Resume a run, with changed answers if there are any, and show it."""

    def show_last_page(self) -> None:
        """Show the last page."""

    def set_terminal_title(self, text: str) -> None:
        """Show the state of the run in the title of the terminal."""

    def announce(self, text: str) -> None:
        """Notify the user by the bell and a notification of the terminal."""

    def export(self) -> None:
        """Write an answers file to the working directory."""


class RunPage(Frame):
    """A page about a run."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark", "show_keys", "keys", key_display="?")]

    @property
    def shell(self) -> RunShell:
        """The app that shows this page."""
        return cast("RunShell", self.app)
