"""Following deployments of another machine: their events are reported like those of a run; nothing is written."""

from collections.abc import Sequence
from time import sleep
from typing import Final

from installer.cloud.arm import Arm
from installer.engine.events import Listener
from installer.engine.step import Context, Question, Record, Stop
from installer.engine.stream import Stream
from installer.steps.deployment_follower import Follower
from installer.waiting import Workers

MAX_PARALLEL: Final = 16
IDLE_SECONDS: Final = 20.0
MAX_IDLE_POLLS: Final = 3
"""An installer sends the next deployment soon after one has ended; after this many idle polls none is expected."""


class _NoStepMemory:
    """Step memory without a journal: another machine has that."""

    def remember(self, record: Record) -> None:
        """Does nothing."""

    def recall(self, step: str) -> Record | None:  # noqa: ARG002  a journal's
        """Returns None."""
        return None


def _no_answer(question: Question, stop: Stop) -> str | None:
    """Never answers."""


def follow(arm: Arm, installation: str, listeners: Sequence[Listener]) -> None:
    """Follow the running deployments of an installation until none is left. Queries Azure."""
    stream = Stream()
    for listener in listeners:
        stream.listen(listener)

    def follow_one(name: str) -> None:
        context = Context(name, stream, _NoStepMemory(), {}, Stop(), _no_answer)
        context.emit("step.started", f"{name}, sent by another installer")
        ended = Follower(arm, context, name).outcome()
        context.emit("step.finished" if ended.state == "succeeded" else "step.failed", ended.state)

    idle_polls = 0
    with Workers(MAX_PARALLEL) as pool:
        while idle_polls < MAX_IDLE_POLLS:
            running = [found.name for found in arm.deployments(installation) if found.active]
            idle_polls = 0 if running else idle_polls + 1
            list(pool.map(follow_one, running))
            if not running:
                sleep(arm.pacer.real(IDLE_SECONDS))
