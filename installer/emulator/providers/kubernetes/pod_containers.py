"""Containers of objects with a pod template, with what their cluster gives to them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from installer.emulator.ids import derived_hex
from installer.emulator.providers.kubernetes.pods import container_of, namespace_of, template_of, with_pod_fields
from installer.emulator.providers.kubernetes.workload_identity import subject_of
from installer.emulator.providers.kubernetes.workloads import ClusterAccess
from installer.json_access import JsonObject, as_text, member, objects_of

if TYPE_CHECKING:
    from installer.emulator.providers.kubernetes.pod_secrets import PodSecrets
    from installer.emulator.providers.kubernetes.workloads import Container, ServiceAccount
    from installer.jsontypes import Json

API_PATH: Final = "/kubernetes"
"""Path of the API servers of all clusters."""
_MAX_RETRIES: Final = 6
"""The default of a job: kubernetes.io/docs/concepts/workloads/controllers/job."""


def api_path(cluster: str) -> str:
    """Path of the API server of a cluster with this resource ID."""
    return f"{API_PATH}/{derived_hex(cluster.lower(), 'api', 16)}"


def container_for(
    cluster: str, owner: JsonObject, uid: str, *, account: ServiceAccount | None, secrets: PodSecrets
) -> Container:
    """The container of a deployment or of a job.

    Args:
        cluster: Resource ID of the cluster.
        owner: The object.
        uid: Its UID.
        account: Its service account, if that acts as a managed identity.
        secrets: Its secrets.

    """
    spec, name = owner.get("spec"), as_text(member(owner, "metadata", "name"))
    # A pod gets the token unless it refuses it: kubernetes.io/docs/tasks/configure-pod-container/configure-service-account.
    has_token = member(template_of(owner), "spec", "automountServiceAccountToken") is not False
    is_job = owner.get("kind") == "Job"
    containers = objects_of(member(template_of(owner), "spec", "containers"))
    ports = objects_of(containers[0].get("ports")) if containers else []
    return replace(
        with_pod_fields(container_of(owner), owner, uid),
        secrets=secrets.variables,
        files=secrets.files,
        account=account,
        access=ClusterAccess(api_path(cluster), subject_of(owner)) if has_token else None,
        names=() if is_job else (f"{name}.{namespace_of(owner)}.svc",),
        port=0 if is_job or not ports else _number(ports[0].get("containerPort"), 0) or 0,
        replicas=1 if is_job else _number(member(spec, "replicas"), 1) or 0,
        retries=(_number(member(spec, "backoffLimit"), _MAX_RETRIES) or 0) if is_job else 0,
        deadline=_number(member(spec, "activeDeadlineSeconds"), None),
        revision=derived_hex(repr(template_of(owner)), "revision", 10),
    )


def _number(value: Json, default: int | None) -> int | None:
    return value if isinstance(value, int) else default
