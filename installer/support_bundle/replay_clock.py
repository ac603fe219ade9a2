"""Timing of a replay: any speed, pauses, and no idle time between two attempts."""

from collections.abc import Iterator
from typing import Final

from installer.engine.events import Event, moment
from installer.support_bundle.recording import Recording

MIN_SPEED: Final = 0.125
MAX_SPEED: Final = 65_536.0
BETWEEN_ATTEMPTS: Final = 1.0
"""Maximum seconds shown for the time between two attempts."""


class Player:
    """Plays a recording, driven by the clock of the caller in seconds. `now` is the recorded time."""

    def __init__(self, recording: Recording, speed: float = 1.0) -> None:
        self.speed = min(max(speed, MIN_SPEED), MAX_SPEED)
        self.paused = False
        self._events = recording.events
        self._times = [moment(event.at) for event in self._events]
        self._offsets = list(_offsets(self._events, self._times))
        self._next = 0
        self._position = 0.0
        self._seen: float | None = None

    @property
    def position(self) -> float:
        """Position in seconds of the replay."""
        return self._position

    @property
    def length(self) -> float:
        """Length in seconds of the replay."""
        return self._offsets[-1]

    @property
    def over(self) -> bool:
        """Whether all events have been returned."""
        return self._next >= len(self._events)

    @property
    def now(self) -> float:
        """The recorded time at the current position, in seconds since the epoch."""
        last = max(self._next - 1, 0)
        then = self._times[last] + self._position - self._offsets[last]
        return then if self.over else min(then, max(self._times[self._next], self._times[last]))

    def due(self, clock: float) -> list[Event]:
        """The events since the last call."""
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
        self.speed = min(max(self.speed * factor, MIN_SPEED), MAX_SPEED)

    def to_end(self) -> None:
        """Skip to the end."""
        self._position = self.length


def _offsets(events: tuple[Event, ...], times: list[float]) -> Iterator[float]:
    """Position of each event in seconds; never decreases, even if the clock was set back."""
    at = 0.0
    for index, time in enumerate(times):
        if index:
            gap = max(time - times[index - 1], 0.0)
            new_attempt = events[index].kind == "run.started" or events[index - 1].kind == "run.finished"
            at += min(gap, BETWEEN_ATTEMPTS) if new_attempt else gap
        yield at
