"""What the app does with a run: begins it, resumes it, shows it, and leaves it in order."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from textual.app import App

from installer.invocation import command
from screens.base.background import Handed, aside, reason
from screens.base.frame import Frame

if TYPE_CHECKING:
    from installer.answers.draft import Draft
    from installer.engine.events import Listener
    from installer.engine.runner import Result
    from installer.runs.run import Run
    from installer.runs.session import Session

INTERRUPTED = 130


class Conductor(App[int]):
    """The app without its questions. `clock` gives the seconds of the epoch."""

    def __init__(
        self, session: "Session", listeners: "Sequence[Listener]", clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__()
        self.animation_level = "none"  # a screen over a slow connection shows where it is, not how it gets there
        self.session = session
        self.clock = clock
        self.rehearsal = session.where.rehearsal
        self.run_shown: Run | None = None
        self._listeners = listeners
        self._beginning = False
        self._told = ""
        self.last_words = ""
        """What is said on the terminal when the screen has gone."""
        self.draft_lock = threading.Lock()

    def on_handed(self, event: Handed) -> None:
        """Go on with what was done aside."""
        event.call()

    def flash(self, text: str) -> None:
        """Say what has happened, or why it has not, on the page that is in sight."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, Frame):
                screen.flash(text)
                return

    @property
    def badge(self) -> str:
        """What has to be known on every page: that nothing here is real."""
        return "REHEARSAL" if self.rehearsal else ""

    # -- the run -------------------------------------------------------------------------------------------------

    def begin_run(self, draft: "Draft", secrets: Mapping[str, str]) -> None:
        """Begin the installation, once however often the key is pressed."""
        session = self.session

        def begin() -> "Run":
            for key, text in secrets.items():
                session.keep_secret(draft, key, text)
            with self.draft_lock:
                return session.begin(draft.answers(), draft, attended=True)

        self._set_going(begin, self._cannot_begin)

    def resume_run(self, name: str, *, alone: bool = False) -> None:
        """Go on with a run; `alone` when there is no page to come back to if that is not possible."""
        session, before = self.session, self.run_shown

        def resume() -> "Run":
            if before is not None:
                before.close()  # it is over; its journal is for the next sitting now
            return session.resume(name, attended=True)

        self._set_going(resume, self._leave_with if alone else self._cannot_begin)

    def _set_going(self, begin: "Callable[[], Run]", refused: Callable[[Exception], None]) -> None:
        if not self._beginning:
            self._beginning = True
            aside(self, begin, self._show_run, refused)

    def _cannot_begin(self, error: Exception) -> None:
        self._beginning = False
        self.flash(reason(error))

    def _leave_with(self, error: Exception) -> None:
        self.last_words = reason(error)
        self.exit(getattr(error, "exit_code", 1))

    def _show_run(self, run: "Run") -> None:
        from screens.run.live import Live

        self._beginning = False
        self.run_shown = run
        self.rehearsal = self.session.where.rehearsal
        for listener in self._listeners:
            run.listen(listener)
        self.switch_screen(Live(run))

    def run_is_over(self) -> None:
        """The last page."""
        from screens.run.done import Done

        if self.run_shown is not None and not isinstance(self.screen, Done):
            self.switch_screen(Done(self.run_shown))

    def tell_terminal(self, text: str) -> None:
        """State and per cent in the title of the terminal."""
        if self._driver is not None and not self.is_headless and text != self._told:
            self._told = text
            self._driver.write(f"\x1b]2;FlowForge {text}\x07")

    # -- leaving -------------------------------------------------------------------------------------------------

    def save_before_leaving(self) -> None:
        """What must not be lost is written here."""

    async def action_quit(self) -> None:
        """Whatever key it is: leaving is the same everywhere."""
        self.action_leave()

    def action_interrupt(self) -> None:
        """Ctrl+C copies what is marked, as everywhere; else it leaves."""
        marked = self.screen.get_selected_text()
        if marked:
            self.copy_to_clipboard(marked)
        else:
            self.action_leave()

    def action_leave(self) -> None:
        """Leave; while Azure works, say what goes on and how to come back."""
        from screens.run.leave import LeaveWindow

        run = self.run_shown
        if run is None:
            self.save_before_leaving()
            self.exit(0)
        elif run.result is not None:
            self._exit_after(run, run.result)
        elif not isinstance(self.screen, LeaveWindow):
            window = LeaveWindow(run.name, self.screen_stack, rehearsal=self.rehearsal)
            self.push_screen(window, partial(self._left, run))

    def _left(self, run: "Run", answer: str | None) -> None:
        if answer not in ("leave", "cancel"):
            return
        if run.result is not None:  # it has come to its end while the window was open
            self._exit_after(run, run.result)
            return
        run.stop.request(cancel_deployments=answer == "cancel")
        self.last_words = f"Go on with: {command(f'resume {run.name}')}"
        self.exit(INTERRUPTED)

    def _exit_after(self, run: "Run", result: "Result") -> None:
        """Leave a run that is over."""
        if result.state != "succeeded":
            self.last_words = f"run {run.name}: {result.state}. Go on with: {command(f'resume {run.name}')}"
        self.exit(result.exit_code)
