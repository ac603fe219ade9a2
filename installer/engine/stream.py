"""The stream of a run: numbers and redacts events, and hands each to every listener."""

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Literal, Unpack, cast, overload

from installer.engine.event_data import (
    Answered,
    Asked,
    Logged,
    ResourceChanged,
    RunFinished,
    RunStarted,
    StepFailed,
    StepFinished,
    StepProgressed,
    StepSkipped,
    StepStarted,
    Warned,
)
from installer.engine.events import Event, Kind, Listener, utc_now
from installer.jsontypes import Json

_Resource = Literal["resource.started", "resource.progressed", "resource.finished", "resource.failed"]
_Bare = Literal["not-checked", "heartbeat"]


class Emitter:
    """Something that emits events with data of their kind."""

    @overload
    def emit(
        self, kind: Literal["run.started"], text: str = ..., *, step: str = ..., **data: Unpack[RunStarted]
    ) -> Event: ...
    @overload
    def emit(
        self, kind: Literal["run.finished"], text: str = ..., *, step: str = ..., **data: Unpack[RunFinished]
    ) -> Event: ...
    @overload
    def emit(
        self, kind: Literal["step.started"], text: str = ..., *, step: str = ..., **data: Unpack[StepStarted]
    ) -> Event: ...
    @overload
    def emit(
        self, kind: Literal["step.progressed"], text: str = ..., *, step: str = ..., **data: Unpack[StepProgressed]
    ) -> Event: ...
    @overload
    def emit(
        self, kind: Literal["step.finished"], text: str = ..., *, step: str = ..., **data: Unpack[StepFinished]
    ) -> Event: ...
    @overload
    def emit(
        self, kind: Literal["step.failed"], text: str = ..., *, step: str = ..., **data: Unpack[StepFailed]
    ) -> Event: ...
    @overload
    def emit(
        self, kind: Literal["step.skipped"], text: str = ..., *, step: str = ..., **data: Unpack[StepSkipped]
    ) -> Event: ...
    @overload
    def emit(
        self,
        kind: _Resource,
        text: str = ...,
        *,
        step: str = ...,
        resource: str = ...,
        **data: Unpack[ResourceChanged],
    ) -> Event: ...
    @overload
    def emit(
        self, kind: Literal["warning"], text: str = ..., *, step: str = ..., resource: str = ..., **data: Unpack[Warned]
    ) -> Event: ...
    @overload
    def emit(self, kind: Literal["question"], text: str = ..., *, step: str = ..., **data: Unpack[Asked]) -> Event: ...
    @overload
    def emit(self, kind: Literal["answer"], text: str = ..., *, step: str = ..., **data: Unpack[Answered]) -> Event: ...
    @overload
    def emit(
        self, kind: Literal["log"], text: str = ..., *, step: str = ..., resource: str = ..., **data: Unpack[Logged]
    ) -> Event: ...
    @overload
    def emit(self, kind: _Bare, text: str = ..., *, step: str = ..., resource: str = ...) -> Event: ...
    def emit(self, kind: Kind, text: str = "", *, step: str = "", resource: str = "", **data: object) -> Event:
        """Emit an event; `data` is that of its kind."""
        return self._emit(kind, text, step, resource, cast("Mapping[str, Json]", data))

    def _emit(self, kind: Kind, text: str, step: str, resource: str, data: Mapping[str, Json]) -> Event:
        """Emit an event, whatever its data."""
        raise NotImplementedError


class Stream(Emitter):
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
        """Whether an event was emitted yet."""
        return bool(self._history)

    def listen(self, listener: Listener, earlier: Iterable[Event] = ()) -> None:
        """Call the listener for every event: those of `earlier`, those of this stream so far, and all that come."""
        with self._lock:
            for event in (*earlier, *self._history):
                listener(event)
            self._listeners.append(listener)

    def _emit(self, kind: Kind, text: str, step: str, resource: str, data: Mapping[str, Json]) -> Event:
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
