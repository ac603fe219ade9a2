"""Events: the one stream from which every renderer, the journal and the log are fed.

An event is frozen, numbered within its run, redacted before anybody sees it, and plain data: it can be written to a file
and shown again by any renderer.
"""

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, cast, get_args

from installer.jsontypes import Json

Kind = Literal[
    "run.started",
    "run.finished",
    "step.started",
    "step.progressed",
    "step.finished",
    "step.failed",
    "step.skipped",
    "resource.started",
    "resource.progressed",
    "resource.finished",
    "resource.failed",
    "warning",
    "question",
    "answer",
    "not-checked",
    "heartbeat",
    "log",
]
KINDS: frozenset[str] = frozenset(get_args(Kind))
LARGEST = 1e15
"""Numbers beyond are nothing that an installation counts or measures."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened.

    number: position in the run's stream, from 1, without gaps.
    at: UTC time, ISO 8601 with milliseconds.
    step: key of the step it belongs to, "" for the run itself.
    resource: name of the Azure resource or other object, "" if none.
    text: one line for people.
    data: what renderers need beside the text, such as state, seconds, id.
    """

    number: int
    at: str
    kind: Kind
    step: str = ""
    resource: str = ""
    text: str = ""
    data: Mapping[str, Json] = field(default_factory=dict)

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(
            {
                "number": self.number,
                "at": self.at,
                "kind": self.kind,
                "step": self.step,
                "resource": self.resource,
                "text": self.text,
                "data": dict(self.data),
            },
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, line: str) -> "Event":
        """The event of a line. Raises ValueError when it is none, its time is no time, or a number in it cannot be."""
        try:
            raw = json.loads(line)
            _check(raw)
        except RecursionError as error:
            raise ValueError("too deep for an event") from error
        match raw:
            case {"number": int(number), "at": str(at), "kind": str(kind), **rest} if kind in KINDS:
                data = rest.get("data")
                moment(at)
            case _:
                raise ValueError("not an event")
        return cls(
            number,
            at,
            cast("Kind", kind),
            str(rest.get("step", "")),
            str(rest.get("resource", "")),
            str(rest.get("text", "")),
            data if isinstance(data, dict) else {},
        )


def moment(at: str) -> float:
    """An event's time as seconds of the epoch. Raises ValueError when it is none."""
    try:
        return datetime.fromisoformat(at).timestamp()
    except (ValueError, OverflowError):
        raise ValueError(f"{at[:30]!r} is no time") from None


def _check(value: object) -> None:
    if isinstance(value, (int, float)) and not abs(value) <= LARGEST:
        raise ValueError("a number beyond all measure")
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _check(item)


Listener = Callable[[Event], None]


def utc_now() -> datetime:
    """The wall clock; tests give a clock of their own."""
    return datetime.now(UTC)


class Stream:
    """Numbers and redacts events, and hands each to every listener in order. Thread-safe.

    A listener must be quick and must not raise: it is called under the stream's lock, on the thread that emits.
    """

    def __init__(
        self,
        *,
        first: int = 1,
        redact: Callable[[str], str] = lambda text: text,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._next = first
        self._redact = redact
        self._clock = clock
        self._listeners: list[Listener] = []
        self._history: list[Event] = []
        self._lock = threading.RLock()

    @property
    def has_begun(self) -> bool:
        """Whether anything was told yet."""
        return bool(self._history)

    def listen(self, listener: Listener, earlier: Iterable[Event] = ()) -> None:
        """Call the listener for every event: those of `earlier`, those of this stream so far, and all that come."""
        with self._lock:
            for event in (*earlier, *self._history):
                listener(event)
            self._listeners.append(listener)

    def emit(self, kind: Kind, text: str = "", *, step: str = "", resource: str = "", **data: Json) -> Event:
        """Make an event of it and tell everybody."""
        with self._lock:
            event = Event(
                self._next,
                self._clock().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                kind,
                step,
                self._redact(resource),
                self._redact(text),
                {key: self._clean(value) for key, value in data.items()},
            )
            self._next += 1
            self._history.append(event)
            for listener in self._listeners:
                listener(event)
            return event

    def _clean(self, value: Json) -> Json:
        if isinstance(value, str):
            return self._redact(value)
        if isinstance(value, list):
            return [self._clean(item) for item in value]
        if isinstance(value, dict):
            return {self._redact(key): self._clean(item) for key, item in value.items()}
        return value
