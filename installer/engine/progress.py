"""How far a run is: a tree of steps and resources, made from its events alone, so that any renderer can draw it.

Pure and cheap: an event changes one row. Times are seconds; the clock is the caller's. What is left is a range: how long
things take is known only so well, and what this run has shown so far counts more than any table.
"""

from collections.abc import Mapping
from typing import Final

from installer.durations import NO_TIME, Duration, duration_of_event, remaining_text
from installer.engine.events import Event, moment
from installer.engine.progress_rows import ENDED_STATES, Row, State, StepRow

PRIOR_SECONDS: Final = 120.0
"""For so long a time the table is believed as much as what this run has shown."""
SLOWEST_PACE: Final = 4.0


class Progress:
    """The tree. Feed it events in order."""

    def __init__(self) -> None:
        self.steps: dict[str, StepRow] = {}
        self.began = 0.0
        self.ended = 0.0
        self.state = "running"
        self.last_heard = 0.0
        self.question: Event | None = None
        self.error = ""

    def take(self, event: Event) -> None:
        """Change the tree by one event."""
        at = seconds_of(event.at)
        self.last_heard = at
        if event.kind == "run.started":
            self._start(event, at)
        elif event.kind == "run.finished":
            self.state, self.ended = str(event.data.get("state", "")), at
        elif event.kind == "question":
            self.question = event
            self._step(event, "question", at)
            if event.step in self.steps:
                self.steps[event.step].ask(at)
        elif event.kind == "answer":
            self.question = None
            self._step(event, "running", at)
        elif event.kind.startswith("step."):
            self._step(event, _STEP_STATES.get(event.kind, "running"), at)
        elif event.kind.startswith("resource.") and event.step in self.steps:
            self._resource(self.steps[event.step], event, at)
        elif event.kind == "warning" and event.step in self.steps:
            seconds = event.data.get("seconds")
            self.steps[event.step].retried = at + seconds if isinstance(seconds, (int, float)) else 0.0

    def _start(self, event: Event, at: float) -> None:
        """An attempt begins and lists its steps; their checks decide again what earlier attempts have done.

        An attempt for some of the steps leaves the others as they are.
        """
        declared, only = event.data.get("steps"), event.data.get("only")
        self.began, self.ended, self.state, self.error = at, 0.0, "running", ""
        self.question = None
        before = self.steps
        self.steps = {}
        for raw in declared if isinstance(declared, list) else []:
            if isinstance(raw, dict):
                needs = raw.get("needs")
                key = str(raw.get("key"))
                if isinstance(only, list) and key not in only and key in before:
                    self.steps[key] = before[key]
                    continue
                self.steps[key] = StepRow(
                    key,
                    str(raw.get("title")),
                    duration=duration_of_event(raw),
                    needs=tuple(str(need) for need in needs) if isinstance(needs, list) else (),
                    resources=_kept(before[key].resources) if key in before else {},
                )

    def _step(self, event: Event, state: State, at: float) -> None:
        step = self.steps.get(event.step)
        if step is None:
            self.error = event.text if state == "failed" else self.error
            return
        if event.kind == "step.skipped":
            state = _SKIPPED.get(str(event.data.get("state")), "same")
        if event.kind == "step.started":
            step.began, step.ended, step.waited, step.asked, step.retried = at, 0.0, 0.0, 0.0, 0.0
            step.resources = _kept(step.resources)
            self._unblock(event.step)
        elif state != "question":
            step.resume(at)
        step.state = state
        step.text = "" if event.kind == "step.started" else event.text
        step.data = event.data or step.data
        if state in ENDED_STATES:
            step.ended = at
            _close(step, at)
            if self.question is not None and self.question.step == event.step:
                self.question = None

    def _unblock(self, key: str) -> None:
        """A failed step is tried again: what it blocked waits for it."""
        freed = {key}
        for row in self.steps.values():  # in their order: needs come first
            if row.state == "blocked" and freed.intersection(row.needs):
                row.state, row.text, row.ended = "waiting", "", 0.0
                freed.add(row.key)

    def blocked_by(self, key: str) -> list[StepRow]:
        """The steps that a failed one keeps from being begun, in order."""
        found = {key}
        for row in self.steps.values():
            if row.state == "blocked" and found.intersection(row.needs):
                found.add(row.key)
        return [self.steps[name] for name in self.steps if name in found and name != key]

    @staticmethod
    def _resource(step: StepRow, event: Event, at: float) -> None:
        key = str(event.data.get("id") or event.resource)
        step.retried = 0.0
        row = step.resources.get(key)
        if row is None:
            row = Row(key, event.resource, kind=str(event.data.get("type", "")), began=at)
            step.resources[key] = row
        if "usual" in event.data:
            row.duration = duration_of_event(event.data, row.kind)
        if row.state in ENDED_STATES and event.kind == "resource.started":
            row.began, row.ended = at, 0.0
        row.state = _RESOURCE_STATES.get(event.kind, "running")
        row.text, row.data = event.outcome, event.data
        if row.state in ENDED_STATES:
            row.ended = at

    # -- what it adds up to --------------------------------------------------------------------------------------

    def pace(self, now: float) -> float:
        """Factor between the duration of this run and the usual one, by what is done and what is overdue."""
        taken = meant = 0.0
        for step in self.steps.values():
            late = step.state == "running" and step.worked(now) > step.usual
            if step.usual > 0 and (step.state == "done" or late):
                taken, meant = taken + step.worked(now), meant + step.usual
        prior = min(PRIOR_SECONDS, sum(step.usual for step in self.steps.values()) / 4)
        return min((taken + prior) / (meant + prior), SLOWEST_PACE) if meant else 1.0

    def left(self, now: float) -> Duration:
        """How long the longest chain of steps still takes."""
        return max(self._ends(now).values(), key=_usual, default=NO_TIME)

    def critical(self, now: float) -> list[str]:
        """The longest chain of steps that are not over, the running one first."""
        ends = self._ends(now)
        chain: list[str] = []
        key = max(ends, key=lambda name: ends[name].usual, default="")
        while key and key not in chain:  # events from a file may describe a circle
            chain.insert(0, key)
            needs = [
                need
                for need in self.steps[key].needs
                if need in self.steps and self.steps[need].state not in ENDED_STATES
            ]
            key = max(needs, key=lambda name: ends[name].usual, default="")
        return chain if chain and self.steps[chain[0]].state not in ENDED_STATES else []

    def _ends(self, now: float) -> dict[str, Duration]:
        """When each step will be done, from now."""
        memo: dict[str, Duration] = dict.fromkeys(self.lost(), NO_TIME)
        pace = self.pace(now)
        for key in self.steps:
            self._until(key, now, pace, memo)
        return memo

    def lost(self) -> set[str]:
        """Keys of what has failed or was stopped, and of the steps that this keeps from being begun, now or later."""
        lost = {key for key, row in self.steps.items() if row.state in ("failed", "blocked", "stopped")}
        for row in self.steps.values():  # in their order: needs come first
            if row.state == "waiting" and lost.intersection(row.needs):
                lost.add(row.key)
        return lost

    def _until(self, key: str, now: float, pace: float, memo: dict[str, Duration]) -> Duration:
        if key not in memo:
            memo[key] = NO_TIME  # as above
            step = self.steps[key]
            before = [self._until(need, now, pace, memo) for need in step.needs if need in self.steps]
            memo[key] = max(before, key=_usual, default=NO_TIME).then(step.left(now, pace))
        return memo[key]

    def fraction(self, now: float) -> float:
        """How much is done, from 0 to 1, by time rather than by number. What failed or was stopped is not done."""
        if self.state == "succeeded":
            return 1.0
        whole = sum(step.usual for step in self.steps.values())
        if whole <= 0:
            return 0.0
        return min(sum(step.done(now) for step in self.steps.values()) / whole, 0.99)


