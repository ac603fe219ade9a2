"""Following a deployment until it ends: what Azure says of each resource becomes events.

Azure is asked more often while things change and less often while nothing does; a nested deployment that is over is not
asked about again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from installer.cloud.arm import Arm
from installer.cloud.refusals import AzureRefused
from installer.cloud.wire import Deployment, Operation
from installer.engine.step import Context
from installer.errors import Interrupted
from installer.expected import usual_seconds
from installer.explain import causes

QUICK_SECONDS: Final = 6.0
SLOW_SECONDS: Final = 15.0
LEAST_SECONDS: Final = 0.2
OVER: Final = frozenset({"succeeded", "failed", "canceled"})
BEAT_SECONDS: Final = 10.0
PATIENCE_SECONDS: Final = 900.0
"""For how long a deployment is followed that cannot be asked about; then the run stops, and can be resumed."""


@dataclass
class _Seen:
    state: str
    since: float


@dataclass
class Follower:
    """Follows one deployment. `outcome()` blocks until it is over."""

    arm: Arm
    context: Context
    name: str
    _seen: dict[str, _Seen] = field(default_factory=dict)
    _closed: set[str] = field(default_factory=set)
    _cancelled: bool = False
    _unheard: float = 0.0

    def outcome(self) -> Deployment:
        """The deployment when it is over. Raises Interrupted when the run is to stop, and Azure goes on or has stopped."""
        pause, beat = QUICK_SECONDS, monotonic()
        while True:
            try:
                deployment = self.arm.deployment(self.name)
                changed = self._look()
            except AzureRefused as refused:
                self._endure(refused)
                continue
            self._unheard = 0.0
            if deployment is None:
                raise Interrupted(f"deployment {self.name} is gone: somebody deleted it; resume sends it again")
            if not deployment.active:
                if self._cancelled:
                    raise Interrupted(f"deployment {self.name} was cancelled on request")
                return deployment
            if monotonic() - beat > BEAT_SECONDS:
                beat = monotonic()
                self.context.emit("heartbeat", f"Azure answers: {self.name} is {deployment.state}")
            pause = QUICK_SECONDS if changed else min(pause * 1.3, SLOW_SECONDS)
            self._wait(max(LEAST_SECONDS, pause / self.arm.target.speed))

    def _endure(self, refused: AzureRefused) -> None:
        """Azure works on while it cannot be asked: say so, wait, and ask again; not for ever."""
        now = monotonic()
        if not self._unheard:
            self._unheard = now
            first = str(refused).splitlines()[0]
            self.context.emit("warning", f"Azure cannot be asked at the moment and will be asked again: {first}")
        if not refused.transient or now - self._unheard > PATIENCE_SECONDS:
            raise refused
        self._wait(max(LEAST_SECONDS, SLOW_SECONDS / self.arm.target.speed))

    def _wait(self, seconds: float) -> None:
        stop = self.context.stop
        if not stop.wait(0 if self._cancelled else seconds):
            return
        if not stop.cancel_deployments:
            raise Interrupted(f"left running in Azure: deployment {self.name}")
        if not self._cancelled:
            self._cancelled = True
            self.context.emit("log", f"cancelling deployment {self.name}")
            self.arm.cancel(self.name)
        # Azure takes its time to cancel; wait without the stop signal, which stays set.
        self._sleep(max(LEAST_SECONDS, QUICK_SECONDS / self.arm.target.speed))

    @staticmethod
    def _sleep(seconds: float) -> None:
        from time import sleep

        sleep(seconds)

    def _look(self) -> bool:
        """Tell what has changed since the last look; whether anything has."""
        changed = False
        for operation in self._operations():
            before = self._seen.get(operation.resource_id)
            if before is not None and before.state == operation.state:
                continue
            changed = True
            self._tell(operation, before)
        return changed

    def _operations(self) -> Iterator[Operation]:
        pending: list[str | None] = [None]
        while pending:
            nested = pending.pop()
            for operation in self.arm.operations(self.name, nested):
                if not operation.is_deployment:
                    yield operation
                    continue
                if operation.resource_id in self._closed:
                    continue
                pending.append(operation.resource_id)
                if operation.state in OVER:
                    self._closed.add(operation.resource_id)  # listed once more now, then never again

    def _tell(self, operation: Operation, before: _Seen | None) -> None:
        now = monotonic()
        since = before.since if before else now
        self._seen[operation.resource_id] = _Seen(operation.state, since)
        facts = {"id": operation.resource_id, "type": operation.resource_type, "state": operation.state}
        usual = usual_seconds(operation.resource_type) / self.arm.target.speed
        if operation.state == "succeeded":
            self.context.emit(
                "resource.finished", "done", resource=operation.name, seconds=round(now - since, 3), **facts
            )
        elif operation.state in ("failed", "canceled"):
            text = "; ".join(str(cause) for cause in causes(operation.error)) or operation.state
            self.context.emit("resource.failed", text, resource=operation.name, error=operation.error, **facts)
        elif before is None:
            self.context.emit("resource.started", operation.state, resource=operation.name, usual=usual, **facts)
        else:
            self.context.emit("resource.progressed", operation.state, resource=operation.name, **facts)
