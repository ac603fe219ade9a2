"""Whether trying a failed step again can help by now: by what it failed for, and by what has changed since."""

from collections.abc import Iterable, Sequence

from installer.engine.events import Event
from installer.engine.step import DependsOnConditions, Step
from installer.errors import Verdict


def verdict(events: Iterable[Event], steps: Sequence[Step], key: str) -> Verdict:
    """The verdict on a step, from the events of its run. May ask a cloud; not for the UI's thread."""
    failed = [event for event in events if event.step == key and event.kind == "step.failed"]
    if not failed:
        return Verdict("never", "it has not failed")
    data = failed[-1].data
    retry, reason, before = data.get("retry"), str(data.get("retry_reason", "")), data.get("circumstances")
    step: object = next((step for step in steps if step.key == key), None)
    if retry != "now" and isinstance(before, dict) and isinstance(step, DependsOnConditions):
        if changed := step.changed_conditions({name: str(value) for name, value in before.items()}):
            return Verdict("now", f"{' and '.join(changed)} changed since it failed")
        if before:
            reason = f"{reason} (checked: {', '.join(before)})"
    return Verdict("now" if retry == "now" else "never" if retry == "never" else "changed", reason)
