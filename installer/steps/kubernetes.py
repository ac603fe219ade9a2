"""Step: apply the Kubernetes objects of an environment, and wait until they are healthy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from installer.engine.step import Context, Outputs
from installer.errors import DeploymentFailed, VerificationFailed, WaitingForInput
from installer.estate.parameters.kubernetes.diff import (
    at_path,
    differing,
    existing,
    has_failed,
    is_pending,
    kubectl_name,
    namespace_of,
    refusal_of_pods,
)
from installer.estate.parameters.kubernetes.objects import Manifest
from installer.jsontypes import Json
from installer.steps.cluster import FILE, LOG_LINES, Cluster, items_of, log_tail
from installer.steps.polling import poll

READY_POLL_SECONDS: Final = 10.0
READY_SECONDS: Final = 1800.0
"""Estimated: nodes may have to start, images to be pulled, a database to be created."""
COMMAND_SECONDS: Final = 40.0
"""Estimated: duration of a command, including the start of its pod."""
HEARTBEAT_SECONDS: Final = 30.0
PODS_CHECK_SECONDS: Final = 120.0
"""Estimated: time after which to check why pods do not start."""
IMAGE_PULL_ERRORS: Final = frozenset({"ErrImagePull", "ImagePullBackOff", "InvalidImageName"})


@dataclass(frozen=True)
class ApplyManifests:
    """Applies objects to the cluster of an environment, and waits until they are healthy.

    Attributes:
        make: returns the manifests, given the outputs of earlier steps; jobs among them have to succeed.
        former: returns the manifests of earlier versions, which are deleted once everything else is healthy.
        run_always: they are jobs that reconcile, and have to run in every run.
        local_seconds: seconds that the real processes of a rehearsal take, at any speed; 0 in a real cloud.

    """

    cluster: Cluster
    key: str
    title: str
    make: Callable[[Context], Sequence[Manifest]]
    needs: tuple[str, ...]
    former: Callable[[Context], Sequence[Manifest]] | None = None
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
        wanted, former = self.make(context), self.former(context) if self.former else []
        found = self.cluster.read(context, [*wanted, *former])
        ready = not differing(wanted, found) and not any(is_pending(one) or has_failed(one) for one in found)
        return {} if ready and not existing(former, found) else None

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
            for one in found:
                if reason := refusal_of_pods(one):
                    raise DeploymentFailed(f"the cluster does not create the pods of {kubectl_name(one)}: {reason}")
            pending = [*differing(wanted, found), *(kubectl_name(one) for one in found if is_pending(one))]
            if not pending:
                self._delete_former(context)
                return {}
            if pending != reported or passed >= heartbeat_at:
                context.emit("heartbeat", f"waiting for {', '.join(pending)}")
                reported, heartbeat_at = pending, passed + HEARTBEAT_SECONDS
        raise VerificationFailed(f"not ready after {READY_SECONDS:.0f} s: {', '.join(pending)}")

    def _delete_former(self, context: Context) -> None:
        """Delete objects of earlier versions."""
        former = self.former(context) if self.former else []
        left = existing(former, self.cluster.read(context, former)) if former else []
        if not left:
            return
        result = self.cluster.run(context, f"kubectl delete -f {FILE} --ignore-not-found", left)
        if result.code:
            raise DeploymentFailed(f"the cluster did not remove objects of an earlier version:\n{log_tail(result)}")
        for one in left:
            context.emit("resource.finished", "deleted", resource=kubectl_name(one), type="in the cluster")

    def _check_image_pulls(self, context: Context, namespace: str) -> None:
        """Raises WaitingForInput if pods wait for an image that was not pushed yet.

        Such pods are Pending (kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle). Those of finished jobs carry their programs:
        several of them are more than the 512 KB of output that run command returns.
        """
        pods = f"kubectl get pods -n {namespace} --field-selector=status.phase=Pending -o json"
        result = self.cluster.run(context, pods)
        for pod in items_of(result.log) if result.code == 0 else []:
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
                    raise DeploymentFailed(f"the cluster did not remove {kubectl_name(one)}:\n{log_tail(result)}")

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
