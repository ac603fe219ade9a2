"""The API server of a cluster for its own pods, as the real worker for Kubernetes calls it: discovery, objects, logs.

kubernetes.io/docs/reference/using-api/api-concepts. Pods sign in with the token of their service account, and may do what the
roles in the cluster allow. Not answered: what no pod of FlowForge asks (subresources but for logs, updates, field selectors).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.emulator.providers.kubernetes.kinds import KINDS, Kind
from installer.emulator.providers.kubernetes.rbac import Access, forbidden, status
from installer.json_access import JsonObject, as_object, as_text, member
from installer.jsontypes import Json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.emulator.providers.kubernetes.cluster_objects import ClusterObjects
    from installer.emulator.providers.kubernetes.watch_log import WatchLog

_VERSION: Final = "1.36"
_VERBS: Final[list[Json]] = ["create", "delete", "get", "list", "patch", "watch"]
_CODES: Final = {"Forbidden": 403, "BadRequest": 400, "Invalid": 422}


class ApiError(Exception):
    """A refused request: the code and the reason of its status."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.body = status(code, reason, message)
        self.code = code


@dataclass(frozen=True)
class Target:
    """The kind in a path, with its namespace, object and subresource if the path has them."""

    kind: Kind
    namespace: str | None
    name: str = ""
    subresource: str = ""


def discovered(path: str) -> JsonObject | None:
    """The answer to a request for discovery, None if it is none."""
    groups = list(dict.fromkeys(kind.group for kind in KINDS if kind.group))
    if path == "version":
        major, minor = _VERSION.split(".")
        return {"major": major, "minor": minor, "gitVersion": f"v{_VERSION}.0"}
    if path == "api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    if path == "apis":
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(name) for name in groups]}
    if path == "api/v1" or (path.startswith("apis/") and path.count("/") == 2):
        group = "" if path == "api/v1" else path.split("/")[1]
        return {
            "kind": "APIResourceList",
            "groupVersion": f"{group}/v1" if group else "v1",
            "resources": [_resource(kind) for kind in KINDS if kind.group == group],
        }
    return None


def _group(name: str) -> JsonObject:
    version: JsonObject = {"groupVersion": f"{name}/v1", "version": "v1"}
    return {"name": name, "versions": [version], "preferredVersion": version}


def _resource(kind: Kind) -> JsonObject:
    singular, plural = kind.words[:2]
    return {
        "name": plural,
        "singularName": singular,
        "namespaced": kind.namespaced,
        "kind": kind.name,
        "verbs": _VERBS,
        "shortNames": list[Json](kind.words[2:]),
    }


def target_of(path: str) -> Target:
    """Parses a path below the root of the API server. Raises ApiError for an unknown one."""
    first, *parts = path.split("/")
    group = parts.pop(0) if first == "apis" and parts else ""
    version = parts.pop(0) if parts else ""
    namespace = None
    if len(parts) > 2 and parts[0] == "namespaces":
        namespace, parts = parts[1], parts[2:]
    kind = next((one for one in KINDS if one.group == group and parts and one.words[1] == parts[0]), None)
    if kind is None or version != "v1" or len(parts) > 3:
        raise ApiError(404, "NotFound", "the server could not find the requested resource")
    return Target(kind, namespace, *parts[1:])


@dataclass
class ApiServer:
    """Requests of one service account.

    Attributes:
        objects: Objects of the cluster.
        log: Changes of the objects of the kind.
        subject: The service account.

    """

    objects: ClusterObjects
    log: WatchLog
    subject: str

    def check(self, verb: str, target: Target) -> None:
        """Raises ApiError if the service account may not do that."""
        resource = target.kind.words[1] + (f"/{target.subresource}" if target.subresource else "")
        access = Access(self.subject, verb, target.kind.group, resource, target.namespace or "")
        if refusal := forbidden(access, self.objects.every):
            raise ApiError(403, "Forbidden", refusal)

    def listed(self, target: Target, selector: str) -> JsonObject:
        """A list with the revision from which on it can be watched."""
        every = self.log.update(self.objects.every(target.kind.name))
        items: list[Json] = [one for one in every if selected(one, target, selector)]
        version = f"{target.kind.group}/v1" if target.kind.group else "v1"
        kind, revision = f"{target.kind.name}List", str(self.log.revision)
        return {"kind": kind, "apiVersion": version, "metadata": {"resourceVersion": revision}, "items": items}

    def read(self, target: Target) -> JsonObject:
        """One object. Raises ApiError."""
        for one in self.log.update(self.objects.every(target.kind.name)):
            if member(one, "metadata", "name") == target.name and selected(one, target, ""):
                return one
        plural = target.kind.words[1] + (f".{target.kind.group}" if target.kind.group else "")
        raise ApiError(404, "NotFound", f'{plural} "{target.name}" not found')

    def logs(self, target: Target) -> str:
        """Output of a pod, which is that of its owner. Raises ApiError."""
        owner = as_object(next(iter(_owners(self.read(target))), {}))
        kind = next(one for one in KINDS if one.name == owner.get("kind"))
        return self.objects.log(kind, target.namespace or "default", as_text(owner.get("name"))) or ""

    def create(self, target: Target, given: JsonObject) -> JsonObject:
        """Creates an object. Raises ApiError."""
        metadata = as_object(given.get("metadata"))
        # Five characters of an alphabet: staging/src/k8s.io/apiserver/pkg/storage/names/generate.go.
        prefix = as_text(metadata.get("generateName"))
        name = as_text(metadata.get("name")) or f"{prefix[:58]}{secrets.token_hex(3)[:5]}"
        place = target.namespace or "default"
        if not self.objects.exists(place):
            raise ApiError(404, "NotFound", f'namespaces "{place}" not found')
        manifest: JsonObject = {**given, "metadata": {**metadata, "name": name, "namespace": place}}
        refusal = self.objects.admission.refusal(manifest, target.kind.words[1], target.kind.group)
        if refusal is not None:
            raise ApiError(_CODES.get(refusal.reason, 403), refusal.reason, refusal.message)
        if self.objects.get(target.kind, place, name) is not None:
            raise ApiError(409, "AlreadyExists", f'{target.kind.words[1]} "{name}" already exists')
        self.objects.put(manifest, target.kind)
        return self.read(Target(target.kind, place, name))

    def delete(self, target: Target) -> JsonObject:
        """Deletes an object with its pods; returns it. Raises ApiError."""
        found = self.read(target)
        self.objects.remove(target.kind, target.namespace or "default", target.name)
        return found


def selected(one: JsonObject, target: Target, selector: str) -> bool:
    """Whether an object is in the namespace of a request, and has the labels: kubernetes.io/docs/concepts/overview/working-with-objects/labels."""
    labels = as_object(member(one, "metadata", "labels"))
    place = target.namespace
    if place is not None and target.kind.namespaced and member(one, "metadata", "namespace") != place:
        return False
    return all(_matches(labels, part.strip()) for part in selector.split(",") if part.strip())


def _matches(labels: Mapping[str, Json], part: str) -> bool:
    if "!=" in part:
        name, _, value = part.partition("!=")
        return labels.get(name.strip()) != value.strip()
    if "=" in part:
        name, _, value = part.partition("=")
        return labels.get(name.strip()) == value.lstrip("=").strip()
    return part[1:] not in labels if part.startswith("!") else part in labels


def _owners(one: JsonObject) -> list[Json]:
    found = member(one, "metadata", "ownerReferences")
    return found if isinstance(found, list) else []
