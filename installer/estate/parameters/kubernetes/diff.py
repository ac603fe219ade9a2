"""Comparison of cluster objects with their manifests."""

from collections.abc import Iterable, Sequence

from installer.json_access import as_object
from installer.jsontypes import Json


def differing(wanted: Iterable[Json], found: Iterable[Json]) -> list[str]:
    """Names of objects that are missing or different; fields added by the cluster are ignored."""
    present = {_place(one): one for one in found if isinstance(one, dict)}
    return [kubectl_name(one) for one in wanted if isinstance(one, dict) and not matches(one, present.get(_place(one)))]


def existing(wanted: Sequence[dict[str, Json]], found: Iterable[Json]) -> list[dict[str, Json]]:
    """Those of the manifests whose objects exist, in any state."""
    present = {_place(one) for one in found if isinstance(one, dict)}
    return [one for one in wanted if _place(one) in present]


def _place(one: dict[str, Json]) -> tuple[str, str]:
    """Namespace and name; objects of several namespaces may have the same name."""
    return str(as_object(one.get("metadata")).get("namespace", "")), kubectl_name(one)


def matches(wanted: Json, found: Json) -> bool:
    """Whether `found` matches: objects may have additional members, lists no additional items."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(matches(value, found.get(name)) for name, value in wanted.items())
    if isinstance(wanted, list):
        same = isinstance(found, list) and len(found) == len(wanted)
        return same and isinstance(found, list) and all(map(matches, wanted, found))
    return wanted == found


def at_path(one: Json, *path: str) -> Json:
    """The member at a path of exact names, or None."""
    for key in path:
        one = one.get(key) if isinstance(one, dict) else None
    return one


def kubectl_name(one: Json) -> str:
    """Reference for kubectl: kind/name."""
    return f"{str(at_path(one, 'kind')).lower()}/{at_path(one, 'metadata', 'name')}"


def namespace_of(one: Json) -> str:
    """Its namespace."""
    return str(at_path(one, "metadata", "namespace"))


def is_pending(one: Json) -> bool:
    """Whether the object is not ready yet."""
    if at_path(one, "kind") == "Job":
        return not at_path(one, "status", "succeeded") and not has_failed(one)
    if at_path(one, "kind") == "Deployment":
        available, wanted = at_path(one, "status", "availableReplicas"), at_path(one, "spec", "replicas")
        return not isinstance(available, int) or not isinstance(wanted, int) or available < wanted
    return False


def refusal_of_pods(one: Json) -> str:
    """Why the cluster refuses to create the pods of a deployment, "" if it does not."""
    conditions = at_path(one, "status", "conditions")
    for condition in conditions if isinstance(conditions, list) else []:
        if at_path(condition, "type") == "ReplicaFailure" and at_path(condition, "status") == "True":
            return str(at_path(condition, "message") or "no reason given")
    return ""


def has_failed(one: Json) -> bool:
    """Whether the object is a failed job."""
    return at_path(one, "kind") == "Job" and bool(at_path(one, "status", "failed"))
