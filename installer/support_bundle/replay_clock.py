"""When which event of a recording is due: at any speed, with pauses, without the hours between two sittings."""

from collections.abc import Iterator
from typing import Final

from installer.engine.events import Event, moment
from installer.support_bundle.recording import Recording

SLOWEST: Final = 0.125
FASTEST: Final = 65_536.0
BETWEEN_SITTINGS: Final = 1.0
"""Seconds that the time between the end of a sitting and the next one is shown for, however long it was."""


class Player:
    """Plays a recording. The caller's clock, in seconds, drives it; `now` is the time of the recording itself."""

    def __init__(self, recording: Recording, speed: float = 1.0) -> None:
        self.speed = min(max(speed, SLOWEST), FASTEST)
        self.paused = False
        self._events = recording.events
        self._times = [moment(event.at) for event in self._events]
        self._offsets = list(_offsets(self._events, self._times))
        self._next = 0
        self._position = 0.0
        self._seen: float | None = None

    @property
    def position(self) -> float:
        """Seconds since the beginning, as they are shown."""
        return self._position

    @property
    def length(self) -> float:
        """Seconds from the first event to the last, as they are shown."""
        return self._offsets[-1]

    @property
    def over(self) -> bool:
        """Whether everything was told."""
        return self._next >= len(self._events)

    @property
    def now(self) -> float:
        """The time that the recording has come to, in seconds of the epoch."""
        last = max(self._next - 1, 0)
        then = self._times[last] + self._position - self._offsets[last]
        return then if self.over else min(then, max(self._times[self._next], self._times[last]))

    def due(self, clock: float) -> list[Event]:
        """The events that have come due since the last call."""
        passed = 0.0 if self._seen is None else max(clock - self._seen, 0.0)
        self._seen = clock
        if not self.paused and not self.over:
            self._position = min(self._position + passed * self.speed, self.length)
        first = self._next
        while not self.over and self._offsets[self._next] <= self._position:
            self._next += 1
        return list(self._events[first : self._next])

    def faster(self, factor: float) -> None:
        """Change the speed by a factor, within bounds."""
        self.speed = min(max(self.speed * factor, SLOWEST), FASTEST)

    def to_end(self) -> None:
        """Everything that is left is due now."""
        self._position = self.length


def _offsets(events: tuple[Event, ...], times: list[float]) -> Iterator[float]:
    """Seconds since the beginning at which each event is shown; a clock that was set back does not turn them round."""
    at = 0.0
    for index, time in enumerate(times):
        if index:
            gap = max(time - times[index - 1], 0.0)
            new_sitting = events[index].kind == "run.started" or events[index - 1].kind == "run.finished"
            at += min(gap, BETWEEN_SITTINGS) if new_sitting else gap
        yield at
