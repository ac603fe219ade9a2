"""Retry of the failed step under the cursor, if a retry can help; otherwise the key is dim and shows the reason."""

from functools import partial
from typing import TYPE_CHECKING, Protocol

from textual.events import Key

from installer.engine.progress import Progress
from installer.engine.progress_rows import StepRow
from screens.base.background import in_background, reason
from screens.run.rows import Rows
from screens.run.shell import RunPage

if TYPE_CHECKING:
    from installer.engine.events import Listener
    from installer.engine.runner import Result
    from installer.errors import Verdict


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
        self._offered: tuple[str, bool | None] | None = None
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
        """Update the retry key for the step under the cursor; the help line shows its effect, or why it is dim."""
        failed, again = self.failed, self.check_action("retry", ())
        offered = failed.key if failed else "", again
        if offered == self._offered:
            return
        self._offered = offered
        self.refresh_bindings()
        if failed is None:
            self.set_help(f"Run {self.run.name}. You can leave; resume continues.")
            return
        recorded = failed.data.get("blocks")
        blocked = len(recorded if isinstance(recorded, list) else self.progress.blocked_by(failed.key))
        why = str(failed.data.get("retry_reason") or ("the cause may be temporary" if again else ""))
        holds = f", which blocks {blocked} more" if blocked else ""
        self.set_help(f"{'r retries' if again else 'retry is off for'} {failed.title}{holds}{': ' * bool(why)}{why}")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  Textual's
        """Retry is available for a temporary failure, and for a run that was stopped without a failure.

        Otherwise the key is dim; pressing it checks whether anything has changed, and shows the reason if not.
        """
        if action != "retry":
            return True
        failed = self.failed
        if failed is not None:
            return True if failed.data.get("retry", "now") == "now" else None
        return True if self.run.result is not None and self.run.result.state != "succeeded" else None

    def on_key(self, event: Key) -> None:
        """Handle the retry key while it is dim."""
        failed = self.failed
        if event.key == "r" and failed is not None and self.check_action("retry", ()) is None:
            event.stop()
            key = failed.key
            self.flash(f"Checking whether anything has changed since {failed.title} failed")
            in_background(self, lambda: self.run.may_retry(key), partial(self._on_verdict, key), self.show_error)

    def _on_verdict(self, key: str, verdict: "Verdict") -> None:
        """Retry if something has changed, otherwise show why not."""
        if verdict.retry == "now":
            self._retry(key)
        else:
            self.flash(f"No retry: {verdict.reason}")

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

    def action_retry(self) -> None:
        """Retry the failed step and the steps that need it, or resume a stopped run."""
        if self.failed is not None:
            self._retry(self.failed.key)
        else:
            self.shell.resume_run(self.run.name)
