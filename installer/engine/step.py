"""Steps, and the context that they work with."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol, runtime_checkable

from installer.engine.answer_forms import Form, normalized, refusal
from installer.engine.events import Event, Kind
from installer.engine.stream import Emitter, Stream
from installer.errors import InstallerError, Interrupted, WaitingForInput
from installer.jsontypes import Json

Outputs = Mapping[str, Json]


MAX_REFUSALS: Final = 20
"""Answers of a wrong form to one question, which clients check themselves before."""


@dataclass(frozen=True)
class Record:
    """Record of a step that the journal keeps before it acts: enough to find in the target what was begun.

    name: the deterministic name of what was asked for (a deployment's name).
    digest: hash over template and parameters.
    """

    step: str
    attempt: int
    state: Literal["begun", "done", "failed"]
    name: str = ""
    digest: str = ""
    outputs: Outputs = field(default_factory=dict)


class StepMemory(Protocol):
    """The part of the journal that steps see."""

    def remember(self, record: Record) -> None:
        """Keep the record safely on disk before returning."""

    def recall(self, step: str) -> Record | None:
        """The newest record of a step."""


@dataclass(frozen=True)
class Question:
    """Something that a running step has to know from a person.

    Attributes:
        key: identifies it for answers in advance.
        text: for people; may have several lines.
        choices: the accepted answers, if there are only these.
        default: the answer that is proposed.
        form: how an answer is checked; has to be declared unless there are choices.

    """

    key: str
    text: str
    choices: tuple[str, ...] = ()
    default: str = ""
    form: Form = "choice"

    def __post_init__(self) -> None:
        if self.form == "choice" and not self.choices:
            raise ValueError(f"question {self.key} does not declare how its answer is checked")

    def refusal(self, answer: str) -> str:
        """Why an answer is not accepted and what would be, "" if it is."""
        return refusal(answer, self.form, self.choices)


class Stop:
    """A request to stop, set by the session and checked between polls."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.cancel_deployments = False

    def request(self, *, cancel_deployments: bool = False) -> None:
        """Ask the run to stop; deployments continue in Azure unless they are to be cancelled."""
        self.cancel_deployments = self.cancel_deployments or cancel_deployments
        self._event.set()

    @property
    def requested(self) -> bool:
        """Whether a stop was requested."""
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Sleep until a stop is requested or the time is over; returns whether one is."""
        return self._event.wait(seconds)

    def pause(self, seconds: float) -> None:
        """Sleep so long. Raises Interrupted when a stop is requested."""
        if self._event.wait(seconds):
            raise Interrupted("stopped on request")


class Answering(Protocol):
    """Answers questions in mid-run; returns None when no client can."""

    def __call__(self, question: Question, stop: Stop) -> str | None:
        """The answer, blocking until there is one."""


@dataclass
class Context(Emitter):
    """Context of a step: the stream, the journal, outputs of earlier steps, the request to stop, the name of the run."""

    step: str
    stream: Stream
    memory: StepMemory
    outputs: Mapping[str, Outputs]
    stop: Stop
    answering: Answering
    run: str = ""

    def _emit(self, kind: Kind, text: str, step: str, resource: str, data: Mapping[str, Json]) -> Event:
        """Emit an event of this step."""
        return self.stream._emit(kind, text, step or self.step, resource, data)  # noqa: SLF001  the same Emitter

    def warn(self, text: str) -> None:
        """Emit a warning of this step."""
        self.emit("warning", text)

    def pause(self, seconds: float) -> None:
        """Wait between polls. Raises Interrupted when the run is to stop."""
        self.stop.pause(seconds)

    def ask(self, question: Question) -> str:
        """Ask a person through any attached renderer, until the answer has the form that the question declares.

        Raises WaitingForInput when none can answer, or none gives an answer of that form.
        """
        refused = ""
        for _ in range(MAX_REFUSALS):
            self.emit(
                "question",
                question.text,
                key=question.key,
                choices=list(question.choices),
                default=question.default,
                form=question.form,
            )
            answer = self.answering(question, self.stop)
            if answer is None and self.stop.requested:
                raise Interrupted(f"stopped at a question: {question.text}")
            if answer is None:
                break
            refused = question.refusal(answer)
            if not refused:
                answer = normalized(answer, question.form)
                self.emit("answer", f"{question.key}: {answer}", key=question.key, value=answer)
                return answer
            self.emit("warning", refused)
        before = f"{refused}\n" if refused else ""
        raise WaitingForInput(f"{before}question {question.key}: {question.text}", question=question.key)

    def remember(
        self,
        state: Literal["begun", "done", "failed"],
        *,
        name: str = "",
        digest: str = "",
        outputs: Outputs | None = None,
    ) -> None:
        """Write a record of this step to the journal; what ends is what was begun under that name and digest."""
        before = self.memory.recall(self.step)
        attempt = (before.attempt if before else 0) + (1 if state == "begun" else 0)
        if before is not None and state != "begun":
            name, digest = name or before.name, digest or before.digest
        self.memory.remember(Record(self.step, max(attempt, 1), state, name, digest, outputs or {}))


class Step(Protocol):
    """One thing that must become true. Optional abilities of a step are separate Protocols, below."""

    @property
    def key(self) -> str:
        """Stable name, used in the journal, in events and on the command line."""

    @property
    def title(self) -> str:
        """Title for people."""

    @property
    def needs(self) -> tuple[str, ...]:
        """Keys of the steps that have to be done first."""

    @property
    def usual_seconds(self) -> float:
        """How long it usually takes in the target, for the progress display."""

    def check(self, context: Context) -> Outputs | None:
        """Ask the target whether it is true already; its outputs if so."""

    def apply(self, context: Context) -> Outputs:
        """Make it true."""

    def verify(self, context: Context, outputs: Outputs) -> None:
        """Read it back. Raises VerificationFailed."""


@runtime_checkable
class HasDurationRange(Protocol):
    """A step that knows how far its usual duration may be off."""

    @property
    def range_seconds(self) -> tuple[float, float]:
        """Seconds between which it takes in most cases."""


@runtime_checkable
class RepeatedEachAttempt(Protocol):
    """A step whose result may not outlive an attempt: it is repeated before a later step is retried alone."""

    @property
    def repeat_each_attempt(self) -> bool:
        """Whether that is so for this instance."""


@runtime_checkable
class ClosingStep(Protocol):
    """A step that cleans up after the steps it needs, however those have ended."""

    @property
    def closes(self) -> bool:
        """Whether that is so for this instance."""


@runtime_checkable
class GivesBackRights(Protocol):
    """A closing step that gives back rights of the run: it is done even after a request to stop, once they were taken."""

    @property
    def rights(self) -> str:
        """The rights, for people."""


@runtime_checkable
class DependsOnConditions(Protocol):
    """A step whose success depends on conditions outside of it, such as permissions and quotas."""

    def conditions(self, error: InstallerError) -> Mapping[str, str]:
        """Conditions that may be behind an error: name to fingerprint. Read when the step has failed."""

    def changed_conditions(self, before: Mapping[str, str]) -> Sequence[str]:
        """Names of those that have changed since, so that a retry may help."""
