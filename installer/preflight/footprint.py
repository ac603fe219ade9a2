"""Footprint of the plan: what it takes of each quota, with the largest size of node pools and the surge of an upgrade. Pure."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.json_access import as_list, as_object, as_text, member, objects_of
from installer.resource_id import parent_id_of, subscription_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from installer.estate.bodies import PlannedBody
    from installer.jsontypes import Json

CLUSTER: Final = "microsoft.containerservice/managedclusters"
POOL: Final = f"{CLUSTER}/agentpools"
SERVER: Final = "microsoft.dbforpostgresql/flexibleservers"
_ADDRESS: Final = "microsoft.network/publicipaddresses"
APP_PLAN: Final = "microsoft.web/serverfarms"
MANIFEST_VERSIONS: Final = ("1.34", "1.35", "1.36")
"""Versions of Kubernetes whose schemas the manifests satisfy (tests/estate)."""
_DEFAULT_SURGE: Final = "10%"
"""Surge of a pool without settings: aks-docs, upgrade-aks-node-pools-rolling."""

COUNTED: Final = {
    "Microsoft.Network": {
        "VirtualNetworks": "microsoft.network/virtualnetworks",
        "NetworkSecurityGroups": "microsoft.network/networksecuritygroups",
        "PublicIPAddresses": "microsoft.network/publicipaddresses",
        "StandardSkuPublicIpAddresses": "microsoft.network/publicipaddresses",
        "RouteTables": "microsoft.network/routetables",
        "PrivateEndpoints": "microsoft.network/privateendpoints",
        "ApplicationGateways": "microsoft.network/applicationgateways",
        "NatGateways": "microsoft.network/natgateways",
        "AzureFirewalls": "microsoft.network/azurefirewalls",
        "BastionHosts": "microsoft.network/bastionhosts",
    },
    "Microsoft.Storage": {"StorageAccounts": "microsoft.storage/storageaccounts"},
    "Microsoft.App": {"ManagedEnvironmentCount": "microsoft.app/managedenvironments"},
}
"""Resource type that each limit counts, by provider and name of the limit in its usage list. Source: the usage lists in the
examples of azure-rest-api-specs; that of Container Apps is in azure-container-apps-docs, quotas.md."""


@dataclass(frozen=True)
class Machines:
    """Virtual machines that a resource needs.

    Attributes:
        owner: ID of the node pool or cluster.
        size: VM size.
        most: Number of nodes when the autoscaler has scaled out.
        surge: Further nodes during an upgrade.
        zones: Availability zones of the nodes.

    """

    owner: str
    size: str
    most: int
    surge: int
    region: str
    subscription: str
    zones: tuple[str, ...] = ()


def machines(bodies: Iterable[PlannedBody]) -> Iterator[Machines]:
    """Node pools of all clusters."""
    every = list(bodies)
    regions = {body.id.lower(): as_text(body.body.get("location")) for body in every}
    for body in every:
        kind, properties = body.type.lower(), as_object(body.body.get("properties"))
        if kind == CLUSTER:
            region = regions[body.id.lower()]
            for pool in objects_of(properties.get("agentPoolProfiles")):
                yield _machines(f"{body.id}/agentPools/{as_text(pool.get('name'))}", pool, region)
        elif kind == POOL:
            yield _machines(body.id, properties, regions.get(parent_id_of(body.id).lower(), ""))


def _machines(owner: str, pool: dict[str, Json], region: str) -> Machines:
    most = max(_whole(pool.get("count")), _whole(pool.get("maxCount")))
    surge = _surge(as_text(member(pool, "upgradeSettings", "maxSurge")) or _DEFAULT_SURGE, most)
    zones = tuple(map(str, as_list(pool.get("availabilityZones"))))
    return Machines(owner, as_text(pool.get("vmSize")), most, surge, region, subscription_of(owner), zones)


def _surge(setting: str, nodes: int) -> int:
    """Number of nodes of a surge setting; percentages are rounded up (aks-docs, upgrade-aks-node-pools-rolling)."""
    if setting.endswith("%"):
        return math.ceil(nodes * int(setting.removesuffix("%")) / 100)
    return int(setting) if setting.isdigit() else 0


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server: its size and version, and the number of machines with its standby."""

    id: str
    size: str
    count: int
    ha: str
    region: str
    subscription: str
    version: str = ""
    geo_backup: bool = False


def servers(bodies: Iterable[PlannedBody]) -> Iterator[Server]:
    """All PostgreSQL servers."""
    for body in bodies:
        if body.type.lower() == SERVER:
            mode = as_text(member(body.body, "properties", "highAvailability", "mode")) or "Disabled"
            size = as_text(member(body.body, "sku", "name"))
            region, version = as_text(body.body.get("location")), as_text(member(body.body, "properties", "version"))
            geo = as_text(member(body.body, "properties", "backup", "geoRedundantBackup")) == "Enabled"
            count = 1 if mode == "Disabled" else 2
            yield Server(body.id, size, count, mode, region, subscription_of(body.id), version, geo)


@dataclass(frozen=True)
class AppPlan:
    """An App Service plan: the name of its SKU, and the number of its instances."""

    id: str
    sku: str
    count: int
    region: str
    subscription: str


def app_plans(bodies: Iterable[PlannedBody]) -> Iterator[AppPlan]:
    """All App Service plans."""
    for body in bodies:
        if body.type.lower() == APP_PLAN:
            sku, count = as_text(member(body.body, "sku", "name")), _whole(member(body.body, "sku", "capacity"))
            yield AppPlan(body.id, sku, max(count, 1), as_text(body.body.get("location")), subscription_of(body.id))


def counted(bodies: Iterable[PlannedBody], existing: set[str]) -> Counter[tuple[str, str, str]]:
    """Number of new resources by subscription, region and type in lower case; `existing`: IDs in lower case.

    A new cluster whose egress leads through a load balancer creates another public IP address (azure-aks-docs,
    aks/egress-outboundtype.md).
    """
    found: Counter[tuple[str, str, str]] = Counter()
    for body in bodies:
        if body.id.lower() not in existing:
            region = as_text(body.body.get("location")).lower()
            found[subscription_of(body.id), region, body.type.lower()] += 1
            if body.type.lower() == CLUSTER and _has_outbound_address(body):
                found[subscription_of(body.id), region, _ADDRESS] += 1
    return found


def _has_outbound_address(cluster: PlannedBody) -> bool:
    outbound = as_text(member(cluster.body, "properties", "networkProfile", "outboundType")).lower()
    return outbound in ("", "loadbalancer")


def _whole(value: Json) -> int:
    return value if isinstance(value, int) else 0
