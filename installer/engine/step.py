"""What a step is, and what it is given to work with."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from installer.engine.events import Event, Kind, Stream
from installer.errors import Interrupted, WaitingForSomebody
from installer.jsontypes import Json

Outputs = Mapping[str, Json]


@dataclass(frozen=True)
class Record:
    """What the journal remembers of a step before it acts: enough to find in the target what was begun.

    name: the deterministic name of what was asked for (a deployment's name).
    digest: hash over template and parameters.
    """

    step: str
    attempt: int
    state: Literal["begun", "done", "failed"]
    name: str = ""
    digest: str = ""
    outputs: Outputs = field(default_factory=dict)


class Memory(Protocol):
    """The part of the journal that steps see."""

    def remember(self, record: Record) -> None:
        """Keep the record safely on disk before returning."""

    def recall(self, step: str) -> Record | None:
        """The newest record of a step."""


@dataclass(frozen=True)
class Question:
    """Something that a running step has to know from a person."""

    key: str
    text: str
    choices: tuple[str, ...] = ()
    default: str = ""


class Stop:
    """A request to stop, set by the session and looked at between polls."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.cancel_deployments = False

    def request(self, *, cancel_deployments: bool = False) -> None:
        """Ask the run to stop; Azure goes on by itself, or its deployments are cancelled first."""
        self.cancel_deployments = self.cancel_deployments or cancel_deployments
        self._event.set()

    @property
    def requested(self) -> bool:
        """Whether somebody asked to stop."""
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Sleep that ends early when a stop is requested; tells whether it is."""
        return self._event.wait(seconds)


class Answering(Protocol):
    """Whoever can answer questions in mid-run; None when nobody can."""

    def __call__(self, question: Question, stop: Stop) -> str | None:
        """The answer, blocking until there is one."""


@dataclass
class Context:
    """What a step works with: the stream, the memory, what earlier steps put out, the wish to stop, the run's name."""

    step: str
    stream: Stream
    memory: Memory
    outputs: Mapping[str, Outputs]
    stop: Stop
    answering: Answering
    run: str = ""

    def emit(self, kind: Kind, text: str = "", *, resource: str = "", **data: Json) -> Event:
        """Tell what happened in this step."""
        return self.stream.emit(kind, text, step=self.step, resource=resource, **data)

    def pause(self, seconds: float) -> None:
        """Wait between polls. Raises Interrupted when the run is to stop."""
        if self.stop.wait(seconds):
            raise Interrupted("stopped on request")

    def ask(self, question: Question) -> str:
        """Ask a person through whatever renderer is there. Raises WaitingForSomebody when nobody can answer."""
        self.emit("question", question.text, key=question.key, choices=list(question.choices), default=question.default)
        answer = self.answering(question, self.stop)
        if answer is None and self.stop.requested:
            raise Interrupted(f"stopped at a question: {question.text}")
        if answer is None:
            raise WaitingForSomebody(f"question {question.key}: {question.text}", question=question.key)
        self.emit("answer", f"{question.key}: {answer}", key=question.key, value=answer)
        return answer

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
    """One thing that must become true.

    A step may have some members more. `range_seconds`: from which to which time it takes in most cases. `each_sitting`
    (true): what it makes may not outlive a sitting, so it is done again whenever a step after it is done alone. `closes`
    (true): it tidies up after what it needs, however that has ended. `circumstances(error)`: what its success depends
    on outside of it, as names with fingerprints; asked when it has failed. `changed(before)`: which of these have changed
    since so that trying again may help.
    """

    @property
    def key(self) -> str:
        """Stable name, used in the journal, in events and on the command line."""

    @property
    def title(self) -> str:
        """What people read."""

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
