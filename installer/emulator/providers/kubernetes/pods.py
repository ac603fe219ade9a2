"""Pods of deployments and jobs: the containers that they run, and their manifests."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from installer.emulator.clock import instant
from installer.emulator.ids import derived_guid, derived_hex
from installer.emulator.providers.kubernetes.workloads import Container
from installer.json_access import JsonObject, as_list, as_object, as_text, member, objects_of

if TYPE_CHECKING:
    from installer.emulator.providers.kubernetes.workloads import Ended
    from installer.jsontypes import Json

_REFERENCE: Final = re.compile(r"\$?\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)")


def template_of(manifest: JsonObject) -> JsonObject:
    """The pod template of an object; an empty one if it has none."""
    spec = as_object(manifest.get("spec"))
    if manifest.get("kind") == "CronJob":
        spec = as_object(member(spec, "jobTemplate", "spec"))
    return as_object(spec.get("template"))


def container_of(manifest: JsonObject) -> Container:
    """The first container in the pod template of an object; an empty one if it has none."""
    template = member(manifest, "spec", "template", "spec")
    return container_in(as_object(next(iter(as_list(member(template, "containers"))), {})))


def pod_name(owner: str, uid: str, number: int) -> str:
    """Name of a pod of an object."""
    return f"{owner}-{derived_hex(uid, f'pod{number}', 5)}"


def with_pod_fields(container: Container, owner: JsonObject, uid: str) -> Container:
    """A container with the values of its variables that are fields of its pod, and with the variables in its command.

    kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1 (Container.command): $(NAME) is replaced by the
    variable, $$(NAME) is $(NAME), and what no variable has stays as it is.
    """
    fields = {
        "metadata.name": pod_name(as_text(member(owner, "metadata", "name")), uid, 0),
        "metadata.namespace": namespace_of(owner),
    }
    first = as_object(next(iter(as_list(member(template_of(owner), "spec", "containers"))), {}))
    named = {
        as_text(item.get("name")): as_text(member(item, "valueFrom", "fieldRef", "fieldPath"))
        for item in objects_of(first.get("env"))
    }
    settings = {**container.settings, **{name: fields[path] for name, path in named.items() if path in fields}}

    def expand(found: re.Match[str]) -> str:
        return found[0][1:] if found[0].startswith("$$") else settings.get(found[1], found[0])

    command = tuple(_REFERENCE.sub(expand, part) for part in container.command)
    return replace(container, command=command, settings=settings)


def container_in(first: JsonObject) -> Container:
    """Parses the container of a pod or of a container app, without its secrets."""
    plain: dict[str, str] = {}
    for item in objects_of(first.get("env")):
        name, value = as_text(item.get("name")), item.get("value")
        if isinstance(value, str):
            plain[name] = value
        elif not {"valueFrom", "secretRef"} & item.keys():
            plain[name] = ""  # a variable without a value is empty
    command = [as_text(part) for key in ("command", "args") for part in as_list(first.get(key))]
    return Container(as_text(first.get("image")), tuple(command), plain)


def namespace_of(manifest: JsonObject) -> str:
    """The namespace of an object."""
    return as_text(member(manifest, "metadata", "namespace")) or "default"


def pods_of(owner: JsonObject, problem: str | None, ended: Ended | None) -> list[JsonObject]:
    """The pods of a deployment or of a job.

    Args:
        owner: The object with its state.
        problem: Why its pods do not start, or None.
        ended: Result of a job that has ended.

    """
    name, uid = as_text(member(owner, "metadata", "name")), as_text(member(owner, "metadata", "uid"))
    status = as_object(owner.get("status"))
    is_job = owner.get("kind") == "Job"
    count = 1 if is_job else status.get("replicas")
    well = 0 if problem is not None else 1 if is_job else status.get("readyReplicas")
    phase = "Succeeded" if status.get("succeeded") else "Failed" if status.get("failed") else "Running"
    spec = as_object(member(template_of(owner), "spec"))
    first = as_object(next(iter(as_list(spec.get("containers"))), {}))
    template = as_object(template_of(owner).get("metadata"))
    own: JsonObject = {"job-name": name, "batch.kubernetes.io/job-name": name} if is_job else {}
    reference: JsonObject = {"apiVersion": owner.get("apiVersion"), "kind": owner.get("kind"), "name": name, "uid": uid}
    pods: list[JsonObject] = []
    for number in range(count if isinstance(count, int) else 0):
        ready = isinstance(well, int) and number < well
        container: JsonObject = {
            "name": as_text(first.get("name")),
            "image": as_text(first.get("image")),
            "ready": ready and phase == "Running",
            "restartCount": 0,
            "state": _state(problem, ended, ready=ready, since=member(owner, "metadata", "creationTimestamp")),
        }
        metadata: JsonObject = {
            **template,
            "labels": {**as_object(template.get("labels")), **own},
            "name": pod_name(name, uid, number),
            "namespace": namespace_of(owner),
            "uid": derived_guid(uid, f"pod{number}"),
            "creationTimestamp": member(owner, "metadata", "creationTimestamp"),
            "resourceVersion": member(owner, "metadata", "resourceVersion"),
            "ownerReferences": [reference],
        }
        shown: JsonObject = {
            "phase": phase if ready else "Pending",
            "startTime": member(owner, "metadata", "creationTimestamp"),
            "containerStatuses": [container],
        }
        pods.append({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": shown})
    return pods


def _state(problem: str | None, ended: Ended | None, *, ready: bool, since: Json) -> JsonObject:
    """State of a container: kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle ("Container states")."""
    if problem:
        secret = "secret" in problem.lower() and "image" not in problem
        reason = "CreateContainerConfigError" if secret else "ImagePullBackOff"
        return {"waiting": {"reason": reason, "message": problem}}
    if not ready:
        return {"waiting": {"reason": "ContainerCreating"}}
    if ended is None:
        return {"running": {"startedAt": since}}
    return {
        "terminated": {
            "exitCode": ended.code,
            "reason": "Completed" if ended.code == 0 else "Error",
            "startedAt": instant(ended.started) if ended.started else since,
            "finishedAt": instant(ended.ended) if ended.ended else since,
        }
    }
