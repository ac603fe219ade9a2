"""Trying again: the failed step under the cursor, if that can help by now; else the key is dim, and says why."""

from functools import partial
from typing import TYPE_CHECKING, Protocol

from textual.events import Key

from installer.engine.progress import Progress
from installer.engine.progress_rows import StepRow
from screens.base.background import aside, reason
from screens.run.rows import Rows
from screens.run.shell import RunPage

if TYPE_CHECKING:
    from installer.engine.events import Listener
    from installer.engine.runner import Result
    from installer.errors import Verdict


class ShownRun(Protocol):
    """What this page needs of a run: one of this process, one of another, or one that was recorded."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def result(self) -> "Result | None":
        """How it ended, None as long as it has not."""

    def listen(self, listener: "Listener", *, past: bool = False) -> None:
        """Hear every event of this sitting; with `past`, those of earlier ones before."""

    def answer(self, text: str) -> None:
        """Answer the question that is open."""

    def may_retry(self, key: str) -> "Verdict":
        """Whether trying a failed step again can help by now; may take its time."""

    def retry(self, key: str) -> None:
        """Try a failed step again."""


class RetryPage(RunPage):
    """What a page with the rows of a run does with the key for trying again."""

    def __init__(self, run: ShownRun) -> None:
        super().__init__()
        self.run = run
        self.progress = Progress()
        self._offered: tuple[str, bool | None] | None = None
        self._retrying = False

    def tick(self) -> None:
        """Look at what came in."""

    @property
    def failed(self) -> StepRow | None:
        """The failed step that would be tried again: the one under the cursor, or else the first."""
        line = self.query_one(Rows).selected
        if line is not None and line.step.state == "failed":
            return line.step
        return next((step for step in self.progress.steps.values() if step.state == "failed"), None)

    def offer(self) -> None:
        """The key for trying again follows the cursor; the help line says what it does, or why it is dim."""
        failed, again = self.failed, self.check_action("again", ())
        offered = failed.key if failed else "", again
        if offered == self._offered:
            return
        self._offered = offered
        self.refresh_bindings()
        if failed is None:
            self.say(f"Run {self.run.name}. Leaving loses nothing; resume goes on with it.")
            return
        told = failed.data.get("blocks")
        blocked = len(told if isinstance(told, list) else self.progress.blocked_by(failed.key))
        why = str(failed.data.get("retry_reason") or ("what was in the way may have passed" if again else ""))
        holds = f", which holds up {blocked} more" if blocked else ""
        self.say(f"{'r tries again' if again else 'r is off for'} {failed.title}{holds}{': ' * bool(why)}{why}")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  Textual's
        """What failed for a passing cause can be tried again, and a run that is over without a failure can go on.

        Else the key is dim; pressing it looks whether something has changed, and says why it is dim.
        """
        if action != "again":
            return True
        failed = self.failed
        if failed is not None:
            return True if failed.data.get("retry", "now") == "now" else None
        return True if self.run.result is not None and self.run.result.state != "succeeded" else None

    def on_key(self, event: Key) -> None:
        """The dim key for trying again."""
        failed = self.failed
        if event.key == "r" and failed is not None and self.check_action("again", ()) is None:
            event.stop()
            key = failed.key
            self.flash(f"Looking whether anything has changed since {failed.title} failed")
            aside(self, lambda: self.run.may_retry(key), partial(self._judged, key), self.cannot)

    def _judged(self, key: str, verdict: "Verdict") -> None:
        """Something has changed, or why the key stays dim."""
        if verdict.retry == "now":
            self._retry(key)
        else:
            self.flash(f"Not tried again: {verdict.reason}")

    def cannot(self, error: Exception) -> None:
        """Why something was not possible."""
        self._retrying = False
        self.flash(reason(error))

    def _retry(self, key: str) -> None:
        """Once, however often the key is pressed."""
        if not self._retrying:
            self._retrying = True
            aside(self, lambda: self.run.retry(key), self._retried, self.cannot)

    def _retried(self, _nothing: None) -> None:
        self._retrying = False
        self.tick()

    def action_again(self) -> None:
        """Try the failed step again, and what waits for it; or go on with a run that was stopped."""
        if self.failed is not None:
            self._retry(self.failed.key)
        else:
            self.shell.resume_run(self.run.name)
