"""The announcement of an attempt: facts about its steps that renderers need before any step begins."""

from collections.abc import Collection, Sequence

from installer.engine.schedule import Schedule
from installer.engine.step import HasDurationRange, Step
from installer.errors import UsageError
from installer.jsontypes import Json


def announcement(name: str, steps: Sequence[Step], only: Collection[str] | None) -> tuple[str, list[Json]]:
    """The text of the run.started event, and the keys of the steps that need those of `only` and are left out.

    only: keys of the steps that are done, None for all. Raises UsageError when there is no step of such a key.
    """
    if only is None:
        return f"run {name}", []
    known = [step.key for step in steps]
    if strange := sorted(set(only) - set(known)):
        raise UsageError(f"no step of this run is called {', '.join(strange)}; its steps: {', '.join(known)}")
    after = dict.fromkeys(key for one in only for key in Schedule(steps).after(one))
    blocked = [key for key in known if key in after and key not in only]
    need = f"{', '.join(blocked)} need" if blocked else "nothing else needs"
    return f"run {name}: only {', '.join(only)}, which {need}", list[Json](blocked)


def declared(step: Step) -> Json:
    """Facts about a step that renderers need before it begins."""
    least, most = step.range_seconds if isinstance(step, HasDurationRange) else (None, None)
    return {
        "key": step.key,
        "title": step.title,
        "needs": list[Json](step.needs),
        "usual": step.usual_seconds,
        "low": least,
        "high": most,
    }