_STEP_STATES: Final[dict[str, State]] = {"step.finished": "done", "step.failed": "failed", "step.skipped": "same"}
_SKIPPED: Final[dict[str, State]] = {"blocked": "blocked", "interrupted": "stopped", "waiting": "question"}
_RESOURCE_STATES: Final[dict[str, State]] = {"resource.finished": "done", "resource.failed": "failed"}


def _usual(duration: Duration) -> float:
    return duration.usual


def _kept(resources: Mapping[str, Row]) -> dict[str, Row]:
    """Take over what an earlier attempt finished. What it left open or failed is reported again by this attempt."""
    return {key: row for key, row in resources.items() if row.state == "done"}


def _close(step: StepRow, at: float) -> None:
    """Nothing runs in a step that is over: resources without an end take the state of their step."""
    for row in step.resources.values():
        if row.state not in ENDED_STATES:
            row.state, row.ended = "done" if step.state in ("done", "same") else "stopped", at


def time_left(progress: Progress, now: float, *, to: str = "–") -> str:  # noqa: RUF001  a range
    """The likely remaining time in words; a run that waits for a person shows what follows the answer."""
    left = remaining_text(progress.left(now), to=to)
    return f"waiting for your answer, then {left}" if progress.question else left


def seconds_of(at: str) -> float:
    """An event's time as seconds of the epoch."""
    return moment(at)
