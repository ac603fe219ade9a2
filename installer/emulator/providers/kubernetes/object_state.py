"""The current state of stored objects: status of deployments, jobs, services and namespaces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.emulator.clock import instant
from installer.emulator.providers.kubernetes.workloads import host
from installer.json_access import JsonObject, as_text, member

if TYPE_CHECKING:
    from installer.emulator.providers.kubernetes.workloads import Ended
    from installer.emulator.providers.provider import ProviderContext
    from installer.emulator.state.resources import Resource

FAILURE: Final = "failure"
"""Key of the reason why the pod of a job has failed."""
_ADDRESS: Final = "service.beta.kubernetes.io/azure-load-balancer-ipv4"


def state_of(context: ProviderContext, item: Resource, *, refused: str, problem: str | None) -> JsonObject:
    """The members of an object that the cluster adds.

    Args:
        context: The cluster.
        item: The object.
        refused: Why admission refuses its pods, or ''.
        problem: Why its pods do not start, or None.

    """
    kind = item.desired.get("kind")
    if kind == "Namespace":
        return {"status": {"phase": "Active"}}
    if kind == "Deployment":
        return {"status": _deployment(item, refused, problem)}
    if kind == "Job":
        return {"status": _job(context, item, refused, problem)}
    if kind == "Service" and member(item.desired, "spec", "type") == "LoadBalancer":
        address = as_text(member(item.desired, "metadata", "annotations", _ADDRESS)) or "10.255.0.10"
        return {"status": {"loadBalancer": {"ingress": [{"ip": address}]}}}
    return {}


def outcome_of(context: ProviderContext, item: Resource) -> Ended | None:
    """The result of a job."""
    return host().outcome(item.id, over=context.now >= item.changed + context.duration_of("jobExecution"))


def expires(context: ProviderContext, item: Resource) -> bool:
    """Whether a finished job is deleted: kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished."""
    lifetime = member(item.desired, "spec", "ttlSecondsAfterFinished")
    if item.desired.get("kind") != "Job" or not isinstance(lifetime, int) or item.computed.get(FAILURE):
        return False
    ended = outcome_of(context, item)
    return ended is not None and ended.ended > 0 and context.now >= ended.ended + lifetime


def _deployment(item: Resource, refused: str, problem: str | None) -> JsonObject:
    wanted = member(item.desired, "spec", "replicas")
    replicas = wanted if isinstance(wanted, int) else 1
    if refused:
        unavailable: JsonObject = {"type": "Available", "status": "False", "reason": "MinimumReplicasUnavailable"}
        failed: JsonObject = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate"}
        return {
            "observedGeneration": 1,
            "unavailableReplicas": replicas,
            "conditions": [unavailable, {**failed, "message": refused}],
        }
    ready = host().ready_replicas(item.id, replicas) if problem is None else 0
    # A quarter of them may be missing, rounded down: kubernetes.io/docs/concepts/workloads/controllers/deployment.
    available = ready >= replicas - replicas // 4
    condition: JsonObject = {"type": "Available", "status": "True" if available else "False"}
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


def _job(context: ProviderContext, item: Resource, refused: str, problem: str | None) -> JsonObject:
    started: JsonObject = {"startTime": instant(item.created)}
    if refused:
        return {}
    if problem:
        return {**started, "active": 1}
    if item.computed.get(FAILURE):
        return {**started, **_failed("exit code 1")}
    ended = outcome_of(context, item)
    if ended is None:
        return {**started, "active": 1}
    over: JsonObject = {**started, "completionTime": instant(ended.ended)} if ended.ended else {**started}
    if ended.code == 0 and not ended.late:
        return {**over, "succeeded": 1, "conditions": [{"type": "Complete", "status": "True"}]}
    if ended.late:
        text = "Job was active longer than specified deadline"
        late: JsonObject = {"type": "Failed", "status": "True", "reason": "DeadlineExceeded", "message": text}
        return {**over, "failed": ended.attempts, "conditions": [late]}
    return {**over, **_failed(f"exit code {ended.code}", ended.attempts)}


def _failed(cause: str, attempts: int = 1) -> JsonObject:
    text = f"Job has reached the specified backoff limit: {cause}"
    failed: JsonObject = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": text}
    return {"failed": attempts, "conditions": [failed]}
