"""Meters of the planned resources, from their bodies. Pure.

The names of meters were not compared with the real list from here: the files beside this one name the two sources that they were
compared with, both of which read the list. A name that the list does not have leads to no figure, never to a wrong one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from installer.cost import compute_meters, network_meters, storage_meters
from installer.cost.model import Usage
from installer.estate.bodies import planned_bodies
from installer.json_access import as_text, member

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from installer.answers.model import Answers
    from installer.cost.model import Meter
    from installer.estate.bodies import PlannedBody

ENVIRONMENT_TAG: Final = "flowforge-environment"
_METERS: Final[Mapping[str, Callable[[PlannedBody], Iterator[Meter]]]] = {
    "microsoft.containerservice/managedclusters": compute_meters.cluster,
    "microsoft.containerservice/managedclusters/agentpools": compute_meters.agent_pool,
    "microsoft.dbforpostgresql/flexibleservers": compute_meters.database,
    "microsoft.web/serverfarms": compute_meters.plan,
    "microsoft.app/containerapps": compute_meters.container_app,
    "microsoft.cache/redisenterprise": compute_meters.cache,
    "microsoft.network/applicationgateways": network_meters.gateway,
    "microsoft.cdn/profiles": network_meters.front_door,
    "microsoft.network/natgateways": network_meters.nat_gateway,
    "microsoft.network/privateendpoints": network_meters.private_endpoint,
    "microsoft.network/publicipaddresses": network_meters.public_address,
    "microsoft.network/privatednszones": network_meters.private_zone,
    "microsoft.network/dnsresolvers/inboundendpoints": network_meters.resolver_endpoint,
    "microsoft.storage/storageaccounts": storage_meters.storage,
    "microsoft.containerregistry/registries": storage_meters.registry,
    "microsoft.operationalinsights/workspaces": storage_meters.logs,
}
_FREE: Final = frozenset(
    {
        "microsoft.authorization",
        "microsoft.consumption",
        "microsoft.resources",
        "microsoft.managedidentity",
        "microsoft.network/virtualnetworks",
        "microsoft.network/networksecuritygroups",
        "microsoft.network/routetables",
        "microsoft.network/dnsresolvers",
        "microsoft.web/sites",
        "microsoft.app/managedenvironments",
    }
)
"""Providers and types without meters. Sources: azure-cost-calculator, networking/virtual-network.md ("VNets,
subnets, route tables, and NSGs are free"), networking/dns-private-resolver.md (the endpoints are billed), compute/app-service.md
("cost is per-plan, not per-app"), compute/container-apps.md (the plan Consumption bills the apps). Assumed: the first four."""
_BY_USE: Final = {
    "microsoft.keyvault/vaults": "billed by operations",
    "microsoft.insights/components": "billed as logs of its workspace",
}
"""Reason for no figure by type. Sources: azure-cost-calculator, security/key-vault.md, monitoring/log-analytics.md."""
_CLUSTER: Final = "microsoft.containerservice/managedclusters"
_DISKS: Final = ("Microsoft.Compute/disks of nodes", "none are billed where the size has room for an ephemeral OS disk")
"""AKS creates them in its own resource group. Source: learn.microsoft.com/azure/aks/concepts-storage (ephemeral OS disk, the
default where the size and the size of the disk allow it)."""
_UNKNOWN: Final = "no meter is known for it here"


def usages(answers: Answers) -> Iterator[Usage]:
    """The meters of every planned resource."""
    bodies = {body.id.lower(): body for body in planned_bodies(answers)}
    for planned in bodies.values():
        body = _with_parent(planned, bodies)
        for meter in _METERS.get(body.type.lower(), _none)(body):
            tag = as_text(member(body.body, "tags", ENVIRONMENT_TAG))
            yield Usage(body.name, body.type.rpartition("/")[2], tag, meter)
        if body.type.lower() == _CLUSTER and _has_load_balancer(answers, body):
            tag = as_text(member(body.body, "tags", ENVIRONMENT_TAG))
            yield Usage(body.name, "loadBalancers", tag, network_meters.load_balancer())


def _has_load_balancer(answers: Answers, cluster: PlannedBody) -> bool:
    """Whether a cluster gets a load balancer: for Prefect's server (estate/parameters/kubernetes/prefect.py), or for its egress."""
    outbound = as_text(member(cluster.body, "properties", "networkProfile", "outboundType"))
    return answers.platform.prefect == "server" or outbound == "loadBalancer"


def unpriced(answers: Answers) -> tuple[tuple[str, str], ...]:
    """Types of planned top-level resources that have no figure here, with the reason."""
    types = {body.type for body in planned_bodies(answers) if body.type.count("/") == 1}
    found = [(kind, _BY_USE.get(kind.lower(), _UNKNOWN)) for kind in sorted(types) if not _is_covered(kind.lower())]
    return (*found, *([_DISKS] if any(kind.lower() == _CLUSTER for kind in types) else []))


def _is_covered(kind: str) -> bool:
    return kind in _METERS or kind in _FREE or kind.partition("/")[0] in _FREE


def _with_parent(body: PlannedBody, bodies: Mapping[str, PlannedBody]) -> PlannedBody:
    """A child resource with the region and the tags of its parent."""
    parent = bodies.get(body.id.lower().rsplit("/", 2)[0]) if body.type.count("/") > 1 else None
    if parent is None:
        return body
    return replace(body, body={**{name: parent.body.get(name) for name in ("location", "tags")}, **body.body})


def _none(_body: PlannedBody) -> Iterator[Meter]:
    yield from ()
