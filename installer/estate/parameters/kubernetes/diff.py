"""Comparison of cluster objects with their manifests."""

from collections.abc import Iterable

from installer.json_access import as_object
from installer.jsontypes import Json


def missing_of(wanted: Iterable[Json], found: Iterable[Json]) -> list[str]:
    """Names of objects that are missing or different; fields added by the cluster are ignored."""
    present = {_name(one): one for one in found if isinstance(one, dict)}
    return [_name(one) for one in wanted if isinstance(one, dict) and not holds(one, present.get(_name(one)))]


def _name(one: dict[str, Json]) -> str:
    return f"{str(one.get('kind', '')).lower()}/{as_object(one.get('metadata')).get('name', '')}"


def holds(wanted: Json, found: Json) -> bool:
    """Whether `found` matches: objects may have additional members, lists no additional items."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(holds(value, found.get(name)) for name, value in wanted.items())
    if isinstance(wanted, list):
        same = isinstance(found, list) and len(found) == len(wanted)
        return same and isinstance(found, list) and all(map(holds, wanted, found))
    return wanted == found


def at(one: Json, *path: str) -> Json:
    """The member at a path of exact names, or None."""
    for key in path:
        one = one.get(key) if isinstance(one, dict) else None
    return one


def named(one: Json) -> str:
    """Reference for kubectl: kind/name."""
    return f"{str(at(one, 'kind')).lower()}/{at(one, 'metadata', 'name')}"


def place(one: Json) -> str:
    """Its namespace."""
    return str(at(one, "metadata", "namespace"))


def waits(one: Json) -> bool:
    """Whether the object is not ready yet."""
    if at(one, "kind") == "Job":
        return not at(one, "status", "succeeded") and not failed(one)
    if at(one, "kind") == "Deployment":
        available, wanted = at(one, "status", "availableReplicas"), at(one, "spec", "replicas")
        return not isinstance(available, int) or not isinstance(wanted, int) or available < wanted
    return False


def failed(one: Json) -> bool:
    """Whether the object is a failed job."""
    return at(one, "kind") == "Job" and bool(at(one, "status", "failed"))
