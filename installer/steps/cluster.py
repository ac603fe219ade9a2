"""The Kubernetes cluster of an environment: kubectl through Azure Resource Manager, with a role for the duration of the run."""

import shlex
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final

from installer.cloud.clusters import ClusterCommands, CommandResult
from installer.cloud.errors import LOCKED, AzureRefused
from installer.engine.rights import held_rights, note_rights
from installer.engine.step import Context, Outputs
from installer.errors import DeploymentFailed
from installer.estate import keys
from installer.estate.parameters.kubernetes.diff import at_path
from installer.estate.parameters.kubernetes.objects import Manifest, listed
from installer.json_access import parsed
from installer.jsontypes import Json
from installer.steps.polling import poll

FILE: Final = "flowforge.json"
ROLE_POLL_SECONDS: Final = 20.0
ROLE_WAIT_SECONDS: Final = 900.0
"""Documented: a cluster role can take five minutes and more to take effect."""
LOG_LINES: Final = 8
_WARNING: Final = "Warning: "
"""Prefix of the warnings of the API server in the output of kubectl."""


@dataclass
class Cluster:
    """The cluster of one environment, shared by the steps of a run; runs one command at a time."""

    commands: ClusterCommands
    environment: str
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
            removal = self.role_removal
            context.emit(
                "warning",
                "this account is granted the cluster administrator role for the duration of the run; if the run is killed, "
                f"this removes it: {removal}",
                granted=removal,
            )
            note_rights(context, keys.remove_cluster_role(self.environment), removal)
            self.commands.assign_role()
            for _ in poll(context, interval=ROLE_POLL_SECONDS, limit=ROLE_WAIT_SECONDS, speed=self.speed):
                result = self.commands.run(command, files, context.pause)
                if not result.forbidden:
                    return result
        raise DeploymentFailed(
            f"this account has no rights in the cluster; the role it was granted has not taken effect:\n{log_tail(result)}"
        )

    @property
    def role_removal(self) -> str:
        """The command that removes the role without the installer."""
        return shlex.join(("az", "role", "assignment", "delete", "--ids", self.commands.role_assignment_id))

    def read(self, context: Context, manifests: Sequence[Manifest]) -> list[Json]:
        """The objects that exist, in their current state."""
        result = self.run(context, f"kubectl get -f {FILE} -o json --ignore-not-found", manifests)
        if result.code:
            raise DeploymentFailed(f"the cluster could not be queried:\n{log_tail(result)}")
        return items_of(result.log)

    def apply(self, context: Context, manifests: Sequence[Manifest]) -> None:
        """Apply the manifests."""
        result = self.run(context, f"kubectl apply -f {FILE}", manifests)
        if result.code:
            raise DeploymentFailed(f"the cluster rejected the manifests:\n{log_tail(result)}")
        for line in result.log.splitlines():
            if line.startswith(_WARNING):
                context.emit("warning", f"the cluster warns: {line.removeprefix(_WARNING)}")
            name, _, what = line.rpartition(" ")
            if name and what in {"created", "configured"}:
                context.emit("resource.finished", what, resource=name, type="in the cluster")


@dataclass(frozen=True)
class RemoveClusterRole:
    """Removes the cluster role that this account was granted for the run, also when the run is stopped."""

    cluster: Cluster
    environment: str
    needs: tuple[str, ...]
    closes: ClassVar[bool] = True

    @property
    def rights(self) -> str:
        """The role."""
        return f"the temporary role of a cluster administrator in {self.environment}"

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

    def check(self, context: Context) -> Outputs | None:
        """Done when the role assignment does not exist; one that this run has not made is of a command that was killed."""
        if not self.cluster.commands.has_role():
            return {}
        if held_rights(self, context.memory) is None:
            context.emit("warning", f"this account still has {self.rights} from an earlier command: it is removed now")
        return None

    def apply(self, context: Context) -> Outputs:
        """Remove the role assignment; warn if a lock prevents that."""
        context.remember("begun", name=self.cluster.role_removal)
        try:
            self.cluster.commands.remove_role()
        except AzureRefused as refused:
            words = self.cluster.role_removal
            if refused.code != LOCKED:
                first = str(refused).splitlines()[0]
                text = f"the cluster role that this account was granted was not removed: {first}"
                context.emit("warning", text, left=f"Cluster role in {self.environment}: {words} removes it")
                raise
            context.emit(
                "warning",
                "a lock prevents the removal of the cluster role that this account was granted",
                left=f"Cluster role in {self.environment}: a lock prevents its removal; once the lock is gone, run {words}",
            )
        return {}

    def verify(self, context: Context, outputs: Outputs) -> None:
        """Azure's response, or the warning, is proof enough."""


def items_of(log: str) -> list[Json]:
    """Objects in the output of kubectl."""
    if not log.strip():
        return []
    try:
        found = parsed(log)
    except ValueError:
        raise DeploymentFailed(f"the cluster returned invalid JSON:\n{log[:500]}") from None
    items = found.get("items") if isinstance(found, dict) and found.get("kind") == "List" else [found]
    return items if isinstance(items, list) else []


def service_address(cluster: Cluster, context: Context, namespace: str, name: str) -> str:
    """IP address of a service in the network of the cluster, "" while it has none."""
    result = cluster.run(context, f"kubectl get service {name} -n {namespace} -o json")
    (service,) = items_of(result.log) if result.code == 0 else [None]
    got = at_path(service, "status", "loadBalancer", "ingress")
    first = got[0] if isinstance(got, list) and got else None
    return str(at_path(first, "ip") or "")


def log_tail(result: CommandResult) -> str:
    """Last lines of the output of a command."""
    return "\n".join(result.log.strip().splitlines()[-LOG_LINES:])
