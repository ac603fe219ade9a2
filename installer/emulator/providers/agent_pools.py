"""Agent pools of AKS clusters: what the service requires of their size and of their numbers of nodes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from installer.emulator.errors import ArmError
from installer.emulator.providers.quotas import sizes
from installer.emulator.state.resources import Resource
from installer.json_access import as_object, as_text, member, objects_of

if TYPE_CHECKING:
    from installer.json_access import JsonObject
    from installer.resource_id import ResourceId

_POOLS: Final = "microsoft.containerservice/managedclusters/agentpools"
_FEWEST_CORES: Final = 2
_LEAST_MEMORY: Final = 4
"""In GB. The service accepts two cores (github.com/MicrosoftDocs/azure-dev-docs/issues/216, azure-docs/issues/121181);
four, and a second node, are what learn.microsoft.com, aks/use-system-pools asks for and nothing enforces."""
_MOST_NODES: Final = 1000


def check_pool(name: str, pool: JsonObject) -> None:
    """Refuses an agent pool as AKS does (ArmError)."""
    if _is_system(pool):
        _check_size(name, as_text(pool.get("vmSize")))
    lowest = 1 if _is_system(pool) else 0
    least, most = _number(pool.get("minCount")), _number(pool.get("maxCount"))
    # github.com/kubernetes-sigs/cluster-api-provider-azure/issues/5947
    _check_number("count", _number(pool.get("count")), lowest, _MOST_NODES)
    if pool.get("enableAutoScaling") is True:
        # github.com/Azure/azure-cli/pull/22442, github.com/Azure/AKS/issues/2670; the details are like those of count
        _check_number("minCount", least, lowest, _MOST_NODES if most is None else most)


def inline_pool(parsed: ResourceId, cluster: Resource) -> Resource | None:
    """An agent pool that a request of its cluster has created: it is a resource like the others."""
    if parsed.type.lower() != _POOLS:
        return None
    for item in objects_of(member(cluster.desired, "properties", "agentPoolProfiles")):
        if as_text(item.get("name")).lower() == parsed.names[-1].lower():
            version, moments = cluster.api_version, (cluster.created, cluster.changed)
            known = as_object(cluster.internal.get(as_text(item.get("name"))))
            properties: JsonObject = {name: value for name, value in {**item, **known}.items() if name != "name"}
            pool = Resource(parsed.id, parsed.type, parsed.names[-1], version, cluster.state, *moments)
            return replace(pool, desired={"properties": properties})
    return None


def _is_system(pool: JsonObject) -> bool:
    return as_text(pool.get("mode")).lower() == "system"


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _check_size(name: str, size: str) -> None:
    known = sizes().get(size.lower())
    if known is not None and (known.cores < _FEWEST_CORES or known.memory < _LEAST_MEMORY):
        raise ArmError(
            400,
            "SystemPoolSkuTooLow",
            f"System node pool must use VM sku with more than 2 cores and 4GB memory. Nodepool name: {name}.",
            cause="service",
        )


def _check_number(member: str, value: int | None, lowest: int, highest: int) -> None:
    if value is None or lowest <= value <= highest:
        return
    raise ArmError(
        400,
        "InvalidParameter",
        f"The value of parameter agentPoolProfile.{member} is invalid. Error details: agentPoolProfile.{member} was "
        f"{value}. It must be greater or equal to minCount:{lowest} and less than or equal to maxCount:{highest}. If "
        "allowedMinCount was expected to be 0 but is 1: 1) The nodepool is a VMAS pool. 2) api Version is less than "
        "2020-03-01. 3) The node is a system pool. Please see https://aka.ms/aks-naming-rules for more details.",
        target=f"agentPoolProfile.{member}",
        cause="service",
    )
