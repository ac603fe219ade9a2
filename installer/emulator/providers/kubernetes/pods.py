"""Pods of deployments and jobs: the containers that they run, and their manifests."""

from __future__ import annotations

from installer.emulator.ids import derived_hex
from installer.emulator.providers.kubernetes.workloads import Container
from installer.json_access import JsonObject, as_list, as_object, as_text, member


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


def container_in(first: JsonObject) -> Container:
    """Parses the container of a pod or of a container app."""
    plain: dict[str, str] = {}
    secret_names: list[str] = []
    for item in as_list(first.get("env")):
        name, value = as_text(member(item, "name")), member(item, "value")
        if isinstance(value, str):
            plain[name] = value
        else:
            secret_names.append(name)
    command = [as_text(part) for key in ("command", "args") for part in as_list(first.get(key))]
    return Container(as_text(first.get("image")), tuple(command), plain, tuple(secret_names))


def namespace_of(manifest: JsonObject) -> str:
    """The namespace of an object."""
    return as_text(member(manifest, "metadata", "namespace")) or "default"


def pods_of(owner: JsonObject, problem: str | None) -> list[JsonObject]:
    """The pods of a deployment or of a job; `problem` is the reason why its image cannot be pulled."""
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
            "namespace": namespace_of(owner),
            "creationTimestamp": member(owner, "metadata", "creationTimestamp"),
        }
        shown: JsonObject = {"phase": phase if ready else "Pending", "containerStatuses": [container]}
        spec = member(owner, "spec", "template", "spec")
        pods.append({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": shown})
    return pods
