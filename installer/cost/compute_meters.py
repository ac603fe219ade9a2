"""Meters of what computes: node pools, clusters, databases, plans, container apps, caches. Pure.

Sources of the names, file by file: github.com/ahmadabdalla/azure-cost-calculator, references/services, which reads them from
the list (compute/aks.md, compute/app-service.md, compute/container-apps.md, databases/database-for-postgresql.md,
databases/redis-cache.md). Second source, which prices with the same list: github.com/infracost/infracost,
internal/resources/azure (kubernetes_cluster.go, app_service_plan.go, container_app.go, postgresql_flexible_server.go,
managed_redis.go); it has the meter of a burstable server also with the word vCore. Where several rows name one size, the
price of the row "N vCore" is that of the size. Virtual machines: learn.microsoft.com/rest/api/cost-management/retail-prices,
its examples. The meter of the management of a cluster is not listed for every region; without it there is no figure.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from installer.conventions.counts import counted
from installer.conventions.sizing import cores
from installer.cost.bodies import GRANT, number, region
from installer.cost.model import HOURS, Meter
from installer.json_access import as_object, as_text, member, objects_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.estate.bodies import PlannedBody
    from installer.jsontypes import Json

_SECONDS: Final = HOURS * 3600
_POSTGRES: Final = "Azure Database for PostgreSQL"
_DATABASE_STORAGE: Final = (
    "Azure Database for PostgreSQL Flex Server Storage",
    "Az DB for PostgreSQL Flexible Server Storage",
)
"""The product was renamed; some clouds still have the old name. Source: github.com/infracost/infracost/pull/3620."""
_TIERS: Final = {"GeneralPurpose": "General Purpose", "MemoryOptimized": "Memory Optimized"}
_UPTIME: Final = {"Standard": "Standard Uptime SLA", "Premium": "Standard Long Term Support"}
"""Meter of the management of a cluster by its tier; both have the SKU Standard, and the tier Free has none."""


def nodes(pool: Mapping[str, Json], where: str) -> Meter:
    """The virtual machines of a node pool."""
    count, largest = number(pool.get("count"), 1.0), number(pool.get("maxCount"))
    more = f"; autoscaling up to {largest:g} is not counted" if largest > count else ""
    size = as_text(pool.get("vmSize"))
    return Meter(
        "Virtual Machines", where, count * HOURS, "hour", f"{counted(count, 'node')} all month{more}", arm_sku=size
    )


def agent_pool(body: PlannedBody) -> Iterator[Meter]:
    """A node pool that is a child resource of its cluster."""
    yield nodes(as_object(body.body.get("properties")), region(body))


def cluster(body: PlannedBody) -> Iterator[Meter]:
    """Management of a cluster, and its first node pools."""
    service, tier = "Azure Kubernetes Service", as_text(member(body.body, "sku", "tier"))
    if tier in _UPTIME:
        assumption = "one cluster all month"
        yield Meter(service, region(body), HOURS, "hour", assumption, (service,), "Standard", _UPTIME[tier])
    for pool in objects_of(member(body.body, "properties", "agentPoolProfiles")):
        yield nodes(pool, region(body))


def database(body: PlannedBody) -> Iterator[Meter]:
    """Servers and storage of PostgreSQL; a standby server costs as much as the first one."""
    copies = 1 if as_text(member(body.body, "properties", "highAvailability", "mode")) in ("", "Disabled") else 2
    yield _servers(body, copies)
    gigabytes = number(member(body.body, "properties", "storage", "storageSizeGB"))
    assumption = (
        f"{gigabytes:g} GB for {'each of 2 servers' if copies > 1 else '1 server'}; no backup beyond the free amount"
    )
    yield Meter(
        _POSTGRES,
        region(body),
        copies * gigabytes,
        "GB month",
        assumption,
        _DATABASE_STORAGE,
        meter="Storage Data Stored",
    )


def _servers(body: PlannedBody, copies: int) -> Meter:
    """The size: of burstable servers as a whole, of others by size in old series and by core in newer ones."""
    name, tier = as_text(member(body.body, "sku", "name")), as_text(member(body.body, "sku", "tier"))
    where, size = region(body), name.removeprefix("Standard_")
    told = f"{counted(copies, 'server')} all month"
    if tier == "Burstable":
        product = (f"{_POSTGRES} Flexible Server Burstable BS Series Compute",)
        other = Meter(_POSTGRES, where, copies * HOURS, "hour", told, product, size, f"{size} vCore")
        return replace(other, meter=size, otherwise=other)
    series = re.sub(r"\d+(?=[a-z])", "", size.partition("_")[0], count=1) + size.partition("_")[2]
    product = (f"{_POSTGRES} Flexible Server {_TIERS[tier]} {series} Series Compute",)
    count = cores(name)
    by_core, each = copies * HOURS * count, f"{told}, {counted(count, 'core')} each"
    plain = Meter(_POSTGRES, where, by_core, "hour", each, product, "1 vCore", "1 vCore")
    single = Meter(_POSTGRES, where, by_core, "hour", each, product, "vCore", "vCore", otherwise=plain)
    return Meter(_POSTGRES, where, copies * HOURS, "hour", told, product, f"{count} vCore", "vCore", otherwise=single)


def plan(body: PlannedBody) -> Iterator[Meter]:
    """Instances of an App Service plan."""
    name, count = as_text(member(body.body, "sku", "name")), number(member(body.body, "sku", "capacity"), 1.0)
    found = re.fullmatch(r"P\d+m?(v\d)", name)
    product = (f"Azure App Service Premium {found[1]} Plan - Linux",) if found else ()
    told, service = f"{counted(count, 'instance')} all month", "Azure App Service"
    bare = Meter(service, region(body), count * HOURS, "hour", told, product, name, name)
    yield Meter(service, region(body), count * HOURS, "hour", told, product, name, f"{name} App", otherwise=bare)


def container_app(body: PlannedBody) -> Iterator[Meter]:
    """Replicas of a container app that always run."""
    if as_text(member(body.body, "properties", "workloadProfileName")) not in ("", "Consumption"):
        return  # billed by the nodes of its profile
    template = as_object(member(body.body, "properties", "template"))
    least = number(member(template, "scale", "minReplicas"))
    containers = objects_of(template.get("containers"))
    processors = sum(number(member(one, "resources", "cpu")) for one in containers)
    memory = sum(number(as_text(member(one, "resources", "memory")).removesuffix("Gi")) for one in containers)
    told = f"{counted(least, 'replica')}, active all month; {GRANT}"
    service, where = "Azure Container Apps", region(body)
    yield Meter(
        service,
        where,
        least * processors * _SECONDS,
        "second",
        told,
        (service,),
        "Standard",
        "Standard vCPU Active Usage",
    )
    yield Meter(
        service,
        where,
        least * memory * _SECONDS,
        "GiB second",
        told,
        (service,),
        "Standard",
        "Standard Memory Active Usage",
    )


def cache(body: PlannedBody) -> Iterator[Meter]:
    """Nodes of Azure Managed Redis. The list has the price of one node, and with high availability there are two.

    Sources: azure.microsoft.com/pricing/details/managed-redis (columns for one node, and for two with high availability), and
    azure-cost-calculator, databases/redis-cache.md (the meter "Cache Instance" is that of a node).
    """
    nodes = 1 if as_text(member(body.body, "properties", "highAvailability")) == "Disabled" else 2
    family, _, size = as_text(member(body.body, "sku", "name")).partition("_")
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", family)
    product, told = (f"Azure Managed Redis - {words}",), f"{counted(nodes, 'node')} all month"
    yield Meter("Redis Cache", region(body), nodes * HOURS, "hour", told, product, size, f"{size} Cache Instance")
