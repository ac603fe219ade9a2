"""When the acceptance run of each environment has passed last, by the journal of a run."""

from collections.abc import Collection, Iterable

from installer.answers.model import Answers
from installer.engine.events import Event, moment
from installer.engine.step import StepMemory
from installer.estate import keys
from installer.steps.prefect import is_known


def acceptance_times(answers: Answers, events: Iterable[Event], memory: StepMemory) -> dict[str, float | None]:
    """Seconds since the epoch by environment; None if the result is not known; no entry without a run that has passed."""
    wanted = {keys.canary(name): name for name in answers.subscription.environments}
    records = {key: memory.recall(key) for key in wanted}
    # One that the run has not begun, which has no name, is of an earlier run, whose time is not known here.
    begun = {key for key, record in records.items() if record is not None and record.name}
    passed = _passed((event for event in events if event.step in wanted), begun)
    found: dict[str, float | None] = {}
    for key, environment in wanted.items():
        record = records[key]
        if key not in passed or record is None or record.state != "done":
            continue
        found[environment] = passed[key] if is_known(record.outputs) else None
    return found


def _passed(events: Iterable[Event], own: Collection[str]) -> dict[str, float]:
    """Times by step. One of `own` that ended while no installer ran has the time of the first attempt at it: what others deploy later counts."""
    passed, begun = dict[str, float](), dict[str, float]()
    for event in events:
        if event.kind == "step.started":
            begun.setdefault(event.step, moment(event.at))
        elif event.kind == "step.failed":
            passed.pop(event.step, None)
            begun.pop(event.step, None)
        elif event.kind == "step.finished":
            passed[event.step] = moment(event.at)
            begun.pop(event.step, None)
        elif event.kind == "step.skipped" and event.data.get("state") == "done":
            first = begun.pop(event.step, None)
            if first is not None and event.step in own:
                passed.setdefault(event.step, first)
    return passed
