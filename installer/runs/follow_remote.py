"""Following deployments of another machine: their events are reported like those of a run; nothing is written."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from typing import Final

from installer.cloud.arm import Arm
from installer.engine.events import Listener
from installer.engine.step import Context, Question, Record, Stop
from installer.engine.stream import Stream
from installer.steps.deployment_follower import Follower

MOST_AT_ONCE: Final = 16
LULL_SECONDS: Final = 20.0
MOST_LULLS: Final = 3
"""An installer sends the next deployment soon after one has ended; after this many idle polls none is expected."""


class _Nothing:
    """Step memory without a journal: another machine has that."""

    def remember(self, record: Record) -> None:
        """Does nothing."""

    def recall(self, step: str) -> Record | None:  # noqa: ARG002  a journal's
        """Returns None."""
        return None


def _nobody(question: Question, stop: Stop) -> str | None:
    """Never answers."""


def follow(arm: Arm, installation: str, listeners: Sequence[Listener]) -> None:
    """Follow the running deployments of an installation until none is left. Queries Azure."""
    stream = Stream()
    for listener in listeners:
        stream.listen(listener)

    def one(name: str) -> None:
        context = Context(name, stream, _Nothing(), {}, Stop(), _nobody)
        context.emit("step.started", f"{name}, sent by another installer")
        ended = Follower(arm, context, name).outcome()
        context.emit("step.finished" if ended.state == "succeeded" else "step.failed", ended.state)

    lulls = 0
    with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
        while lulls < MOST_LULLS:
            going_on = [found.name for found in arm.deployments(installation) if found.active]
            lulls = 0 if going_on else lulls + 1
            list(pool.map(one, going_on))
            if not going_on:
                sleep(arm.pacer.real(LULL_SECONDS))
