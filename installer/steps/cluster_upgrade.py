"""Steps: give the control plane or a node pool of an AKS cluster another version of Kubernetes, and wait for the end.

As `az aks upgrade` does, a step reads the resource and sends it back with the version, without members that are read-only. Sources:
REST API Managed Clusters - Create Or Update (kubernetesVersion) and Agent Pools - Create Or Update (orchestratorVersion).
"""

from dataclasses import dataclass
from typing import ClassVar, Final

from installer.cloud.rest import Service
from installer.engine.step import Context, Outputs
from installer.errors import DeploymentFailed, VerificationFailed
from installer.json_access import as_object, as_text, member
from installer.jsontypes import Json
from installer.resource_id import name_of
from installer.steps.polling import poll
from installer.type_schemas.schemas import shape_of

VERSION: Final = "2026-03-01"
CLUSTERS: Final = "Microsoft.ContainerService/managedClusters"
POOLS: Final = f"{CLUSTERS}/agentPools"
_SENT: Final = ("location", "tags", "sku", "identity", "properties")
_POLL_SECONDS: Final = 30.0
_LIMIT_SECONDS: Final = 6 * 3600.0
"""Nodes are drained one after another, each for half an hour at most."""
_HEARTBEAT_SECONDS: Final = 300.0


@dataclass(frozen=True)
class UpgradeVersion:
    """Upgrades a control plane, or a node pool.

    Attributes:
        arm: Client of Azure Resource Manager.
        resource: ID of the cluster or of the node pool.
        version: The version, as major.minor.patch.
        environment: Name of the environment.
        key: Key of the step.
        needs: Keys of the steps before it.

    """

    arm: Service
    resource: str
    version: str
    environment: str
    key: str
    needs: tuple[str, ...]
    asked: ClassVar[str]
    """Member with the requested version."""
    current: ClassVar[str]
    """Member with the version that it has."""
    type: ClassVar[str]
    seconds: ClassVar[float]

    @property
    def title(self) -> str:
        """Title of the step."""
        return f"{name_of(self.resource)}: Kubernetes {self.version} · {self.environment}"

    @property
    def usual_seconds(self) -> float:
        """Estimated."""
        return self.seconds / self.arm.target.speed

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Done when Azure shows this version or a newer one, and no operation is under way."""
        found = self._read()
        settled = _state(found) == "succeeded"
        return {"version": self._version(found)} if settled and self._has(found) else None

    def apply(self, context: Context) -> Outputs:
        """Ask for the version, unless that was done, and wait. Raises AzureRefused, or DeploymentFailed."""
        context.remember("begun", name=self.version)
        found = self._read()
        under_way = _state(found) not in ("succeeded", "failed", "canceled")
        if not (under_way and as_text(member(found, "properties", self.asked)) == self.version):
            self._send(found)
        name = name_of(self.resource)
        context.emit("resource.started", f"upgrading to {self.version}", resource=name, type=self.type)
        heartbeat = _HEARTBEAT_SECONDS
        for passed in poll(context, interval=_POLL_SECONDS, limit=_LIMIT_SECONDS, speed=self.arm.target.speed):
            found = self._read()
            if _state(found) in ("failed", "canceled"):
                raise DeploymentFailed(
                    f"the upgrade of {name} to {self.version} has {_state(found)}; it has {self._version(found)}. The activity log "
                    "of the resource has the reason; the same command continues"
                )
            if _state(found) == "succeeded" and self._has(found):
                context.emit("resource.finished", f"has {self.version}", resource=name, type=self.type)
                return {"version": self._version(found)}
            if passed >= heartbeat:
                context.emit("heartbeat", f"{name}: {_state(found)}")
                heartbeat = passed + _HEARTBEAT_SECONDS
        raise DeploymentFailed(f"{name} does not have {self.version} after {_LIMIT_SECONDS / 3600:.0f} hours")

    def verify(self, context: Context, outputs: Outputs) -> None:  # noqa: ARG002  the same for every step
        """Read the version again."""
        found = self._read()
        if not self._has(found):
            raise VerificationFailed(f"{name_of(self.resource)} has {self._version(found)}, not {self.version}")

    def _read(self) -> dict[str, Json]:
        doing = f"read {name_of(self.resource)}"
        return self.arm.ask("GET", f"{self.resource}?api-version={VERSION}", doing=doing).body

    def _send(self, found: dict[str, Json]) -> None:
        shape, name = shape_of(self.type, VERSION), name_of(self.resource)
        kept = shape.writable(name, found) if shape is not None else found
        body: dict[str, Json] = {key: kept[key] for key in _SENT if key in kept}
        body["properties"] = {**as_object(body.get("properties")), self.asked: self.version}
        self.arm.ask("PUT", f"{self.resource}?api-version={VERSION}", body, doing=f"upgrade {name} to {self.version}")

    def _version(self, found: dict[str, Json]) -> str:
        return as_text(member(found, "properties", self.current)) or as_text(member(found, "properties", self.asked))

    def _has(self, found: dict[str, Json]) -> bool:
        return numbers(self._version(found)) >= numbers(self.version)


@dataclass(frozen=True)
class UpgradeControlPlane(UpgradeVersion):
    """Upgrades a control plane; its node pools stay as they are."""

    asked: ClassVar[str] = "kubernetesVersion"
    current: ClassVar[str] = "currentKubernetesVersion"
    type: ClassVar[str] = CLUSTERS
    seconds: ClassVar[float] = 600.0


@dataclass(frozen=True)
class UpgradeNodePool(UpgradeVersion):
    """Upgrades a node pool, whose control plane has at least this version."""

    asked: ClassVar[str] = "orchestratorVersion"
    current: ClassVar[str] = "currentOrchestratorVersion"
    type: ClassVar[str] = POOLS
    seconds: ClassVar[float] = 900.0


def numbers(version: str) -> tuple[int, ...]:
    """A version as numbers, to be compared."""
    return tuple(int(one) if one.isdecimal() else 0 for one in version.split("."))


def _state(found: dict[str, Json]) -> str:
    return as_text(member(found, "properties", "provisioningState")).lower()
