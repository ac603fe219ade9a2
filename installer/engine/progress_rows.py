"""The rows of a run: steps and resources, each with its state, its times, and what to expect of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from installer.durations import NO_TIME, Duration, clock
from installer.jsontypes import Json

State = Literal["waiting", "running", "done", "same", "failed", "blocked", "stopped", "question"]
GRACE_SECONDS: Final = 2.0
MIN_REMAINING_SHARE: Final = 0.05
"""Share of its usual time that is always left as remaining, however long something has taken."""
ENDED_STATES: Final[frozenset[State]] = frozenset({"done", "same", "failed", "blocked", "stopped"})


@dataclass
class Row:
    """A step or a resource.

    Attributes:
        duration: how long it is expected to take.
        began: seconds of the epoch, 0 before it began.
        ended: the same, 0 before it ended.
        waited: seconds for which it waited for a person, without the present wait.
        asked: since when it waits for a person, in seconds of the epoch; 0 while it does not.

    """

    key: str
    title: str
    state: State = "waiting"
    text: str = ""
    duration: Duration = NO_TIME
    began: float = 0.0
    ended: float = 0.0
    waited: float = 0.0
    asked: float = 0.0
    kind: str = ""
    data: Mapping[str, Json] = field(default_factory=dict)

    def elapsed(self, now: float) -> float:
        """Seconds since it began, or that it took."""
        return max((self.ended or now) - self.began, 0.0) if self.began else 0.0

    def worked(self, now: float) -> float:
        """Seconds of `elapsed` without those for which it waited for a person, which no table knows."""
        waiting = max((self.ended or now) - self.asked, 0.0) if self.asked else 0.0
        return max(self.elapsed(now) - self.waited - waiting, 0.0)

    def ask(self, at: float) -> None:
        """It waits for a person from now on."""
        self.asked = self.asked or at

    def resume(self, at: float) -> None:
        """It waits for no person any more."""
        if self.asked:
            self.waited += max(at - self.asked, 0.0)
            self.asked = 0.0

    @property
    def usual(self) -> float:
        """Seconds that it usually takes."""
        return self.duration.usual

    def slow(self, now: float) -> bool:
        """Whether it runs for longer than such things do in most cases."""
        return self.state == "running" and self.usual > 0 and self.worked(now) > self.duration.high + GRACE_SECONDS

    def left(self, now: float, pace: float = 1.0) -> Duration:
        """How long it still takes, in a run that takes `pace` times the usual; a slow one still needs a little."""
        if self.state in ENDED_STATES:
            return NO_TIME
        gone = self.worked(now) if self.state != "waiting" else 0.0
        low, usual, high = (pace * each - gone for each in (self.duration.low, self.usual, self.duration.high))
        least = MIN_REMAINING_SHARE * pace * self.usual
        return Duration(max(low, 0.0), max(usual, least), max(high, 2 * least))

    def done(self, now: float) -> float:
        """Seconds of its usual time that are behind it: all when it is done, what it had come to when it was stopped."""
        if self.state in ("done", "same"):
            return self.usual
        return min(self.worked(now), 0.95 * self.usual)


@dataclass
class StepRow(Row):
    """A step with its resources, in the order in which they appeared.

    Attributes:
        needs: keys of the steps that have to be done before.
        retried: when its next attempt begins without a key, in seconds of the epoch; 0 if none is expected.

    """

    needs: tuple[str, ...] = ()
    retried: float = 0.0
    resources: dict[str, Row] = field(default_factory=dict)

    def retry_text(self, now: float) -> str:
        """When it is tried again, without a key; "" if it is not waiting for that."""
        waits = self.state == "running" and self.retried > now
        return f"next attempt in {clock(self.retried - now)}" if waits else ""
