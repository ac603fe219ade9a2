"""When the acceptance run of each environment has passed last, by the journal of a run."""

from collections.abc import Iterable

from installer.answers.model import Answers
from installer.engine.events import Event, moment
from installer.engine.step import StepMemory
from installer.estate import keys


def acceptance_times(answers: Answers, events: Iterable[Event], memory: StepMemory) -> dict[str, float | None]:
    """Seconds since the epoch by environment; None if the result is not known; no entry without a run that has passed."""
    ended = {event.step: event for event in events if event.kind in ("step.finished", "step.failed")}
    found: dict[str, float | None] = {}
    for environment in answers.subscription.environments:
        key = keys.canary(environment)
        record, last = memory.recall(key), ended.get(key)
        if last is None or last.kind != "step.finished" or record is None or record.state != "done":
            continue
        known = bool(record.outputs.get("flow_run_id") or record.outputs.get("hops"))
        found[environment] = moment(last.at) if known else None
    return found
