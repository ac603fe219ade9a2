"""Parts of manifests: metadata, pods with managed identities, secrets from the key vault."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias

from installer.conventions.naming.environment import NamespacePart
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.images import ImageKind, deployed_image
from installer.estate.parameters.principals import Workload, principals_of
from installer.estate.parameters.secret_marks import mark_of
from installer.estate.parameters.stage_spec import Outputs
from installer.jsontypes import Json

Manifest: TypeAlias = dict[str, Json]
IDENTITY_LABEL: Final = "azure.workload.identity/use"
_KEPT_AT: Final = "/mnt/kept"
KEPT_MOUNT: Final[dict[str, Json]] = {"name": "kept", "mountPath": _KEPT_AT, "readOnly": True}
TMP_VOLUME: Final[dict[str, Json]] = {"name": "tmp", "emptyDir": {}}
TMP_MOUNT: Final[dict[str, Json]] = {"name": "tmp", "mountPath": "/tmp"}  # noqa: S108  in its container
"""The only folder of a container that is writable."""
_USER: Final = 1001
"""User ID, the same as in the Prefect Helm charts."""
HOME: Final[Mapping[str, str]] = {"HOME": "/tmp", "PREFECT_HOME": "/tmp/prefect"}  # noqa: S108  in its container
"""Folders writable for that user."""
POD_SECURITY: Final[dict[str, Json]] = {
    "runAsNonRoot": True,
    "runAsUser": _USER,
    "seccompProfile": {"type": "RuntimeDefault"},
}
"""Security context of every pod. With that of its container it meets the Pod Security Standard `restricted`."""
CONTAINER_SECURITY: Final[dict[str, Json]] = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
}
"""Security context of every container."""


@dataclass(frozen=True)
class Home:
    """A namespace of an environment in its cluster, with the input of its manifests."""

    it: Installation
    site: Site
    outputs: Outputs
    part: NamespacePart = "services"

    @property
    def namespace(self) -> str:
        """Name of the namespace."""
        return self.it.names.namespace(self.site.name, self.part)

    def to(self, part: NamespacePart) -> "Home":
        """Another namespace of the environment."""
        return replace(self, part=part)

    def client_id(self, workload: Workload) -> str:
        """Client ID of the managed identity of a workload."""
        return principals_of(self.outputs, self.site.name)[workload].client_id

    def deployed_image(self, kind: ImageKind) -> str:
        """Image reference of Prefect or of the web app."""
        return self.image(deployed_image(self.it, kind, self.outputs, self.site.name))

    def image(self, image: str) -> str:
        """Image reference with the login server."""
        return f"{self.it.names.registry_host}/{image}"

    def manifest(self, version: str, kind: str, name: str, **more: Json) -> Manifest:
        """An object in the namespace."""
        metadata: Json = {"name": name, "namespace": self.namespace, "labels": labels(name)}
        return {"apiVersion": version, "kind": kind, "metadata": metadata, **more}

    def copy_name(self, name: str, secrets: Iterable[str]) -> str:
        """Name of the Kubernetes secret with copies of secrets of the key vault.

        It differs for each version of them: the driver makes a copy that is missing with the current values, but one that
        exists gets them some minutes later (MicrosoftDocs/azure-aks-docs, articles/aks/csi-secrets-store-configuration-options.md,
        "Manage autorotation"), and pods that refer to it do not start again.
        """
        mark = mark_of(self.outputs, self.site.name, secrets)
        return f"{name}-{mark}" if mark else name

    def account(self, name: str, workload: Workload) -> Manifest:
        """A service account in the namespace that acts as a managed identity."""
        manifest = self.manifest("v1", "ServiceAccount", name)
        metadata = manifest["metadata"]
        assert isinstance(metadata, dict)  # noqa: S101  created above
        metadata["annotations"] = {"azure.workload.identity/client-id": self.client_id(workload)}
        return manifest


def labels(name: str) -> dict[str, Json]:
    """Labels of an object."""
    return {
        "app.kubernetes.io/name": name,
        "app.kubernetes.io/part-of": "flowforge",
        "app.kubernetes.io/managed-by": "flowforge-installer",
    }


@dataclass(frozen=True)
class Program:
    """The single container of a pod.

    Attributes:
        settings: Environment variables.
        from_pod: Path of a field of the pod by environment variable (kubernetes.io/docs/concepts/workloads/pods/downward-api).
        kept: Secret name in the key vault by environment variable.
        files: Names of secrets in the key vault that become files.
        copy: Name of the Kubernetes secret with those that become environment variables, if that is not its own.
        size: CPU and memory requests, in canonical form; memory is limited to the request.
        most_cores: CPU limit, in canonical form.
        calls_cluster: Whether it calls the API server and gets a token for it.
        port: Port of the probes, or None.
        scheme: Protocol of the probes.
        health: Path that answers while the process lives.
        ready: Path that answers while it can serve, if that is another one.

    """

    name: str
    account: str
    image: str
    command: Sequence[Json]
    settings: Mapping[str, Json]
    kept: Mapping[str, str]
    size: tuple[str, str]
    most_cores: str = "1"
    calls_cluster: bool = False
    files: Sequence[str] = ()
    copy: str = ""
    port: int | None = None
    scheme: Literal["HTTP", "HTTPS"] = "HTTP"
    health: str = ""
    ready: str = ""
    args: Sequence[Json] = ()
    from_pod: Mapping[str, str] = field(default_factory=dict)


def pod(program: Program, *, restart: str = "Always", spread: bool = False) -> dict[str, Json]:
    """Pod template: one unprivileged container with the managed identity of its service account.

    Args:
        program: The container.
        restart: Restart policy.
        spread: Whether replicas are placed in different zones and on different nodes, where that is possible.

    """
    environment: list[Json] = [{"name": name, "value": value} for name, value in {**HOME, **program.settings}.items()]
    fields: list[Json] = [
        {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}} for name, path in program.from_pod.items()
    ]
    container: dict[str, Json] = {
        "name": program.name,
        "image": program.image,
        "command": list(program.command),
        **({"args": list(program.args)} if program.args else {}),
        "env": [*environment, *fields, *(_from_secret(program, name, kept) for name, kept in program.kept.items())],
        "resources": {
            "requests": {"cpu": program.size[0], "memory": program.size[1]},
            "limits": {"cpu": program.most_cores, "memory": program.size[1]},
        },
        "securityContext": CONTAINER_SECURITY,
    }
    volumes: list[Json] = [TMP_VOLUME]
    mounts: list[Json] = [TMP_MOUNT]
    if program.port is not None:
        container["ports"] = [{"containerPort": program.port}]
        container |= _probes(program)
    if program.kept or program.files:
        volumes.append(kept_volume(program.name))
        mounts.append(KEPT_MOUNT)
    container["volumeMounts"] = mounts
    spec: dict[str, Json] = {
        "serviceAccountName": program.account,
        "automountServiceAccountToken": program.calls_cluster,
        "restartPolicy": restart,
        "securityContext": POD_SECURITY,
        "containers": [container],
        "volumes": volumes,
        **({"topologySpreadConstraints": _spread(program)} if spread else {}),
    }
    return {"metadata": {"labels": {**labels(program.name), IDENTITY_LABEL: "true"}}, "spec": spec}


def _probes(program: Program) -> dict[str, Json]:
    """Probes: five minutes to start, one to be restarted when it hangs; without its database it only gets no calls."""

    def probe(path: str, failures: int) -> Json:
        request: Json = {"path": path, "port": program.port, "scheme": program.scheme}
        return {"httpGet": request, "periodSeconds": 10, "timeoutSeconds": 5, "failureThreshold": failures}

    return {
        "startupProbe": probe(program.health, 30),
        "livenessProbe": probe(program.health, 6),
        "readinessProbe": probe(program.ready or program.health, 3),
    }


def _spread(program: Program) -> list[Json]:
    selector: Json = {"matchLabels": {"app.kubernetes.io/name": program.name}}
    return [
        {"maxSkew": 1, "topologyKey": key, "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": selector}
        for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
    ]


def kept_volume(name: str) -> dict[str, Json]:
    """Volume with the secrets of a SecretProviderClass."""
    driver: Json = {
        "driver": "secrets-store.csi.k8s.io",
        "readOnly": True,
        "volumeAttributes": {"secretProviderClass": name},
    }
    return {"name": "kept", "csi": driver}


def file_of(secret: str) -> str:
    """Path of the file of a secret in a pod."""
    return f"{_KEPT_AT}/{secret}"


def _from_secret(program: Program, name: str, kept: str) -> Json:
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": program.copy or program.name, "key": kept}}}


def listed(manifests: Sequence[Manifest]) -> str:
    """All manifests as one JSON List."""
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(manifests)}, separators=(",", ":"))
