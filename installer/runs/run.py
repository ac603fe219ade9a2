"""A run: the execution of the steps for one set of answers, on its own thread, with its journal.

Renderers listen to it; users may answer its questions and stop it. The run does not depend on either.
"""

import logging
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from installer import __version__
from installer.answers.draft import Draft, answers_as_json
from installer.answers.files import dump, save
from installer.answers.model import Answers
from installer.engine.announcement import announcement, declared
from installer.engine.events import Event, Listener, utc_now
from installer.engine.journal import Journal
from installer.engine.retry import PATIENCE_SECONDS
from installer.engine.retry_verdict import verdict
from installer.engine.runner import Result, RetryRequests
from installer.engine.runner import run as run_steps
from installer.engine.schedule import Schedule
from installer.engine.step import Question, Step, Stop
from installer.engine.stream import Stream
from installer.errors import InstallerError, Interrupted, UsageError, Verdict
from installer.jsontypes import Json
from installer.runs.facts import EXPORTED, RunFacts, read_facts, unused_answers
from installer.runs.open_journal import keep_alive, open_journal
from installer.runs.prompts import Prompts
from installer.secret_store import Secrets
from installer.waiting import waiting_with

__all__ = ["BuildSteps", "Run", "RunFacts", "read_facts"]
log = logging.getLogger(__name__)
BuildSteps = Callable[["Run"], Sequence[Step]]
MIN_PATIENCE_SECONDS = 120.0


