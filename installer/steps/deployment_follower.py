"""Follows a deployment until it ends, and emits an event for every change of a resource.

Each nested deployment is polled at its own pace, more often while it changes, within the request budget of the run. A
nested deployment that is over is not polled again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

from installer.cloud.arm import Arm
from installer.cloud.error_causes import causes
from installer.cloud.errors import UNAUTHORIZED, AzureRefused
from installer.cloud.models import Deployment, Operation
from installer.durations import usual_seconds
from installer.engine.step import Context
from installer.errors import Interrupted
from installer.estate.resource_titles import Principals
from installer.resource_id import GUID, name_of

if TYPE_CHECKING:
    from installer.engine.event_data import ResourceFacts

MIN_POLL_SECONDS: Final = 6.0
MAX_POLL_SECONDS: Final = 15.0
MAX_NESTED_POLL_SECONDS: Final = 45.0
"""For a nested deployment without changes; its end shows in the operations of its parent."""
BACKOFF_FACTOR: Final = 1.3
POLLS_PER_READ: Final = 4
"""Only every so many polls of the operations, or when they are over, the deployment itself is read."""
PAGE_SIZE: Final = 100
"""Operations per page of a response."""
ENDED_STATES: Final = frozenset({"succeeded", "failed", "canceled"})
HEARTBEAT_SECONDS: Final = 10.0
PATIENCE_SECONDS: Final = 3600.0
"""For how long failing requests are retried; then the run stops and can be resumed."""
SIGN_IN_SECONDS: Final = 600.0
"""Time for the user to sign in again; meanwhile Azure continues."""
MIN_PATIENCE_SECONDS: Final = 60.0
"""Minimum of both in a rehearsal, where time passes faster."""


@dataclass
class _Observed:
    state: str
    since: float


@dataclass
class _Nested:
    """Polling state of a nested deployment.

    Attributes:
        due: monotonic time of the next poll.
        pause: seconds of the target until the poll after that.
        ends: it is over, according to the operations of its parent.
        finished: it was polled since then, and need not be polled again.

    """

    due: float = 0.0
    pause: float = MIN_POLL_SECONDS
    ends: bool = False
    finished: bool = False


@dataclass
class Follower:
    """Follows one deployment. `outcome()` blocks until it is over.

    Attributes:
        titles: Titles of the resources whose names say nothing, by ID in lower case; asked for when there is such a resource.

    """

    arm: Arm
    context: Context
    name: str
    titles: Callable[[], Mapping[str, str]] = dict
    _seen: dict[str, _Observed] = field(default_factory=dict)
    _nested: dict[str, _Nested] = field(default_factory=dict)
    _polls: int = 0
    _cancelled: bool = False
    _cancel_accepted: bool = False
    _unreachable_since: float = 0.0

    def outcome(self) -> Deployment:
        """The deployment once it is over. Raises Interrupted when the run stops, whether or not Azure continues."""
        pause, heartbeat_at = MIN_POLL_SECONDS, monotonic()
        while True:
            try:
                self._cancel()
                changed, operations = self._poll()
                deployment = self._deployment(operations)
                if deployment is not None and not deployment.active and not self._cancel_nested(operations):
                    self._poll(last=True)
                    return self._ended(deployment)
            except AzureRefused as refused:
                self._handle_refusal(refused)
                continue
            self._unreachable_since = 0.0
            if monotonic() - heartbeat_at > HEARTBEAT_SECONDS:
                heartbeat_at = monotonic()
                self.context.emit("heartbeat", f"Azure answers: {self.name} is still running")
            pause = MIN_POLL_SECONDS if changed else min(pause * BACKOFF_FACTOR, MAX_POLL_SECONDS)
            self._wait(self.arm.pacer.real(pause))
            while (left := self.arm.pacer.wait()) > 0:
                self._wait(left)

    def _deployment(self, operations: list[Operation]) -> Deployment | None:
        """The deployment itself, if a read is due."""
        self._polls += 1
        busy = any(operation.state not in ENDED_STATES for operation in operations)
        if busy and self._polls % POLLS_PER_READ and not self._cancelled:
            return None
        self.arm.pacer.spend(1)
        deployment = self.arm.deployment(self.name)
        if deployment is None:
            raise Interrupted(
                f"deployment {self.name} no longer exists: it was deleted while it ran; resume deploys it again"
            )
        return deployment

    def _cancel_nested(self, operations: list[Operation]) -> bool:
        """Whether a nested deployment of a cancelled one is still active; cancels it too."""
        if not self._cancelled:
            return False
        active = [one for one in operations if one.is_deployment and one.state not in ENDED_STATES]
        for operation in active:
            self.arm.cancel(self.name, operation.resource_id)
        return bool(active) or any(not nested.finished for nested in self._nested.values())

    def _ended(self, deployment: Deployment) -> Deployment:
        if not self._cancelled:
            return deployment
        # A provider cannot be stopped: it completes operations in progress, which may take hours if it hangs.
        left = [key for key, seen in self._seen.items() if seen.state not in ENDED_STATES]
        for key in left:
            self.context.emit("log", f"Azure is still working on {key.rpartition('/')[2]} and will complete it")
        more = f"; Azure is still working on {len(left)} of its resources" if left else ""
        raise Interrupted(f"deployment {self.name} was cancelled on request{more}")

    def _handle_refusal(self, refused: AzureRefused) -> None:
        """Warn and wait before a retry, as Azure continues meanwhile; raise the error when the retry time is over."""
        now = monotonic()
        signed_out = refused.status == UNAUTHORIZED and not refused.transient
        if not self._unreachable_since:
            self._unreachable_since = now
            first = str(refused).splitlines()[0]
            hint = "; sign in again in another terminal" if signed_out else ""
            self.context.emit("warning", f"Azure cannot be queried at the moment; retrying: {first}{hint}")
        patience = SIGN_IN_SECONDS if signed_out else PATIENCE_SECONDS if refused.transient else 0.0
        patience = max(patience / self.arm.target.speed, min(patience, MIN_PATIENCE_SECONDS))
        if now - self._unreachable_since >= patience:
            raise refused
        self._wait(max(self.arm.pacer.real(MAX_POLL_SECONDS), refused.retry_after))

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
        """Send the cancel request until Azure has accepted it."""
        if self._cancelled and not self._cancel_accepted:
            self.arm.cancel(self.name)
            self._cancel_accepted = True

    def _poll(self, *, last: bool = False) -> tuple[bool, list[Operation]]:
        """Emit all changes since the last poll.

        Returns:
            Whether anything has changed, and the operations of the outermost deployment.

        """
        operations = self._operations()
        changed = self._emit_changes(operations)
        asked: set[str] = set()
        while due := [
            (key, nested)
            for key, nested in self._nested.items()
            if key not in asked and not nested.finished and (nested.ends or last or monotonic() >= nested.due)
        ]:
            for key, nested in due:
                asked.add(key)
                nested_changed = self._emit_changes(self._operations(key))
                changed = changed or nested_changed
                nested.pause = (
                    MIN_POLL_SECONDS if nested_changed else min(nested.pause * BACKOFF_FACTOR, MAX_NESTED_POLL_SECONDS)
                )
                nested.due = monotonic() + nested.pause / self.arm.target.speed
                nested.finished = nested.ends
        return changed, operations

    def _operations(self, nested: str | None = None) -> list[Operation]:
        found = self.arm.operations(self.name, nested)
        self.arm.pacer.spend(1 + len(found) // PAGE_SIZE)
        return found

    def _emit_changes(self, operations: list[Operation]) -> bool:
        """Emit an event for each resource whose state has changed; returns whether there was one."""
        changed = False
        for operation in operations:
            before = self._seen.get(operation.resource_id)
            if before is not None and before.state == operation.state:
                continue
            changed = True
            if operation.is_deployment:
                self._nested.setdefault(operation.resource_id, _Nested()).ends = operation.state in ENDED_STATES
                self._seen[operation.resource_id] = _Observed(operation.state, monotonic())
            else:
                self._emit_change(operation, before)
        return changed

    def _emit_change(self, operation: Operation, before: _Observed | None) -> None:
        now = monotonic()
        since = before.since if before else now
        self._seen[operation.resource_id] = _Observed(operation.state, since)
        facts: ResourceFacts = {"id": operation.resource_id, "type": operation.resource_type, "state": operation.state}
        usual = usual_seconds(operation.resource_type) / self.arm.target.speed
        name = self._title(operation)
        if operation.state == "succeeded":
            self.context.emit("resource.finished", "done", resource=name, seconds=round(now - since, 3), **facts)
        elif operation.state in ("failed", "canceled"):
            text = "; ".join(str(cause) for cause in causes(operation.error)) or operation.state
            self.context.emit("resource.failed", text, resource=name, error=operation.error, **facts)
        elif before is None:
            self.context.emit("resource.started", operation.state, resource=name, usual=usual, **facts)
        else:
            self.context.emit("resource.progressed", operation.state, resource=name, **facts)

    def _title(self, operation: Operation) -> str:
        """Title of a resource: by what is known of the stage, else by its ID."""
        alone = Principals({}).title(operation.resource_id, operation.resource_type, None)
        if alone or GUID.match(name_of(operation.resource_id)):
            return self._titles.get(operation.resource_id.lower()) or alone or operation.name
        return operation.name

    @cached_property
    def _titles(self) -> Mapping[str, str]:
        return self.titles()
