"""Scripted steps, and helpers to run them."""

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from installer.engine.events import Event, Listener
from installer.engine.retry import PATIENCE_SECONDS
from installer.engine.runner import Result, RetryRequests, run
from installer.engine.step import Answering, Context, Outputs, Question, Record, Step, Stop
from installer.engine.stream import Stream
from installer.errors import InstallerError

PATIENCE = 20.0
"""Timeout of barriers and waits in seconds."""


def nothing(_context: Context) -> Outputs:
    """Do nothing."""
    return {}


@dataclass(frozen=True)
class Scripted:
    """A step made of functions given by the test."""

    key: str
    needs: tuple[str, ...] = ()
    does: Callable[[Context], Outputs] = nothing
    is_done: Callable[[Context], Outputs | None] = lambda _context: None
    proves: Callable[[Context, Outputs], None] = lambda _context, _outputs: None
    usual_seconds: float = 1.0

    @property
    def title(self) -> str:
        """The key in capitals."""
        return self.key.upper()

    def check(self, context: Context) -> Outputs | None:
        """Call `is_done`."""
        return self.is_done(context)

    def apply(self, context: Context) -> Outputs:
        """Call `does`."""
        return self.does(context)

    def verify(self, context: Context, outputs: Outputs) -> None:
        """Call `proves`."""
        self.proves(context, outputs)


@dataclass
class Memory:
    """A journal in memory."""

    records: list[Record] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def remember(self, record: Record) -> None:
        """Append."""
        with self.lock:
            self.records.append(record)

    def recall(self, step: str) -> Record | None:
        """The latest record of a step."""
        with self.lock:
            return next((record for record in reversed(self.records) if record.step == step), None)


@dataclass
class Ran:
    """Result, events and records of a run."""

    result: Result
    events: list[Event]
    memory: Memory

    def kinds(self, step: str) -> list[str]:
        """Kinds of the events of a step, in order."""
        return [event.kind for event in self.events if event.step == step]

    def event(self, step: str, kind: str) -> Event:
        """The only event of that kind."""
        (found,) = [event for event in self.events if event.step == step and event.kind == kind]
        return found


def no_answer(question: Question, stop: Stop) -> str | None:
    """Give no answer."""
    return None


def ran(
    *steps: Step,
    stop: Stop | None = None,
    memory: Memory | None = None,
    answering: Answering = no_answer,
    only: Collection[str] | None = None,
    retry_requests: RetryRequests | None = None,
    on_event: Listener = lambda _event: None,
    patience: float = PATIENCE_SECONDS,
) -> Ran:
    """Run the steps to their end."""
    stream = Stream()
    events: list[Event] = []
    stream.listen(events.append)
    stream.listen(on_event)
    kept = memory or Memory()
    sequence: Sequence[Step] = steps
    result = run(
        sequence,
        stream=stream,
        memory=kept,
        stop=stop or Stop(),
        answering=answering,
        explain_bug=lambda error: InstallerError(f"a bug: {type(error).__name__}: {error}"),
        patience=patience,
        only=only,
        retry_requests=retry_requests,
    )
    return Ran(result, events, kept)