class Run:
    """A run in this process, created by `new` or `reopen` and started by `start`; it calls `before_end` after its steps."""

    def __init__(self, journal: Journal, facts: RunFacts, secrets: Secrets, *, attended: bool) -> None:
        self.journal = journal
        self.facts = facts
        self.secrets = secrets
        self.stop = Stop()
        self.stream = Stream(first=journal.last_event_number() + 1, redact=secrets.redact)
        self._past = tuple(journal.events())
        self.stream.listen(journal.note)
        self._prompts = Prompts(journal.directory, unused_answers(self._past), attended=attended)
        self.result: Result | None = None
        self._over = threading.Event()
        self._retry_requests = RetryRequests()
        self._steps: Sequence[Step] = ()
        self.before_end: Callable[[], None] = lambda: None

    @classmethod
    def new(
        cls,
        directory: Path,
        answers: Answers,
        draft: Draft,
        target: dict[str, Json],
        secrets: Secrets,
        *,
        attended: bool,
    ) -> "Run":
        """Create a run in an empty directory; the answers are on disk before it returns."""
        journal = open_journal(directory)
        try:
            given: dict[str, Json] = {key: answer.source for key, answer in draft.given().items()}
            journal.set_facts(
                installer=__version__,
                created=utc_now().isoformat(timespec="seconds"),
                answers=answers_as_json(answers),
                given=given,
                target=target,
                state="running",
            )
            run = cls(journal, read_facts(journal), secrets, attended=attended)
            save(run.exported, dump(draft, explicit=True))
        except BaseException:
            journal.close()
            raise
        return run

    @classmethod
    def reopen(cls, directory: Path, secrets: Secrets, *, attended: bool) -> "Run":
        """Reopen a run that was stopped."""
        journal = open_journal(directory)
        try:
            return cls(journal, read_facts(journal), secrets, attended=attended)
        except BaseException:
            journal.close()
            raise

    @property
    def name(self) -> str:
        """Name of the run, as used by `resume`."""
        return self.facts.name

    @property
    def directory(self) -> Path:
        """Directory with the files of the run."""
        return self.facts.directory

    @property
    def exported(self) -> Path:
        """Answers file that repeats the run."""
        return self.directory / EXPORTED

    # -- running -------------------------------------------------------------------------------------------------

    def start(self, build: BuildSteps, only: Collection[str] | None = None) -> None:
        """Build the steps and run them on the thread of the run; with `only`, just the steps with these keys."""

        def built() -> Sequence[Step]:
            self._steps = self._steps or build(self)
            return self._steps

        threading.Thread(target=self._run, args=(built, only), name=f"run {self.name}").start()

    def retry(self, key: str) -> None:
        """Retry a failed step and the steps that it blocks, in this attempt or, if that is over, in a new one.

        `wait` then waits for the new attempt, and listeners receive another run.started. Raises UsageError if the step
        has not failed.
        """
        failures = self.result.failures if self.result is not None else None
        if failures is not None and key not in failures:
            raise UsageError(f"{key} has not failed")
        if not self._retry_requests.retry(key) and self._over.wait() and not self.stop.requested:
            self._over.clear()
            self.result = None
            self.start(lambda _run: self._steps, (key, *Schedule(self._steps).after(key)))

    def may_retry(self, key: str) -> Verdict:
        """Whether a retry of a failed step can succeed by now. May query Azure; not for the UI thread."""
        return verdict(self.journal.events(), self._steps, key)

    def _run(self, built: Callable[[], Sequence[Step]], only: Collection[str] | None) -> None:
        result = Result(failures={"": InstallerError("the run ended without a result")})
        over = threading.Event()
        try:
            threading.Thread(
                target=keep_alive, args=(self.journal, self.name, over), name=f"heartbeat of {self.name}", daemon=True
            ).start()
            try:
                self.journal.set_facts(state="running")
                with waiting_with(lambda text: self.stream.emit("warning", text), self.stop.pause):
                    result = self._run_steps(built(), only)
                    if not self.stop.requested:
                        self.before_end()
                for key in self._prompts.unasked:
                    self.stream.emit("warning", f"--answer {key}: no step asked this question")
            except Exception as error:  # noqa: BLE001  reports a bug to the user
                known = error if isinstance(error, InstallerError) else self._explain(error)
                result = Result(failures={"": known})
                if not isinstance(known, Interrupted):
                    self.stream.emit("step.failed", str(known), exit_code=known.exit_code)
            self.journal.set_facts(state=self._state(result))
            self.stream.emit("run.finished", result.state, state=result.state, exit_code=result.exit_code)
            self.journal.flush()
        except InstallerError:  # the journal cannot be written; the result already shows it
            log.exception("the end of run %s is not in its journal", self.name)
        finally:
            over.set()
            self.result = result
            self._over.set()

    def _run_steps(self, steps: Sequence[Step], only: Collection[str] | None) -> Result:
        text, blocks = announcement(self.name, steps, only)
        self.stream.emit(
            "run.started",
            text,
            run=self.name,
            resumed=bool(self._past) or self.stream.has_begun,
            only=None if only is None else list(only),
            blocks=blocks,
            steps=[declared(step) for step in steps],
        )
        if lost := self.journal.unreadable_events:
            self.stream.emit("warning", f"{lost} damaged events of earlier attempts are left out; no step needs them")
        return run_steps(
            steps,
            stream=self.stream,
            memory=self.journal,
            stop=self.stop,
            answering=self._prompts.ask,
            explain_bug=self._explain,
            only=only,
            retry_requests=self._retry_requests,
            name=self.name,
            patience=_silence_limit(self.journal.fact("target")),
        )

    def _state(self, result: Result) -> str:
        """State of the run: it has only succeeded once all its steps are done, in any attempt."""
        if result.state != "succeeded":
            return result.state
        records = (self.journal.recall(step.key) for step in self._steps)
        return "succeeded" if all(r is not None and r.state == "done" for r in records) else "interrupted"

    def _explain(self, error: BaseException) -> InstallerError:
        log.error("unexpected error in run %s", self.name, exc_info=error)
        return InstallerError(
            f"internal error of the installer: {type(error).__name__}: {self.secrets.redact(str(error))[:300]}; "
            f"the traceback is in {self.directory / 'installer.log'}"
        )

    def wait(self, seconds: float | None = None) -> Result | None:
        """The result when the run is over, None on timeout."""
        return self.result if self._over.wait(seconds) else None

    def close(self) -> None:
        """Stop the run, wait for it, and close the journal."""
        self.stop.request()
        self._over.wait()
        self.journal.close()

    # -- listening and answering ---------------------------------------------------------------------------------

    def listen(self, listener: Listener, *, past: bool = False) -> None:
        """Subscribe to every event of this attempt, from its first; with `past`, also to those of earlier attempts."""
        self.stream.listen(listener, self._past if past else ())

    @property
    def past(self) -> tuple[Event, ...]:
        """Events of earlier attempts."""
        return self._past

    @property
    def question(self) -> Question | None:
        """The question that is open."""
        return self._prompts.question

    def answer(self, text: str) -> None:
        """Answer the question that is open."""
        self._prompts.answer(text)

    def reply(self, replies: Mapping[str, str]) -> None:
        """Answer questions, by their keys, before they are asked."""
        self._prompts.reply(replies)

    def assume(self, replies: Mapping[str, str]) -> None:
        """Answer questions that a rehearsal cannot leave to a user; other replies win."""
        self._prompts.assume(replies)


def _silence_limit(target: Json) -> float:
    """Seconds without events before a run counts as silent; scaled by the speed of a rehearsal."""
    speed = target.get("speed") if isinstance(target, dict) else None
    return max(PATIENCE_SECONDS / speed, MIN_PATIENCE_SECONDS) if isinstance(speed, (int, float)) else PATIENCE_SECONDS
