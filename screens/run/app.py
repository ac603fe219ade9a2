"""The app that shows a run: resumes it, shows its pages and leaves it cleanly. The wizard adds the questions."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from installer.conventions.subscription_names import named, short_id
from installer.invocation import command
from screens.base.background import in_background, reason, run_on_owner
from screens.base.frame import PAGE_TITLES, Frame
from screens.base.glyphs import cells, glyph, truncate
from screens.base.hang_up import on_hang_up
from screens.base.terminal_app import TerminalApp

if TYPE_CHECKING:
    from installer.answers.draft import Draft
    from installer.engine.events import Listener
    from installer.engine.runner import Result
    from installer.runs.run import Run
    from installer.runs.session import Session
    from screens.run.shell import RunShell

INTERRUPTED = 130
MAX_NAME = 24
MIN_LABEL = 8
OTHER_CELLS = 26
"""Cells of the top line for the product and the gaps."""


class RunApp(TerminalApp):
    """Shows a run from its start to the last page.

    Args:
        session: the session that begins or resumes the run.
        listeners: called with every event of the run, beside the screen.
        resume: name of the run to resume first; "" if a subclass shows another first page.
        changes: answers of that run to change first, by key.
        clock: the current time in seconds since the epoch.

    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+p", "command_palette", "menu", priority=True),
        Binding("ctrl+q", "leave", "leave", priority=True),
        Binding("ctrl+c", "interrupt", "leave", show=False, priority=True),
    ]

    def __init__(
        self,
        session: "Session",
        listeners: "Sequence[Listener]" = (),
        resume: str = "",
        changes: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(session.state)
        self.session = session
        self.clock = clock
        self.rehearsal = session.options.rehearsal
        self.run_shown: Run | None = None
        self.starting = False
        self.exit_message = ""
        """Printed on the terminal after the screen has closed."""
        self.seen_pages: set[str] = set()
        self.problem_counts: Mapping[str, int] = {}
        self._listeners = listeners
        self._resume = resume
        self._changes = changes

    # -- the first page ------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Open the first page; from now on sign-in instructions appear on the screen."""
        if self.session.show_message is not None:
            self.session.show_message = lambda text: run_on_owner(self, lambda: self._show_sign_in(text))
        on_hang_up(self.leave_at_once)
        self.show_first_page()  # a separate method: Textual calls the handlers of all base classes

    def show_first_page(self) -> None:
        """Paint the frame, then resume the run."""
        self.push_screen(Frame())
        self.call_after_refresh(lambda: self.resume_run(self._resume, alone=True, changes=self._changes))

    def _show_sign_in(self, text: str) -> None:
        """Show the device code until the user closes the dialog."""
        from screens.base.dialogs import HelpDialog

        self.push_screen(HelpDialog("Sign in to Azure", text))

    # -- what the frame shows ------------------------------------------------------------------------------------

    @property
    def badge(self) -> str:
        """Badge of every page."""
        return "REHEARSAL" if self.rehearsal else ""

    @property
    def subtitle_text(self) -> str:
        """Run and subscription."""
        if self.run_shown is None:
            return "starting"
        answers = self.run_shown.facts.answers.subscription
        return self.with_subscription(f"run {truncate(self.run_shown.name, MAX_NAME)}", answers.subscription)

    def with_subscription(self, text: str, subscription: str) -> str:
        """A text, then name and shortened ID of a subscription; a long name is cut, so that the ID never is."""
        text, identifier = f"{text} {glyph('dot')} ", short_id(subscription)
        name = self.name_in_list("subscriptions", subscription)
        room = self.size.width - OTHER_CELLS - cells(f"{text}{named('_', identifier)}{self.badge}")
        return (
            f"{text}{named(truncate(name, max(room, MIN_LABEL)), identifier) if name else f'subscription {identifier}'}"
        )

    def name_in_list(self, source: str, value: str) -> str:  # noqa: ARG002  the wizard has lists
        """Display name of a value in a list from Azure, "" if unknown."""
        return ""

    @property
    def page_keys(self) -> tuple[str, ...]:
        """The pages of questions, in order."""
        return tuple(PAGE_TITLES)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:  # noqa: ARG002  Textual's
        """Commands that Ctrl+P offers on every page."""
        if self.draft_to_export() is not None:
            yield SystemCommand("Export answers", "Write them to a file in this directory", self.export)
        yield SystemCommand("Leave", "Leave the installer; answers and run are saved", self.action_leave)
        yield from self.theme_commands()
        yield self.announcement_command()

    # -- the run -------------------------------------------------------------------------------------------------

    def resume_run(self, name: str, *, alone: bool = False, changes: Mapping[str, str] | None = None) -> None:
        """Resume a run.

        Args:
            name: its name.
            alone: no page exists to return to if that fails.
            changes: answers to change first, by key.

        """
        session, before = self.session, self.run_shown

        def resume() -> "Run":
            if before is not None:
                before.close()  # it has ended; the next attempt needs its journal
            return session.resume(name, attended=True, changes=changes)

        self.start(resume, self.exit_with_error if alone else self.show_start_error)

    def start(self, begin: "Callable[[], Run]", refused: Callable[[Exception], None]) -> None:
        """Start or resume a run in the background and show it; once, however often the key is pressed."""
        if not self.starting:
            self.starting = True
            in_background(self, begin, self._show_run, refused)

    def show_start_error(self, error: Exception) -> None:
        """Show why a run could not be started."""
        self.starting = False
        self.flash(reason(error))

    def exit_with_error(self, error: Exception) -> None:
        """Close the screen and print the error."""
        self.exit_message = reason(error)
        self.exit(getattr(error, "exit_code", 1))

    def _show_run(self, run: "Run") -> None:
        from screens.run.live import LivePage

        self.starting = False
        self.run_shown = run
        self.rehearsal = self.session.options.rehearsal
        for listener in self._listeners:
            run.listen(listener)
        self.switch_screen(LivePage(run))

    def show_last_page(self) -> None:
        """Show the last page."""
        from screens.run.done import DonePage
        from screens.run.live import LivePage

        if self.run_shown is not None and isinstance(page := self.screen, LivePage):
            self.switch_screen(DonePage(self.run_shown, page.progress))

    def draft_to_export(self) -> "Draft | None":
        """The answers that `export` writes: those of the run."""
        return self.run_shown.facts.draft if self.run_shown else None

    def export(self) -> None:
        """Write an answers file to the working directory."""
        from screens.run.export import export

        draft = self.draft_to_export()
        if draft is not None:
            in_background(
                self,
                lambda: export(draft),
                lambda path: self.flash(f"Answers written to {path}"),
                lambda error: self.flash(reason(error)),
            )

    # -- leaving -------------------------------------------------------------------------------------------------

    def save_before_leaving(self) -> None:
        """Save the draft; there is none without the wizard."""

    async def action_quit(self) -> None:
        """Every key for leaving does the same."""
        self.action_leave()

    def action_interrupt(self) -> None:
        """Ctrl+C copies the selection; without one it leaves."""
        marked = self.screen.get_selected_text()
        if marked:
            self.copy_to_clipboard(marked)
        else:
            self.action_leave()

    def action_leave(self) -> None:
        """Leave; during an installation ask first and show how to resume."""
        from screens.run.leave import LeaveDialog

        run = self.run_shown
        if run is None:
            self.save_before_leaving()
            self.exit(0)
        elif run.result is not None:
            self._exit_after(run, run.result)
        elif not isinstance(self.screen, LeaveDialog):
            dialog = LeaveDialog(self.continued_by(run), self.screen_stack, rehearsal=self.rehearsal)
            self.push_screen(dialog, partial(self._on_leave_answer, run))

    def continued_by(self, run: "Run") -> str:
        """The command that continues a run, without the program's name."""
        return f"resume {run.name}"

    def _on_leave_answer(self, run: "Run", answer: str | None) -> None:
        if answer not in ("leave", "cancel"):
            return
        if run.result is not None:  # it ended while the dialog was open
            self._exit_after(run, run.result)
            return
        self._stop_and_exit(run, cancel=answer == "cancel")

    def _stop_and_exit(self, run: "Run", *, cancel: bool) -> None:
        run.stop.request(cancel_deployments=cancel)
        self.exit_message = f"Resume with: {command(self.continued_by(run))}"
        self.exit(INTERRUPTED)

    def leave_at_once(self) -> None:
        """Leave without a question: the terminal is gone. Closing steps of a run are still done."""
        run = self.run_shown
        if run is not None and run.result is None:
            self._stop_and_exit(run, cancel=False)
            return
        self.save_before_leaving()
        self.exit(INTERRUPTED)

    def _exit_after(self, run: "Run", result: "Result") -> None:
        """Leave a run that has ended."""
        from screens.run.done import DonePage

        if isinstance(self.screen, DonePage):
            self.exit_message = self.screen.lasting_text
        elif result.state != "succeeded":
            self.exit_message = f"run {run.name}: {result.state}. Resume with: {command(self.continued_by(run))}"
        self.exit(result.exit_code)


if TYPE_CHECKING:
    _shell: type[RunShell] = RunApp  # the pages' view of this class is checked here
