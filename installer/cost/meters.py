"""Meters of the planned resources, from their bodies. Pure.

Names of services, products and meters in the price list: most as the open resource definitions of infracost name them
(github.com/infracost/infracost, internal/resources/azure and internal/providers/terraform/azure). Not compared with the real
list, and without a source: the base fee of Front Door, the product of Data Lake Storage, the uptime SLA of AKS, the prefix
"Standard" of gateways. A name that the list does not have leads to no figure, never to a wrong one.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from installer.cost.model import HOURS, Meter, Usage
from installer.estate.bodies import planned_bodies
from installer.json_access import as_object, as_text, member, objects_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from installer.answers.model import Answers
    from installer.estate.bodies import PlannedBody
    from installer.jsontypes import Json

LOG_GB_PER_DAY: Final = 1.0
LAKE_GB: Final = 100.0
"""Assumed amounts, shown beside each figure; the user measures the real ones."""
ENVIRONMENT_TAG: Final = "flowforge-environment"
_SECONDS: Final = HOURS * 3600
_FREE: Final = frozenset(
    {
        "microsoft.authorization", "microsoft.consumption", "microsoft.resources", "microsoft.managedidentity",
    }
)  # fmt: skip
"""Providers without meters."""


def usages(answers: Answers) -> Iterator[Usage]:
    """The meters of every planned resource."""
    bodies = {body.id.lower(): body for body in planned_bodies(answers)}
    for planned in bodies.values():
        body = _with_parent(planned, bodies)
        for meter in _METERS.get(body.type.lower(), _none)(body):
            tag = as_text(member(body.body, "tags", ENVIRONMENT_TAG))
            yield Usage(body.name, body.type.rpartition("/")[2], tag, meter)


def unpriced(answers: Answers) -> tuple[str, ...]:
    """Types of planned top-level resources that no meter here covers."""
    types = {body.type for body in planned_bodies(answers) if body.type.count("/") == 1}
    return tuple(
        sorted(kind for kind in types if kind.lower() not in _METERS and kind.partition("/")[0].lower() not in _FREE)
    )


def _with_parent(body: PlannedBody, bodies: Mapping[str, PlannedBody]) -> PlannedBody:
    """A child resource with the region and the tags of its parent."""
    parent = bodies.get(body.id.lower().rsplit("/", 2)[0]) if body.type.count("/") > 1 else None
    if parent is None:
        return body
    return replace(body, body={**{name: parent.body.get(name) for name in ("location", "tags")}, **body.body})


def _none(_body: PlannedBody) -> Iterator[Meter]:
    yield from ()


def _region(body: PlannedBody) -> str:
    return as_text(body.body.get("location"))


def _number(value: Json, otherwise: float = 0.0) -> float:
    try:
        return float(str(value))
    except ValueError:
        return otherwise


def _nodes(pool: Mapping[str, Json], region: str) -> Meter:
    count, largest = _number(pool.get("count"), 1.0), _number(pool.get("maxCount"))
    more = f"; autoscaling up to {largest:g} is not counted" if largest > count else ""
    size = as_text(pool.get("vmSize"))
    return Meter("Virtual Machines", region, count * HOURS, "hour", f"{count:g} nodes all month{more}", arm_sku=size)


def _cluster(body: PlannedBody) -> Iterator[Meter]:
    if as_text(member(body.body, "sku", "tier")) == "Standard":
        yield Meter("Azure Kubernetes Service", _region(body), HOURS, "hour", "one cluster all month", sku="Standard")
    for pool in objects_of(member(body.body, "properties", "agentPoolProfiles")):
        yield _nodes(pool, _region(body))


def _postgres(body: PlannedBody) -> Iterator[Meter]:
    name, tier = as_text(member(body.body, "sku", "name")), as_text(member(body.body, "sku", "tier"))
    copies = 1 if as_text(member(body.body, "properties", "highAvailability", "mode")) in ("", "Disabled") else 2
    told = f"{copies} server{'s' if copies > 1 else ''} all month"
    size = name.removeprefix("Standard_")
    product: tuple[str, ...] = ("PostgreSQL Flexible Server", "Burstable")
    sku = size
    if tier != "Burstable":
        cores = re.search(r"\d+", size)
        series = re.sub(r"\d+(?=[a-z])", "", size.partition("_")[0], count=1) + size.partition("_")[2]
        words = {"GeneralPurpose": "General Purpose", "MemoryOptimized": "Memory Optimized"}[tier]
        product, sku = ("PostgreSQL Flexible Server", words, series), f"{cores[0] if cores else ''} vCore"
    service = "Azure Database for PostgreSQL"
    yield Meter(service, _region(body), copies * HOURS, "hour", told, product, sku)
    gigabytes = _number(member(body.body, "properties", "storage", "storageSizeGB"))
    yield Meter(
        service,
        _region(body),
        copies * gigabytes,
        "GB",
        f"{gigabytes:g} GB for each of {copies}",
        ("PostgreSQL Flexible Server Storage",),
        meter="Storage Data Stored",
    )


def _storage(body: PlannedBody) -> Iterator[Meter]:
    redundancy = as_text(member(body.body, "sku", "name")).rpartition("_")[2]
    lake = member(body.body, "properties", "isHnsEnabled") is True
    product = ("Azure Data Lake Storage Gen2 Hierarchical Namespace",) if lake else ("Blob Storage",)
    yield Meter(
        "Storage", _region(body), LAKE_GB, "GB", f"{LAKE_GB:g} GB hot data, assumed; no operations", product,
        f"Hot {redundancy}", "Data Stored",
    )  # fmt: skip


def _plan(body: PlannedBody) -> Iterator[Meter]:
    name, count = as_text(member(body.body, "sku", "name")), _number(member(body.body, "sku", "capacity"), 1.0)
    found = re.fullmatch(r"(P\d+m?)(v\d)", name)
    sku = f"{found[1]} {found[2]}" if found else name
    product = (f"Premium {found[2]} Plan", "Linux") if found else ("Plan", "Linux")
    yield Meter(
        "Azure App Service", _region(body), count * HOURS, "hour", f"{count:g} instances all month", product, sku
    )


def _app(body: PlannedBody) -> Iterator[Meter]:
    if as_text(member(body.body, "properties", "workloadProfileName")) not in ("", "Consumption"):
        return  # billed by the nodes of its profile
    template = as_object(member(body.body, "properties", "template"))
    least = _number(member(template, "scale", "minReplicas"))
    cores = sum(_number(member(one, "resources", "cpu")) for one in objects_of(template.get("containers")))
    memory = sum(
        _number(as_text(member(one, "resources", "memory")).removesuffix("Gi"))
        for one in objects_of(template.get("containers"))
    )
    told = f"{least:g} replicas, active all month; the monthly free grant is not deducted"
    service = "Azure Container Apps"
    yield Meter(service, _region(body), least * cores * _SECONDS, "second", told, meter="vCPU Active Usage")
    yield Meter(service, _region(body), least * memory * _SECONDS, "second", told, meter="Memory Active Usage")


def _gateway(body: PlannedBody) -> Iterator[Meter]:
    least = _number(member(body.body, "properties", "autoscaleConfiguration", "minCapacity"), 1.0)
    waf = ("Application Gateway", "WAF v2")
    service = "Application Gateway"
    yield Meter(service, _region(body), HOURS, "hour", "one gateway all month", waf, meter="Fixed Cost")
    units = f"{least:g} capacity units, the minimum"
    yield Meter(service, _region(body), least * HOURS, "hour", units, waf, meter="Capacity Units")


def _front_door(body: PlannedBody) -> Iterator[Meter]:
    tier = as_text(member(body.body, "sku", "name")).partition("_")[0]
    yield Meter("Azure Front Door Service", "", 1.0, "month", "base fee; no traffic", sku=tier, meter="Base Fees")


def _registry(body: PlannedBody) -> Iterator[Meter]:
    tier = as_text(member(body.body, "sku", "name"))
    yield Meter(
        "Container Registry", _region(body), HOURS / 24, "day", "one registry; storage within the tier", sku=tier,
        meter="Registry Unit",
    )  # fmt: skip


def _redis(body: PlannedBody) -> Iterator[Meter]:
    family, _, size = as_text(member(body.body, "sku", "name")).partition("_")
    yield Meter(
        "Redis Cache", _region(body), HOURS, "hour", "one instance all month, as listed", ("Managed Redis", family), size,
        "Cache Instance",
    )  # fmt: skip


def _logs(body: PlannedBody) -> Iterator[Meter]:
    month = LOG_GB_PER_DAY * HOURS / 24
    told = f"{LOG_GB_PER_DAY:g} GB a day, assumed; retention within the free days"
    yield Meter("Log Analytics", _region(body), month, "GB", told, meter="Data Ingestion")


_METERS: Final[Mapping[str, Callable[[PlannedBody], Iterator[Meter]]]] = {
    "microsoft.containerservice/managedclusters": _cluster,
    "microsoft.containerservice/managedclusters/agentpools": lambda body: iter(
        (_nodes(as_object(body.body.get("properties")), _region(body)),)
    ),
    "microsoft.dbforpostgresql/flexibleservers": _postgres,
    "microsoft.storage/storageaccounts": _storage,
    "microsoft.web/serverfarms": _plan,
    "microsoft.app/containerapps": _app,
    "microsoft.network/applicationgateways": _gateway,
    "microsoft.cdn/profiles": _front_door,
    "microsoft.network/natgateways": lambda body: iter(
        (Meter("NAT Gateway", _region(body), HOURS, "hour", "one gateway; no traffic", meter="Gateway"),)
    ),
    "microsoft.network/privateendpoints": lambda body: iter(
        (
            Meter(
                "Virtual Network", _region(body), HOURS, "hour", "one endpoint; no traffic", ("Private Link",),
                meter="Private Endpoint",
            ),
        )
    ),
    "microsoft.containerregistry/registries": _registry,
    "microsoft.cache/redisenterprise": _redis,
    "microsoft.operationalinsights/workspaces": _logs,
}  # fmt: skip
