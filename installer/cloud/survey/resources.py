"""Existing resources: resource groups, virtual networks, DNS zones, locks, and those named in the answers."""

from collections.abc import Iterator, Mapping
from typing import Final

from installer.cloud.survey.reader import Reader, kept
from installer.json_access import as_object, objects_of
from installer.jsontypes import Json
from installer.resource_id import GROUP_TYPE

_AUTHORIZATION: Final = "providers/Microsoft.Authorization"
_NETWORKS: Final = (
    ("Microsoft.Network/virtualNetworks", "2025-05-01"),
    ("Microsoft.Network/privateDnsZones", "2024-06-01"),
    ("Microsoft.Network/privateEndpoints", "2025-05-01"),
    ("Microsoft.Network/networkSecurityGroups", "2025-05-01"),
    ("Microsoft.Network/routeTables", "2025-05-01"),
)
_CHILDREN: Final = ("subnets", "virtualNetworkPeerings")
_READ_ONLY: Final = ("provisioningState", "resourceGuid")


def resources(it: Reader, subscription: str) -> Iterator[dict[str, Json]]:
    """The subscription, its groups, networks, DNS zones with links, endpoints, locks, and resources named in the answers."""
    it.progress(f"reading resources of subscription {subscription}")
    prefix = f"/subscriptions/{subscription}"
    if body := it.one(f"{prefix}?api-version=2022-12-01", "the subscription"):
        yield kept(body)
    groups = it.every(f"{prefix}/resourcegroups?api-version=2025-04-01", "resource groups", GROUP_TYPE)
    yield from map(kept, groups)
    for kind, version in _NETWORKS:
        for one in it.every(f"{prefix}/providers/{kind}?api-version={version}", kind, kind):
            yield from _flattened(one)
            yield from _links(it, one)
    for one in it.every(f"{prefix}/resources?api-version=2021-04-01", "resources"):
        if str(one.get("id", "")).lower() in it.wanted.there and not _is_network(one):
            yield kept(one)
    path = f"{prefix}/{_AUTHORIZATION}/locks?api-version=2020-05-01"
    yield from map(kept, it.every(path, "locks", "Microsoft.Authorization/locks"))


def _links(it: Reader, one: Mapping[str, Json]) -> Iterator[dict[str, Json]]:
    """Virtual network links of a DNS zone; none of a network."""
    kind, version = _NETWORKS[1]
    if str(one.get("type", "")).lower() == kind.lower():
        path = f"{one.get('id')}/virtualNetworkLinks?api-version={version}"
        yield from map(kept, it.every(path, f"links of {one.get('name')}", f"{kind}/virtualNetworkLinks"))


def _flattened(one: Mapping[str, Json]) -> Iterator[dict[str, Json]]:
    """A virtual network, its subnets and its peerings, each as a separate resource."""
    facts = dict(as_object(one.get("properties")))
    inner = [item for name in _CHILDREN for item in objects_of(facts.pop(name, None))]
    yield {**kept(one), "properties": {name: item for name, item in facts.items() if name not in _READ_ONLY}}
    for item in inner:
        if item.get("id"):
            yield kept(item)


def _is_network(one: Mapping[str, Json]) -> bool:
    return str(one.get("type", "")).lower() in {kind.lower() for kind, _ in _NETWORKS}
