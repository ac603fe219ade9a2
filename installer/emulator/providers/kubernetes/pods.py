"""What the pods of a cluster's objects run, and how they look from outside."""

from __future__ import annotations

from installer.emulator.ids import derived_hex
from installer.emulator.providers.kubernetes.workloads import Container
from installer.json_access import JsonObject, as_list, as_object, as_text, member


def container_of(manifest: JsonObject) -> Container:
    """The first container of an object that has pods; an empty one where there is none."""
    template = member(manifest, "spec", "template", "spec")
    return container_in(as_object(next(iter(as_list(member(template, "containers"))), {})))


def container_in(first: JsonObject) -> Container:
    """A container as it is asked for, in a pod or in an app."""
    plain: dict[str, str] = {}
    hidden: list[str] = []
    for item in as_list(first.get("env")):
        name, value = as_text(member(item, "name")), member(item, "value")
        if isinstance(value, str):
            plain[name] = value
        else:
            hidden.append(name)
    command = [as_text(part) for key in ("command", "args") for part in as_list(first.get(key))]
    return Container(as_text(first.get("image")), tuple(command), plain, tuple(hidden))


def place_of(manifest: JsonObject) -> str:
    """The namespace of an object."""
    return as_text(member(manifest, "metadata", "namespace")) or "default"


def pods_of(owner: JsonObject, problem: str | None) -> list[JsonObject]:
    """The pods of a deployment or of a job; `problem` tells why its image cannot be pulled."""
    name, uid = as_text(member(owner, "metadata", "name")), as_text(member(owner, "metadata", "uid"))
    status = as_object(owner.get("status"))
    is_job = owner.get("kind") == "Job"
    count = 1 if is_job else status.get("replicas")
    ready = problem is None and (is_job or bool(status.get("readyReplicas")))
    phase = "Succeeded" if status.get("succeeded") else "Failed" if status.get("failed") else "Running"
    container: JsonObject = {"image": container_of(owner).image, "ready": ready and phase == "Running"}
    if problem:
        container["state"] = {"waiting": {"reason": "ImagePullBackOff", "message": problem}}
    elif not ready:
        container["state"] = {"waiting": {"reason": "ContainerCreating"}}
    pods: list[JsonObject] = []
    for number in range(count if isinstance(count, int) else 0):
        metadata: JsonObject = {
            "name": f"{name}-{derived_hex(uid, f'pod{number}', 5)}",
            "namespace": place_of(owner),
            "creationTimestamp": member(owner, "metadata", "creationTimestamp"),
        }
        shown: JsonObject = {"phase": phase if ready else "Pending", "containerStatuses": [container]}
        spec = member(owner, "spec", "template", "spec")
        pods.append({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": shown})
    return pods
