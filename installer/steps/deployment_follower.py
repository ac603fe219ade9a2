"""Following a deployment until it ends: what Azure says of each resource becomes events.

Every deployment inside is asked about at its own pace, more often while it changes and less often while it does not, all of
them within the budget that one run has; a nested deployment that is over is not asked about again.
"""

from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

from installer.cloud.arm import Arm
from installer.cloud.error_causes import causes
from installer.cloud.errors import UNAUTHORIZED, AzureRefused
from installer.cloud.models import Deployment, Operation
from installer.durations import usual_seconds
from installer.engine.step import Context
from installer.errors import Interrupted

if TYPE_CHECKING:
    from installer.engine.event_data import ResourceFacts

QUICK_SECONDS: Final = 6.0
SLOW_SECONDS: Final = 15.0
SLOWEST_SECONDS: Final = 45.0
"""For a nested deployment in which nothing changes; that it has ended is seen from outside of it."""
SLOWER: Final = 1.3
LOOKS_BETWEEN: Final = 4
"""So often the operations alone are looked at; the deployment itself is asked for when they are over, and in between."""
A_PAGE: Final = 100
"""So many operations come with one read."""
OVER: Final = frozenset({"succeeded", "failed", "canceled"})
BEAT_SECONDS: Final = 10.0
PATIENCE_SECONDS: Final = 3600.0
"""For how long a deployment is followed that cannot be asked about; then the run stops, and can be resumed."""
SIGN_IN_SECONDS: Final = 600.0
"""For how long somebody has time to sign in again; meanwhile Azure goes on."""
LEAST_PATIENCE_SECONDS: Final = 60.0
"""The same where time passes faster than it does."""


@dataclass
class _Seen:
    state: str
    since: float


@dataclass
class _Nested:
    """A deployment inside: when it is due to be asked about, and how long after that again.

    ends: what is around it says that it has ended. told: it was asked about since then, and never needs to be again.
    """

    due: float = 0.0
    pause: float = QUICK_SECONDS
    ends: bool = False
    told: bool = False


