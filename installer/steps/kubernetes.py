"""Steps: apply and check the Kubernetes objects of an environment, through Azure Resource Manager."""

import json
import shlex
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final

from installer.cloud.clusters import ClusterCommands, CommandResult
from installer.cloud.errors import AzureRefused
from installer.engine.step import Context, Outputs
from installer.errors import DeploymentFailed, VerificationFailed, WaitingForInput
from installer.estate import keys
from installer.estate.parameters.kubernetes.diff import (
    at_path,
    differing,
    has_failed,
    is_pending,
    kubectl_name,
    namespace_of,
)
from installer.estate.parameters.kubernetes.objects import Manifest, listed
from installer.jsontypes import Json
from installer.steps.polling import poll

FILE: Final = "flowforge.json"
LOCKED: Final = "ScopeLocked"
ROLE_POLL_SECONDS: Final = 20.0
ROLE_WAIT_SECONDS: Final = 900.0
"""Documented: a cluster role can take five minutes and more to take effect."""
READY_POLL_SECONDS: Final = 10.0
READY_SECONDS: Final = 1800.0
"""Estimated: nodes may have to start, images to be pulled, a database to be created."""
COMMAND_SECONDS: Final = 40.0
"""Estimated: duration of a command, including the start of its pod."""
HEARTBEAT_SECONDS: Final = 30.0
PODS_CHECK_SECONDS: Final = 120.0
"""Estimated: time after which to check why pods do not start."""
IMAGE_PULL_ERRORS: Final = frozenset({"ErrImagePull", "ImagePullBackOff", "InvalidImageName"})
LOG_LINES: Final = 8


@dataclass
class Cluster:
    """The cluster of one environment, shared by the steps of a run; runs one command at a time."""

    commands: ClusterCommands
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def speed(self) -> float:
        """Speed of the target: simulated seconds per real second, 1 in a real cloud."""
        return self.commands.arm.target.speed

    def run(self, context: Context, command: str, manifests: Sequence[Manifest] = ()) -> CommandResult:
        """Run a command, with the manifests in a file beside it.

        If the account has no rights in the cluster, it is granted a role, and the command is retried until that works.
        """
        files = {FILE: listed(manifests)} if manifests else {}
        with self._lock:
            result = self.commands.run(command, files, context.pause)
            if not result.forbidden:
                return result
            context.emit(
                "warning", "this account is granted the cluster administrator role for the duration of the run"
            )
            self.commands.assign_role()
            for _ in poll(context, interval=ROLE_POLL_SECONDS, limit=ROLE_WAIT_SECONDS, speed=self.speed):
                result = self.commands.run(command, files, context.pause)
                if not result.forbidden:
                    return result
        raise DeploymentFailed(
            f"this account has no rights in the cluster; the role it was granted has not taken effect:\n{_log_tail(result)}"
        )

    def read(self, context: Context, manifests: Sequence[Manifest]) -> list[Json]:
        """The objects that exist, in their current state."""
        result = self.run(context, f"kubectl get -f {FILE} -o json --ignore-not-found", manifests)
        if result.code:
            raise DeploymentFailed(f"the cluster could not be queried:\n{_log_tail(result)}")
        return _items(result.log)

    def apply(self, context: Context, manifests: Sequence[Manifest]) -> None:
        """Apply the manifests."""
        result = self.run(context, f"kubectl apply -f {FILE}", manifests)
        if result.code:
            raise DeploymentFailed(f"the cluster rejected the manifests:\n{_log_tail(result)}")
        for line in result.log.splitlines():
            name, _, what = line.rpartition(" ")
            if name and what in {"created", "configured"}:
                context.emit("resource.finished", what, resource=name, type="in the cluster")


