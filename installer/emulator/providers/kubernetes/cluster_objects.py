"""Objects of a Kubernetes cluster: stored beside its resource, shown with their current state."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from installer.emulator.clock import instant
from installer.emulator.ids import derived_guid
from installer.emulator.providers.image_pulls import pull_problem
from installer.emulator.providers.kubernetes.admission import Admission
from installer.emulator.providers.kubernetes.kinds import ACCOUNT, CILIUM, KINDS, NAMESPACE, Kind
from installer.emulator.providers.kubernetes.object_state import FAILURE, expires, outcome_of, state_of
from installer.emulator.providers.kubernetes.pod_containers import container_for
from installer.emulator.providers.kubernetes.pod_secrets import CLASS, PodSecrets, UnavailableSecretError, secrets_of
from installer.emulator.providers.kubernetes.pods import container_of, namespace_of, pods_of, template_of
from installer.emulator.providers.kubernetes.workload_identity import account_of, refused_token
from installer.emulator.providers.kubernetes.workloads import ServiceAccount, host
from installer.emulator.state.resources import Resource
from installer.json_access import JsonObject, as_object, as_text, member

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.emulator.providers.provider import ProviderContext

OBJECT_TYPE: Final = "kubernetes/objects"
CLUSTER_TYPE: Final = "Microsoft.ContainerService/managedClusters"
_BUILT_IN: Final = ("default", "kube-node-lease", "kube-public", "kube-system")


@dataclass
class ClusterObjects:
    """The objects of one cluster."""

    context: ProviderContext
    _read: list[Resource] | None = field(default=None, init=False)
    """Stored objects while a list of them is made: each one is judged by several others, at every tick of a watch."""

    def _id(self, kind: Kind, namespace: str, name: str) -> str:
        place = namespace if kind.namespaced else "-"
        return f"{self._prefix}/{place}/{kind.words[0]}/{name}"

    @property
    def _prefix(self) -> str:
        return f"/kubernetes/{self.context.id.strip('/').lower()}"

    def has(self, kind: Kind) -> bool:
        """Whether the cluster has a kind: the data plane decides about some."""
        return kind.group != CILIUM or member(self.context.properties, "networkProfile", "networkDataplane") == "cilium"

    def exists(self, namespace: str) -> bool:
        """Whether a namespace exists."""
        return namespace in _BUILT_IN or self.context.resources.get(self._id(NAMESPACE, "", namespace)) is not None

    def get(self, kind: Kind, namespace: str, name: str) -> JsonObject | None:
        """One object with its state, or None; pods are derived from their owners."""
        if kind.name == "Pod":
            return next((one for one in self.listed(kind, namespace) if member(one, "metadata", "name") == name), None)
        found = self.context.resources.get(self._id(kind, namespace, name))
        return self._shown(found) if found else None

    def listed(self, kind: Kind, namespace: str | None) -> list[JsonObject]:
        """The objects of a kind in a namespace, or in all of them when it is None."""
        with self._one_read():
            if kind.name == "Pod":
                owners = [one for name in ("Deployment", "Job") for one in self._items(name, namespace)]
                return [pod for one in owners if not self._refused(one.desired) for pod in self._pods(one)]
            return self._all(kind.name, namespace)

    @contextmanager
    def _one_read(self) -> Iterator[None]:
        if self._read is not None:
            yield
            return
        self._read = self._stored()
        try:
            yield
        finally:
            self._read = None

    def _stored(self) -> list[Resource]:
        return self.context.resources.under(self._prefix)

    def every(self, kind: str) -> list[JsonObject]:
        """The objects of a kind in all namespaces."""
        return self.listed(next(one for one in KINDS if one.name == kind), None)

    def _all(self, kind: str, namespace: str | None) -> list[JsonObject]:
        return [self._shown(item) for item in self._items(kind, namespace)]

    def _items(self, kind: str, namespace: str | None) -> list[Resource]:
        stored = self._stored() if self._read is None else self._read
        found = [item for item in stored if item.desired.get("kind") == kind]
        selected = [one for one in found if namespace in {None, namespace_of(one.desired)} or kind == "Namespace"]
        for item in [item for item in selected if expires(self.context, item)]:
            selected.remove(item)
            self._remove(item.id)
        return selected

    def _pods(self, item: Resource) -> list[JsonObject]:
        ended = outcome_of(self.context, item) if item.desired.get("kind") == "Job" else None
        return pods_of(self._shown(item), self._problem(item.desired), ended)

    def put(self, manifest: JsonObject, kind: Kind) -> str:
        """Stores a manifest; returns kubectl's word for the change: created, configured or unchanged."""
        name = as_text(member(manifest, "metadata", "name"))
        where = self._id(kind, namespace_of(manifest), name)
        before = self.context.resources.get(where)
        if before is not None and before.desired == manifest:
            return "unchanged"
        resource = Resource(
            id=where,
            type=OBJECT_TYPE,
            name=name,
            api_version=as_text(manifest.get("apiVersion")),
            state="Succeeded",
            created=before.created if before else self.context.now,
            changed=self.context.now,
            desired=manifest,
            computed=self._start_of(manifest),
        )
        self.context.resources.save(resource)
        self.start(resource)
        return "configured" if before else "created"

    def remove(self, kind: Kind, namespace: str, name: str) -> bool:
        """Removes an object; returns whether it existed."""
        where = self._id(kind, namespace, name)
        if self.context.resources.get(where) is None:
            return False
        self._remove(where)
        if kind.name == "Namespace":
            self.remove_all(namespace=name)
        return True

    def remove_all(self, namespace: str = "") -> None:
        """Removes all objects of the cluster, or of one namespace."""
        place = self._prefix + (f"/{namespace}" if namespace else "")
        for item in self.context.resources.under(place):
            host().end(item.id)
        self.context.resources.remove(place)

    def _remove(self, where: str) -> None:
        self.context.resources.remove(where)
        host().end(where)

    @property
    def admission(self) -> Admission:
        """The admission of new objects."""
        return Admission(lambda kind: self._all(kind, None))

    def _start_of(self, manifest: JsonObject) -> JsonObject:
        """State that the start of a job decides: whether its pod gets a token."""
        account = self._account(manifest) if manifest.get("kind") == "Job" else None
        failure = refused_token(self.context.resources, account) if account else ""
        return {FAILURE: failure} if failure else {}

    def _account(self, manifest: JsonObject) -> ServiceAccount | None:
        name = as_text(member(template_of(manifest), "spec", "serviceAccountName"))
        account = self.get(ACCOUNT, namespace_of(manifest), name)
        return account_of(self.context, manifest, account) if account else None

    def _refused(self, manifest: JsonObject) -> str:
        return self.admission.refusal_of_pods(manifest)

    def start_deployments(self) -> None:
        """Start the containers of all deployments."""
        for item in self._items("Deployment", None):
            self.start(item)

    def start(self, item: Resource) -> None:
        """Start the container of an object, unless its pods do not start; what was started before stays."""
        manifest = item.desired
        if manifest.get("kind") not in {"Deployment", "Job"} or self._refused(manifest) or item.computed.get(FAILURE):
            return
        problem = self._problem(manifest)
        item.computed = {**item.computed, _WAITING: True} if problem else {}
        self.context.resources.save(item)
        if problem:
            return
        account, secrets = self._account(manifest), self._secrets(manifest)
        uid = derived_guid(item.id, "uid")
        container = container_for(self.context.id, manifest, uid, account=account, secrets=secrets)
        if manifest.get("kind") == "Deployment":
            host().keep(item.id, container)
        else:
            host().run(item.id, container)

    def _secrets(self, manifest: JsonObject) -> PodSecrets:
        return secrets_of(self.context, manifest, [one.desired for one in self._items(CLASS, namespace_of(manifest))])

    def _problem(self, manifest: JsonObject) -> str | None:
        """The reason why a pod does not start: the nodes cannot pull its image, or its secrets are missing; or None."""
        if manifest.get("kind") not in {"Deployment", "Job"}:
            return None
        identity = as_text(
            member(self.context.resource.computed, "properties", "identityProfile", "kubeletidentity", "resourceId")
        )
        image = container_of(manifest).image
        if identity and image and (problem := pull_problem(self.context, image, identity)):
            return problem.message
        try:
            self._secrets(manifest)
        except UnavailableSecretError as unavailable:
            return str(unavailable)
        return None

    def _shown(self, item: Resource) -> JsonObject:
        manifest = item.desired
        metadata: JsonObject = {
            **as_object(manifest.get("metadata")),
            "creationTimestamp": instant(item.created),
            "uid": derived_guid(item.id, "uid"),
            "resourceVersion": str(int(item.changed * 1000) % 10**9),
        }
        if item.computed.get(_WAITING):
            self.start(item)
        refused = self._refused(manifest) if manifest.get("kind") in {"Deployment", "Job"} else ""
        problem = self._problem(manifest)
        return {
            **manifest,
            "metadata": metadata,
            **state_of(self.context, item, refused=refused, problem=problem),
        }

    def log(self, kind: Kind, namespace: str, name: str) -> str | None:
        """The output of a deployment or job, or None if it does not exist."""
        where = self._id(kind, namespace, name)
        found = self.context.resources.get(where)
        if found is None:
            return None
        return as_text(found.computed.get(FAILURE)) or host().log(where)


_WAITING: Final = "waiting"
"""Key of objects whose pods do not start yet."""
