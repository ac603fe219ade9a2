"""The live page of an operation on an installation: shown after its plan was confirmed on the terminal, until the run is over.

The command reports on the terminal afterwards, as it does without a screen. After a failure the page stays until the user leaves;
the same command continues the operation, so no step is retried here.
"""

from typing import TYPE_CHECKING

from installer.runs.connection import TargetOptions
from installer.runs.session import Session
from installer.runs.started_runs import continued_by
from screens.run.app import RunApp
from screens.run.launch import run_app
from screens.run.live import LivePage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from installer.engine.events import Listener
    from installer.engine.runner import Result
    from installer.runs.run import Run
    from installer.runs.state_directory import StateDirectory


class OperationPage(LivePage):
    """Shows the steps of an operation."""

    run: "Run"

    @property
    def exit_code(self) -> int:
        """Exit code of the run."""
        return self.run.result.exit_code if self.run.result is not None else 0

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The same command continues an operation: nothing is retried or changed here."""
        return False if action in ("retry", "change_answer") else super().check_action(action, parameters)

    def update_retry_key(self) -> None:
        """The help line: how an operation that failed continues."""
        failed = self.run.result is not None and self.progress.state != "succeeded"
        after = (
            "it has stopped; leave, and give the same command again to continue" if failed else "it can be interrupted"
        )
        self.set_help(f"{self.run.name}: {after}")


class OperationApp(RunApp):
    """Shows a run that has been started, and ends with it."""

    def __init__(self, session: Session, run: "Run", listeners: "Sequence[Listener]" = ()) -> None:
        super().__init__(session, listeners)
        self.run_shown = run
        self.rehearsal = run.facts.target.get("kind") == "rehearsal"

    def show_first_page(self) -> None:
        """Show the run at once."""
        if self.run_shown is not None:
            for listener in self._listeners:
                self.run_shown.listen(listener)
            self.push_screen(OperationPage(self.run_shown))

    def show_last_page(self) -> None:
        """Leave: the command reports the result on the terminal."""
        self.exit(0)

    def continued_by(self, run: "Run") -> str:
        """The same command continues an operation."""
        return continued_by(run.journal) or super().continued_by(run)

    def _on_leave_answer(self, run: "Run", answer: str | None) -> None:
        super()._on_leave_answer(run, answer)
        self.exit_message = ""  # the command has the last word

    def _exit_after(self, run: "Run", result: "Result") -> None:
        super()._exit_after(run, result)
        self.exit_message = ""


def run_operation(state: "StateDirectory", run: "Run", listeners: "Sequence[Listener]") -> "Result":
    """Show a run until it is over or the user leaves, which stops it. Returns its result."""
    app = OperationApp(Session(state, TargetOptions()), run, listeners)
    run_app(app)
    while (result := run.wait(0.2)) is None:  # a step that was under way ends first
        continue
    return result