@dataclass
class Follower:
    """Follows one deployment. `outcome()` blocks until it is over."""

    arm: Arm
    context: Context
    name: str
    _seen: dict[str, _Seen] = field(default_factory=dict)
    _nested: dict[str, _Nested] = field(default_factory=dict)
    _looks: int = 0
    _cancelled: bool = False
    _cancel_accepted: bool = False
    _unheard: float = 0.0

    def outcome(self) -> Deployment:
        """The deployment when it is over. Raises Interrupted when the run is to stop, and Azure goes on or has stopped."""
        pause, beat = QUICK_SECONDS, monotonic()
        while True:
            try:
                self._cancel()
                changed, operations = self._look()
                deployment = self._deployment(operations)
                if deployment is not None and not deployment.active and not self._goes_on(operations):
                    self._look(last=True)
                    return self._ended(deployment)
            except AzureRefused as refused:
                self._endure(refused)
                continue
            self._unheard = 0.0
            if monotonic() - beat > BEAT_SECONDS:
                beat = monotonic()
                self.context.emit("heartbeat", f"Azure answers: {self.name} is still running")
            pause = QUICK_SECONDS if changed else min(pause * SLOWER, SLOW_SECONDS)
            self._wait(self.arm.pacer.real(pause))
            while (left := self.arm.pacer.wait()) > 0:
                self._wait(left)

    def _deployment(self, operations: list[Operation]) -> Deployment | None:
        """The deployment itself, when it is time to ask for it."""
        self._looks += 1
        busy = any(operation.state not in OVER for operation in operations)
        if busy and self._looks % LOOKS_BETWEEN and not self._cancelled:
            return None
        self.arm.pacer.spend(1)
        deployment = self.arm.deployment(self.name)
        if deployment is None:
            raise Interrupted(
                f"deployment {self.name} no longer exists: it was deleted while it ran; resume deploys it again"
            )
        return deployment

    def _goes_on(self, operations: list[Operation]) -> bool:
        """Whether a deployment inside a cancelled one still goes on; it is cancelled too."""
        if not self._cancelled:
            return False
        active = [one for one in operations if one.is_deployment and one.state not in OVER]
        for operation in active:
            self.arm.cancel(self.name, operation.resource_id)
        return bool(active) or any(not nested.told for nested in self._nested.values())

    def _ended(self, deployment: Deployment) -> Deployment:
        if not self._cancelled:
            return deployment
        # Nobody can stop a provider: what it has in hand it brings to its end, for hours where it hangs.
        left = [key for key, seen in self._seen.items() if seen.state not in OVER]
        for key in left:
            self.context.emit("log", f"Azure is still working on {key.rpartition('/')[2]} and will complete it")
        more = f"; Azure is still working on {len(left)} of its resources" if left else ""
        raise Interrupted(f"deployment {self.name} was cancelled on request{more}")

    def _endure(self, refused: AzureRefused) -> None:
        """Azure works on while it cannot be asked: say so, wait, and ask again; not for ever."""
        now = monotonic()
        signed_out = refused.status == UNAUTHORIZED and not refused.transient
        if not self._unheard:
            self._unheard = now
            first = str(refused).splitlines()[0]
            hint = "; sign in again in another terminal" if signed_out else ""
            self.context.emit("warning", f"Azure cannot be queried at the moment; retrying: {first}{hint}")
        patience = SIGN_IN_SECONDS if signed_out else PATIENCE_SECONDS if refused.transient else 0.0
        patience = max(patience / self.arm.target.speed, min(patience, LEAST_PATIENCE_SECONDS))
        if now - self._unheard >= patience:
            raise refused
        self._wait(max(self.arm.pacer.real(SLOW_SECONDS), refused.retry_after))

    def _wait(self, seconds: float) -> None:
        stop = self.context.stop
        if self._cancelled:
            sleep(seconds)  # Azure takes its time to cancel; the stop signal stays set
            return
        if not stop.wait(seconds):
            return
        if not stop.cancel_deployments:
            raise Interrupted(f"left running in Azure: deployment {self.name}")
        self._cancelled = True
        self.context.emit("log", f"cancelling deployment {self.name}")

    def _cancel(self) -> None:
        """Ask Azure to stop it, until Azure has taken that."""
        if self._cancelled and not self._cancel_accepted:
            self.arm.cancel(self.name)
            self._cancel_accepted = True

    def _look(self, *, last: bool = False) -> tuple[bool, list[Operation]]:
        """Tell what has changed since the last look: whether anything has, and the outermost operations."""
        operations = self._operations()
        changed = self._tell_all(operations)
        asked: set[str] = set()
        while due := [
            (key, nested)
            for key, nested in self._nested.items()
            if key not in asked and not nested.told and (nested.ends or last or monotonic() >= nested.due)
        ]:
            for key, nested in due:
                asked.add(key)
                moved = self._tell_all(self._operations(key))
                changed = changed or moved
                nested.pause = QUICK_SECONDS if moved else min(nested.pause * SLOWER, SLOWEST_SECONDS)
                nested.due = monotonic() + nested.pause / self.arm.target.speed
                nested.told = nested.ends
        return changed, operations

    def _operations(self, nested: str | None = None) -> list[Operation]:
        found = self.arm.operations(self.name, nested)
        self.arm.pacer.spend(1 + len(found) // A_PAGE)
        return found

    def _tell_all(self, operations: list[Operation]) -> bool:
        """Tell of each resource whose state is another than before; whether there was one."""
        changed = False
        for operation in operations:
            before = self._seen.get(operation.resource_id)
            if before is not None and before.state == operation.state:
                continue
            changed = True
            if operation.is_deployment:
                self._nested.setdefault(operation.resource_id, _Nested()).ends = operation.state in OVER
                self._seen[operation.resource_id] = _Seen(operation.state, monotonic())
            else:
                self._tell(operation, before)
        return changed

    def _tell(self, operation: Operation, before: _Seen | None) -> None:
        now = monotonic()
        since = before.since if before else now
        self._seen[operation.resource_id] = _Seen(operation.state, since)
        facts: ResourceFacts = {"id": operation.resource_id, "type": operation.resource_type, "state": operation.state}
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
