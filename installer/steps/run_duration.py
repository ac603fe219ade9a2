"""Duration of a whole run: the critical path of all its steps, those beside the deployments included. Sends nothing.

Deployments are only a part of it: images are built, role assignments take effect, databases are prepared and Prefect is set up.
"""

from __future__ import annotations

from dataclasses import replace
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from installer.cloud.arm import Arm
from installer.durations import NO_TIME, Duration
from installer.engine.step import HasDurationRange
from installer.secret_store import Secrets
from installer.steps.plan import installation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from installer.answers.model import Answers
    from installer.cloud.target import Target
    from installer.engine.step import Step


def run_duration(answers: Answers, target: Target) -> Duration:
    """Duration in Azure of a run that has everything to do, with its spread, in seconds."""
    arm = Arm(replace(target, speed=1.0), answers.subscription.subscription)
    return longest(installation(answers, arm, secrets=Secrets(), run=""))


def longest(steps: Iterable[Step]) -> Duration:
    """Duration of the critical path of steps."""
    by_key = {step.key: step for step in steps}
    until: dict[str, Duration] = {}
    for key in TopologicalSorter({key: step.needs for key, step in by_key.items()}).static_order():
        if step := by_key.get(key):
            before = max((until[need] for need in step.needs if need in until), key=_usual, default=NO_TIME)
            until[key] = before.then(_duration(step))
    return max(until.values(), key=_usual, default=NO_TIME)


def _duration(step: Step) -> Duration:
    if isinstance(step, HasDurationRange):
        low, high = step.range_seconds
        return Duration(low, step.usual_seconds, high)
    return Duration.of(step.usual_seconds)


def _usual(duration: Duration) -> float:
    return duration.usual
