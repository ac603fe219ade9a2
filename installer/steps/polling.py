"""Polling, in the time of the target."""

from collections.abc import Iterator
from typing import Final

from installer.cloud.errors import AzureRefused
from installer.cloud.rest import ABSENT, Service
from installer.engine.step import Context

MIN_SECONDS: Final = 0.2
MIN_REAL_SECONDS: Final = 1.0
"""Real processes of a rehearsal need the processor more than polling does."""
_RUNNING: Final = 202


def poll(context: Context, *, interval: float, limit: float, speed: float, real_time: bool = False) -> Iterator[float]:
    """Yield at once and then periodically, until the time limit.

    Args:
        context: of the step; its pause ends when the run is to stop.
        interval: interval, in seconds of the target.
        limit: time limit, in seconds.
        speed: seconds of the target per real second.
        real_time: the awaited process takes real time in a rehearsal too; the limit is then in real seconds.

    Yields:
        Seconds that have passed.

    Raises:
        Interrupted: the run is to stop.

    """
    passed = 0.0
    while True:
        yield passed
        if passed >= limit:
            return
        pause = max(interval / speed, MIN_REAL_SECONDS if real_time else MIN_SECONDS)
        context.pause(pause)
        passed += pause if real_time else pause * speed


def is_under_way(service: Service, location: str, doing: str) -> bool:
    """Whether an operation has not ended yet. Queries Azure. Raises AzureRefused with the error of one that has failed.

    Args:
        service: Azure Resource Manager.
        location: Address of its status, from the answer to its request; "" without one.
        doing: Words for errors.

    """
    try:
        return bool(location) and service.ask("GET", location, doing=doing).status == _RUNNING
    except AzureRefused as refused:
        if refused.status != ABSENT:
            raise
        return False  # Azure does not keep the status of an operation for ever