@dataclass(frozen=True)
class ApplyManifests:
    """Applies objects to the cluster of an environment, and waits until they are healthy.

    Attributes:
        make: returns the manifests, given the outputs of earlier steps; jobs among them have to succeed.
        run_always: they are jobs that reconcile, and have to run in every run.
        local_seconds: seconds that the real processes of a rehearsal take, at any speed; 0 in a real cloud.

    """

    cluster: Cluster
    key: str
    title: str
    make: Callable[[Context], Sequence[Manifest]]
    needs: tuple[str, ...]
    run_always: bool = False
    local_seconds: float = 0.0
    repeat_each_attempt: ClassVar[bool] = True

    @property
    def usual_seconds(self) -> float:
        """Three commands: check, apply, check again."""
        return 3 * COMMAND_SECONDS / self.cluster.speed + self.local_seconds

    def check(self, context: Context) -> Outputs | None:
        """Done when every object matches its manifest and is healthy."""
        if self.run_always:
            return None
        wanted = self.make(context)
        found = self.cluster.read(context, wanted)
        ready = not differing(wanted, found) and not any(is_pending(one) or has_failed(one) for one in found)
        return {} if ready else None

    def apply(self, context: Context) -> Outputs:
        """Apply, and wait until all is healthy. Raises DeploymentFailed with the last log lines of a failed job."""
        wanted = self.make(context)
        context.remember("begun", name=self.key)
        self._delete_finished_jobs(context, wanted)
        self.cluster.apply(context, wanted)
        reported: list[str] = []
        pending: list[str] = []
        pods_at, heartbeat_at = PODS_CHECK_SECONDS, HEARTBEAT_SECONDS
        for passed in poll(
            context, interval=READY_POLL_SECONDS, limit=READY_SECONDS, speed=self.cluster.speed, real_time=True
        ):
            if passed >= pods_at:
                self._check_image_pulls(context, namespace_of(wanted[-1]))
                pods_at += PODS_CHECK_SECONDS
            found = self.cluster.read(context, wanted)
            if broken := [one for one in found if has_failed(one)]:
                raise DeploymentFailed(self._failure_text(context, broken[0]))
            pending = [*differing(wanted, found), *(kubectl_name(one) for one in found if is_pending(one))]
            if not pending:
                return {}
            if pending != reported or passed >= heartbeat_at:
                context.emit("heartbeat", f"waiting for {', '.join(pending)}")
                reported, heartbeat_at = pending, passed + HEARTBEAT_SECONDS
        raise VerificationFailed(f"not ready after {READY_SECONDS:.0f} s: {', '.join(pending)}")

    def _check_image_pulls(self, context: Context, namespace: str) -> None:
        """Raises WaitingForInput if pods wait for an image that was not pushed yet."""
        result = self.cluster.run(context, f"kubectl get pods -n {namespace} -o json")
        for pod in _items(result.log) if result.code == 0 else []:
            statuses = at_path(pod, "status", "containerStatuses")
            for status in statuses if isinstance(statuses, list) else []:
                if at_path(status, "state", "waiting", "reason") in IMAGE_PULL_ERRORS:
                    raise WaitingForInput(
                        f"the nodes cannot pull the image {at_path(status, 'image')}: "
                        f"{at_path(status, 'state', 'waiting', 'message') or 'no reason given'}. Push it, then resume"
                    )

    def _delete_finished_jobs(self, context: Context, wanted: Sequence[Manifest]) -> None:
        """Delete finished jobs, which have to be deleted before they can run again."""
        if not any(one["kind"] == "Job" for one in wanted):
            return
        for one in self.cluster.read(context, wanted):
            if has_failed(one) or (self.run_always and at_path(one, "kind") == "Job" and not is_pending(one)):
                result = self.cluster.run(
                    context, f"kubectl delete {kubectl_name(one)} -n {namespace_of(one)} --ignore-not-found"
                )
                if result.code:
                    raise DeploymentFailed(f"the cluster did not remove {kubectl_name(one)}:\n{_log_tail(result)}")

    def log(self, context: Context) -> str:
        """Log of the job among the objects."""
        job = next((one for one in self.make(context) if one["kind"] == "Job"), None)
        return self._log(context, job) if job else ""

    def _log(self, context: Context, job: Json) -> str:
        return self.cluster.run(context, f"kubectl logs {kubectl_name(job)} -n {namespace_of(job)}").log

    def _failure_text(self, context: Context, job: Json) -> str:
        lines = self._log(context, job).strip().splitlines()[-LOG_LINES:]
        return "\n".join([f"{kubectl_name(job)} failed; its last log lines:", *lines])

    def verify(self, context: Context, outputs: Outputs) -> None:
        """`apply` has already read everything back."""


@dataclass(frozen=True)
class RemoveClusterRole:
    """Removes the cluster role that this account was granted for the run."""

    cluster: Cluster
    environment: str
    needs: tuple[str, ...]
    closes: ClassVar[bool] = True

    @property
    def key(self) -> str:
        """One for each environment."""
        return keys.remove_cluster_role(self.environment)

    @property
    def title(self) -> str:
        """Title of the step."""
        return f"Temporary cluster role removed · {self.environment}"

    @property
    def usual_seconds(self) -> float:
        """One request."""
        return 2.0 / self.cluster.speed

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Done when the role assignment does not exist."""
        return None if self.cluster.commands.has_role() else {}

    def apply(self, context: Context) -> Outputs:
        """Remove the role assignment; warn if a lock prevents that."""
        context.remember("begun", name=self.key)
        try:
            self.cluster.commands.remove_role()
        except AzureRefused as refused:
            if refused.code != LOCKED:
                raise
            words = shlex.join(
                ("az", "role", "assignment", "delete", "--ids", self.cluster.commands.role_assignment_id)
            )
            context.emit(
                "warning",
                "a lock prevents the removal of the cluster role that this account was granted",
                left=f"Cluster role in {self.environment}: a lock prevents its removal; once the lock is gone, run {words}",
            )
        return {}

    def verify(self, context: Context, outputs: Outputs) -> None:
        """Azure's response, or the warning, is proof enough."""


def _items(log: str) -> list[Json]:
    """Objects in the output of kubectl."""
    if not log.strip():
        return []
    try:
        found = json.loads(log)
    except ValueError:
        raise DeploymentFailed(f"the cluster returned invalid JSON:\n{log[:500]}") from None
    items = found.get("items") if isinstance(found, dict) and found.get("kind") == "List" else [found]
    return items if isinstance(items, list) else []


def service_address(cluster: Cluster, context: Context, namespace: str, name: str) -> str:
    """IP address of a service in the network of the cluster, "" while it has none."""
    result = cluster.run(context, f"kubectl get service {name} -n {namespace} -o json")
    (service,) = _items(result.log) if result.code == 0 else [None]
    got = at_path(service, "status", "loadBalancer", "ingress")
    first = got[0] if isinstance(got, list) and got else None
    return str(at_path(first, "ip") or "")


def _log_tail(result: CommandResult) -> str:
    return "\n".join(result.log.strip().splitlines()[-LOG_LINES:])
