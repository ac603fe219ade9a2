"""The chain of steps that determined how long a run took: each began because the one before it had ended."""

from installer.engine.progress import Progress
from installer.engine.progress_rows import StepRow


def critical_chain(progress: Progress) -> tuple[str, ...]:
    """Keys of the steps, the first one first: from the last that ended back over the need of each that ended last.

    Steps of earlier attempts, and those without a time, do not count.
    """
    found: list[str] = []
    at = max((step for step in progress.steps.values() if _counts(step, progress)), key=_ended, default=None)
    while at is not None:
        found.insert(0, at.key)
        needed = (progress.steps[key] for key in at.needs if key in progress.steps and key not in found)
        at = max((step for step in needed if _counts(step, progress)), key=_ended, default=None)
    return tuple(found)


def _counts(step: StepRow, progress: Progress) -> bool:
    return step.began >= progress.began > 0 and step.ended > 0


def _ended(step: StepRow) -> float:
    return step.ended
