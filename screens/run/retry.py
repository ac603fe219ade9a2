"""After a failure: retry of the step under the cursor, with a warning if nothing has changed, or another answer."""

from functools import partial
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from installer.conventions.counts import counted
from installer.engine.progress import Progress
from installer.engine.progress_rows import StepRow
from screens.base.background import in_background, reason
from screens.base.dialogs import Dialog
from screens.run.rows import Rows
from screens.run.shell import RunPage

if TYPE_CHECKING:
    from installer.engine.events import Listener
    from installer.engine.runner import Result
    from installer.errors import Verdict
    from installer.runs.facts import RunFacts
    from installer.runs.run import Run


CHANGE_KEY: Final = "e"


@runtime_checkable
class Answered(Protocol):
    """A run whose answers this process has."""

    @property
    def facts(self) -> "RunFacts":
        """Its answers and their sources."""


class ShownRun(Protocol):
    """A run as this page uses it: of this process, of another process, or recorded."""

    @property
    def name(self) -> str:
        """Name of the run."""

    @property
    def result(self) -> "Result | None":
        """Outcome of the run, None while it is running."""

    def listen(self, listener: "Listener", *, past: bool = False) -> None:
        """Call the listener with every event of this attempt; with `past`, with those of earlier attempts first."""

    def answer(self, text: str) -> None:
        """Answer the open question."""

    def may_retry(self, key: str) -> "Verdict":
        """Whether a retry of a failed step can succeed now; may be slow."""

    def retry(self, key: str) -> None:
        """Retry a failed step."""


class RetryPage(RunPage):
    """A page with the rows of a run and a key for retrying."""

    def __init__(self, run: ShownRun) -> None:
        super().__init__()
        self.run = run
        self.progress = Progress()
        self._offered: tuple[str, tuple[bool | None, bool | None]] | None = None
        self._retrying = False

    def tick(self) -> None:
        """Process new events."""

    @property
    def failed(self) -> StepRow | None:
        """The failed step to retry: the one under the cursor, or else the first."""
        line = self.query_one(Rows).selected
        if line is not None and line.step.state == "failed":
            return line.step
        return next((step for step in self.progress.steps.values() if step.state == "failed"), None)

    def update_retry_key(self) -> None:
        """Update the keys for the step under the cursor; the help line shows their effect."""
        failed, keys = self.failed, (self.check_action("retry", ()), self.check_action("change_answer", ()))
        offered = failed.key if failed else "", keys
        if offered == self._offered:
            return
        self._offered = offered
        self.refresh_bindings()
        if failed is None:
            self.set_help(f"Run {self.run.name}. You can leave; resume continues.")
            return
        recorded = failed.data.get("blocks")
        blocked = len(recorded if isinstance(recorded, list) else self.progress.blocked_by(failed.key))
        ready = failed.data.get("retry", "now") == "now"
        why = str(failed.data.get("retry_reason") or ("the cause may be temporary" if ready else ""))
        holds = f", which blocks {counted(blocked, 'step')}" if blocked else ""
        keys_text = f"r {'retries' if ready else 'checks and retries'} {failed.title}{holds}"
        change = f"; {CHANGE_KEY} changes an answer" if keys[1] and not ready else ""
        self.set_help(f"{keys_text}{': ' * bool(why)}{why}{change}")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  Textual's
        """Retry is available for every failure, and for a run that was stopped without one.

        An answer can be changed once the run has ended without success.
        """
        ended = self.run.result is not None and self.run.result.state != "succeeded"
        if action == "retry":
            return True if self.failed is not None or ended else None
        if action == "change_answer":
            return (True if ended else None) if self.run_with_answers is not None else False
        return True

    def action_retry(self) -> None:
        """Retry the failed step and the steps that need it, or resume a stopped run."""
        failed = self.failed
        if failed is None:
            self.shell.resume_run(self.run.name)
        elif failed.data.get("retry", "now") == "now":
            self._retry(failed.key)
        else:
            self.flash(f"Checking whether anything has changed since {failed.title} failed")
            key = failed.key
            in_background(
                self, lambda: self.run.may_retry(key), partial(self._on_verdict, key, failed.title), self.show_error
            )

    def _on_verdict(self, key: str, title: str, verdict: "Verdict") -> None:
        """Retry if something has changed; otherwise ask, because the user may know better."""
        if verdict.retry == "now":
            self._retry(key)
            return
        text = (
            f"Nothing seems to have changed: {verdict.reason or 'the cause is lasting'}.\n\n"
            "If you have removed the cause, a retry finds out; otherwise the step fails again in the same way."
        )
        buttons = [("retry", "Retry anyway"), ("close", "Close")]
        if self.check_action("change_answer", ()):
            buttons.insert(1, ("change", "Change an answer"))
        dialog = Dialog(f"Retry {title}?", text, buttons)
        self.app.push_screen(dialog, partial(self._on_choice, key))

    def _on_choice(self, key: str, choice: str | None) -> None:
        if choice == "retry":
            self._retry(key)
        elif choice == "change":
            self.action_change_answer()

    def show_error(self, error: Exception) -> None:
        """Show an error."""
        self._retrying = False
        self.flash(reason(error))

    def _retry(self, key: str) -> None:
        """Retry a step once, however often the key is pressed."""
        if not self._retrying:
            self._retrying = True
            in_background(self, lambda: self.run.retry(key), self._retried, self.show_error)

    def _retried(self, _nothing: None) -> None:
        self._retrying = False
        self.tick()

    # -- another answer ------------------------------------------------------------------------------------------

    @property
    def run_with_answers(self) -> "Run | None":
        """The run, if this process executes it, so that its answers can change."""
        return self.run if isinstance(self.run, Answered) else None  # type: ignore[return-value]  # only a Run has facts

    @property
    def facts(self) -> "RunFacts | None":
        """Answers and target of the run, None for a recording."""
        return self.run.facts if isinstance(self.run, Answered) else None

    def action_change_answer(self) -> None:
        """Change an answer, then resume: what it touches is planned, checked and deployed again."""
        from installer.runs.revision import revised
        from screens.run.change_answer import ChangeAnswerDialog

        run = self.run_with_answers
        if run is not None and self.check_action("change_answer", ()):
            facts = run.facts
            self.app.push_screen(ChangeAnswerDialog(facts.draft, partial(revised, facts)), self._on_change)

    def _on_change(self, change: "tuple[str, str] | None") -> None:
        if change is not None:
            self.flash(f"Resuming run {self.run.name} with the new answer")
            self.shell.resume_run(self.run.name, changes=dict([change]))
