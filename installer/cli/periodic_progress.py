"""Periodic progress lines for plain output. They are derived from the events of a run and are not events."""

from typing import Final

from installer.engine.events import Event
from installer.engine.lines import duration, stamped
from installer.engine.progress import Progress, seconds_of, time_left
from installer.engine.progress_rows import StepRow

MIN_INTERVAL_SECONDS: Final = 30.0
"""Minimum interval between two lines; a line only follows an event."""
WIDTH: Final = 80
"""Columns of the smallest supported terminal."""
WORD: Final = "so far"


class PeriodicProgress:
    """Listens to a run and reports its progress at most every 30 seconds, in the time of its events."""

    def __init__(self) -> None:
        self._progress = Progress()
        self._last_shown = 0.0

    def after(self, event: Event) -> str:
        """The line to show after this event, "" before the interval is over."""
        self._progress.take(event)
        if self._progress.state != "running" or not self._progress.steps:
            return ""
        now = seconds_of(event.at)
        if event.kind != "run.started" and now - self._last_shown < MIN_INTERVAL_SECONDS:
            return ""
        self._last_shown = now
        prefix = len(stamped(event, WORD, ""))
        return stamped(event, WORD, self._words(now, WIDTH - prefix))

    def _words(self, now: float, room: int) -> str:
        """Percentage, elapsed and remaining time, then as many running steps as fit into `room` columns."""
        it = self._progress
        gone = duration(max(now - it.began, 0.0))
        words = f"{it.fraction(now):.0%}, {gone} elapsed, {time_left(it, now, to=' to ')}"
        running = [_named(step, now) for step in it.steps.values() if step.state == "running"]
        for count in range(len(running), 0, -1):
            rest = f" and {len(running) - count} more" if count < len(running) else ""
            line = f"{words}; {', '.join(running[:count])}{rest}"
            if len(line) <= room:
                return line
        return words


def _named(step: StepRow, now: float) -> str:
    return f"{step.title} (slow)" if step.slow(now) else step.title
