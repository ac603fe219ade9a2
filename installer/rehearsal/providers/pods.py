"""What the pods of a cluster's objects run, and how they look from outside."""

from __future__ import annotations

from installer.rehearsal.ids import derived_hex
from installer.rehearsal.providers.workloads import Container
from installer.rehearsal.shapes import JsonObject, as_list, as_object, as_text, member


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


def pods_of(owner: JsonObject) -> list[JsonObject]:
    """The pods of a deployment or of a job."""
    name, uid = as_text(member(owner, "metadata", "name")), as_text(member(owner, "metadata", "uid"))
    status = as_object(owner.get("status"))
    is_job = owner.get("kind") == "Job"
    count = 1 if is_job else status.get("replicas")
    phase = "Succeeded" if status.get("succeeded") else "Failed" if status.get("failed") else "Running"
    reason = as_text(member(next(iter(as_list(status.get("conditions"))), {}), "reason"))
    ready = bool(status.get("readyReplicas")) or (is_job and phase == "Running")
    pods: list[JsonObject] = []
    for number in range(count if isinstance(count, int) else 0):
        tail = derived_hex(uid, f"pod{number}", 5)
        waiting = not ready and phase == "Running"
        metadata: JsonObject = {
            "name": f"{name}-{tail}",
            "namespace": place_of(owner),
            "creationTimestamp": member(owner, "metadata", "creationTimestamp"),
        }
        shown: JsonObject = {"phase": "Pending" if waiting else phase}
        pods.append(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": metadata,
                "spec": member(owner, "spec", "template", "spec"),
                "status": {**shown, "reason": reason} if waiting and reason else shown,
            }
        )
    return pods
