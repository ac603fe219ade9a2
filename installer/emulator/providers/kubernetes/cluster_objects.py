"""Objects of a Kubernetes cluster: stored beside its resource, shown with their current state."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from installer.emulator.clock import instant
from installer.emulator.ids import derived_guid
from installer.emulator.providers.image_pulls import pull_problem
from installer.emulator.providers.kubernetes.admission import Admission
from installer.emulator.providers.kubernetes.kinds import ACCOUNT, CILIUM, NAMESPACE, Kind
from installer.emulator.providers.kubernetes.pods import container_of, namespace_of, pods_of, template_of
from installer.emulator.providers.kubernetes.workload_identity import account_of, refused_token
from installer.emulator.providers.kubernetes.workloads import Container, ServiceAccount, host
from installer.emulator.state.resources import Resource
from installer.json_access import JsonObject, as_object, as_text, member

if TYPE_CHECKING:
    from installer.emulator.providers.provider import ProviderContext

OBJECT_TYPE: Final = "kubernetes/objects"
_BUILT_IN: Final = ("default", "kube-node-lease", "kube-public", "kube-system")


def cluster_of(object_id: str) -> str:
    """Resource ID of the cluster of an object."""
    return "/" + object_id.removeprefix("/kubernetes/").rsplit("/", 3)[0]


@dataclass
class ClusterObjects:
    """The objects of one cluster."""

    context: ProviderContext

    def _id(self, kind: Kind, namespace: str, name: str) -> str:
        place = namespace if kind.namespaced else "-"
        return f"/kubernetes/{self.context.id.strip('/').lower()}/{place}/{kind.words[0]}/{name}"

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
        if kind.name == "Pod":
            owners = [one for name in ("Deployment", "Job") for one in self._all(name, namespace)]
            return [pod for one in owners if not self._refused(one) for pod in pods_of(one, self._problem(one))]
        return self._all(kind.name, namespace)

    def _all(self, kind: str, namespace: str | None) -> list[JsonObject]:
        prefix = f"/kubernetes/{self.context.id.strip('/').lower()}"
        found = [item for item in self.context.resources.under(prefix) if item.desired.get("kind") == kind]
        selected = [one for one in found if namespace in {None, namespace_of(one.desired)} or kind == "Namespace"]
        return [self._shown(item) for item in selected]

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
        self._start_workload(manifest, where)
        return "configured" if before else "created"

    def remove(self, kind: Kind, namespace: str, name: str) -> bool:
        """Removes an object; returns whether it existed."""
        where = self._id(kind, namespace, name)
        if self.context.resources.get(where) is None:
            return False
        self.context.resources.remove(where)
        host().end(where)
        if kind.name == "Namespace":
            self.remove_all(namespace=name)
        return True

    def remove_all(self, namespace: str = "") -> None:
        """Removes all objects of the cluster, or of one namespace."""
        place = f"/kubernetes/{self.context.id.strip('/').lower()}" + (f"/{namespace}" if namespace else "")
        for item in self.context.resources.under(place):
            host().end(item.id)
        self.context.resources.remove(place)

    @property
    def admission(self) -> Admission:
        """The admission of new objects."""
        return Admission(lambda kind: self._all(kind, None))

    def _start_of(self, manifest: JsonObject) -> JsonObject:
        """State that the start of a job decides: whether its pod gets a token."""
        account = self._account(manifest) if manifest.get("kind") == "Job" else None
        failure = refused_token(self.context.resources, account) if account else ""
        return {_FAILURE: failure} if failure else {}

    def _account(self, manifest: JsonObject) -> ServiceAccount | None:
        name = as_text(member(template_of(manifest), "spec", "serviceAccountName"))
        account = self.get(ACCOUNT, namespace_of(manifest), name)
        return account_of(self.context, manifest, account) if account else None

    def container(self, manifest: JsonObject) -> Container:
        """The container of the pods of an object, with the service account that they act as."""
        return replace(container_of(manifest), account=self._account(manifest))

    def _refused(self, manifest: JsonObject) -> str:
        return self.admission.refusal_of_pods(manifest)

    def _start_workload(self, manifest: JsonObject, where: str) -> None:
        kind = manifest.get("kind")
        if kind in {"Deployment", "Job"} and (self._problem(manifest) or self._refused(manifest)):
            return
        if kind == "Deployment":
            host().keep(where, self.container(manifest))
        elif kind == "Job" and not self._start_of(manifest):
            host().run(where, self.container(manifest))

    def _problem(self, manifest: JsonObject) -> str | None:
        """The reason why the nodes cannot pull the image of a pod, or None."""
        identity = as_text(
            member(self.context.resource.computed, "properties", "identityProfile", "kubeletidentity", "resourceId")
        )
        image = container_of(manifest).image
        problem = pull_problem(self.context, image, identity) if identity and image else None
        return problem.message if problem else None

    def _shown(self, item: Resource) -> JsonObject:
        manifest = item.desired
        metadata: JsonObject = {
            **as_object(manifest.get("metadata")),
            "creationTimestamp": instant(item.created),
            "uid": derived_guid(item.id, "uid"),
            "resourceVersion": str(int(item.changed * 1000) % 10**9),
        }
        return {**manifest, "metadata": metadata, **self._state(item)}

    def _state(self, item: Resource) -> JsonObject:
        manifest, kind = item.desired, item.desired.get("kind")
        if kind == "Namespace":
            return {"status": {"phase": "Active"}}
        if kind == "Deployment":
            return {"status": self._deployment(item, self._problem(manifest))}
        if kind == "Job":
            return {"status": self._job(item)}
        if kind == "Service" and member(manifest, "spec", "type") == "LoadBalancer":
            address = as_text(member(manifest, "metadata", "annotations", _ADDRESS)) or "10.255.0.10"
            return {"status": {"loadBalancer": {"ingress": [{"ip": address}]}}}
        return {}

    def _deployment(self, item: Resource, problem: str | None) -> JsonObject:
        wanted = member(item.desired, "spec", "replicas")
        replicas = wanted if isinstance(wanted, int) else 1
        if refused := self._refused(item.desired):
            unavailable: JsonObject = {"type": "Available", "status": "False", "reason": "MinimumReplicasUnavailable"}
            failed: JsonObject = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate"}
            return {
                "observedGeneration": 1,
                "unavailableReplicas": replicas,
                "conditions": [unavailable, {**failed, "message": refused}],
            }
        ready = replicas if problem is None and host().ready(item.id) else 0
        condition: JsonObject = {"type": "Available", "status": "True" if ready else "False"}
        if problem:
            condition |= {"reason": "MinimumReplicasUnavailable", "message": problem}
        return {
            "observedGeneration": 1,
            "replicas": replicas,
            "updatedReplicas": replicas,
            "readyReplicas": ready,
            "availableReplicas": ready,
            "conditions": [condition],
        }

    def _job(self, item: Resource) -> JsonObject:
        if self._refused(item.desired):
            return {}
        if self._problem(item.desired):
            return {"active": 1}
        if item.computed.get(_FAILURE):
            return _failed("exit code 1")
        ended = host().outcome(
            item.id, over=self.context.now >= item.changed + self.context.duration_of("jobExecution")
        )
        if ended is None:
            return {"active": 1}
        if ended.code == 0:
            return {"succeeded": 1, "conditions": [{"type": "Complete", "status": "True"}]}
        return _failed(f"exit code {ended.code}")

    def log(self, kind: Kind, namespace: str, name: str) -> str | None:
        """The output of a deployment or job, or None if it does not exist."""
        where = self._id(kind, namespace, name)
        found = self.context.resources.get(where)
        if found is None:
            return None
        return as_text(found.computed.get(_FAILURE)) or host().log(where)


def _failed(cause: str) -> JsonObject:
    text = f"Job has reached the specified backoff limit: {cause}"
    failed: JsonObject = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": text}
    return {"failed": 1, "conditions": [failed]}


_FAILURE: Final = "failure"
"""Key of the reason why the pod of a job has failed."""
_ADDRESS: Final = "service.beta.kubernetes.io/azure-load-balancer-ipv4"
