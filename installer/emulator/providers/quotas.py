"""Quotas: usage and limits in a location, as usage lists report them and as writes are refused."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.providers.app_service_quotas import APP_PLAN, APP_SERVICE, LISTED, check_instances, instances
from installer.emulator.providers.data_files import load
from installer.emulator.providers.usage import Usage
from installer.json_access import JsonObject, as_list, as_object, as_text, member
from installer.resource_id import normalised_location, parent_id_of, subscription_of

if TYPE_CHECKING:
    from installer.emulator.providers.provider import ProviderContext
    from installer.emulator.state.resources import Resource, Resources
    from installer.emulator.survey import Survey

CLUSTER_TYPE = "Microsoft.ContainerService/managedClusters"
_POOLS = f"{CLUSTER_TYPE}/agentPools"
_MACHINES = "Microsoft.Compute/virtualMachines"
_COMPUTE = "Microsoft.Compute"
_SERVERS = "Microsoft.DBforPostgreSQL/flexibleServers"


@dataclass(frozen=True)
class Size:
    """A VM size.

    Attributes:
        name: The name of the SKU.
        family: The family whose quota it uses.
        cores: Virtual processors.
        memory: Memory in GB.
        disk: Temporary disk in GB.
        accelerated: Whether it supports accelerated networking.

    """

    name: str
    family: str
    cores: int
    memory: int
    disk: int
    accelerated: bool


@cache
def sizes() -> dict[str, Size]:
    """Every known VM size by its lower-case name."""
    found = {}
    for item in as_list(member(load("compute"), "sizes")):
        for cores in as_list(member(item, "cores")):
            number = _number(cores)
            size = Size(
                name=as_text(member(item, "pattern")).replace("{n}", str(number)),
                family=as_text(member(item, "family")),
                cores=number,
                memory=number * _number(member(item, "memoryPerCore")),
                disk=number // 2 * _number(member(item, "disk")),
                accelerated=member(item, "accelerated") is True,
            )
            found[size.name.lower()] = size
    return found


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def cores_of(resource: Resource) -> dict[str, int]:
    """Virtual processors that a resource uses, by VM family."""
    kind, properties = resource.type.lower(), as_object(resource.desired.get("properties"))
    pools: list[tuple[str, int]] = []
    if kind == CLUSTER_TYPE.lower():
        pools = [_pool(as_object(item)) for item in as_list(properties.get("agentPoolProfiles"))]
    elif kind == _POOLS.lower():
        pools = [_pool(properties)]
    elif kind == _MACHINES.lower():
        pools = [(as_text(member(properties, "hardwareProfile", "vmSize")), 1)]
    used: dict[str, int] = {}
    for name, count in pools:
        size = sizes().get(name.lower())
        if size is not None:
            used[size.family] = used.get(size.family, 0) + size.cores * count
    return used


def _pool(pool: JsonObject) -> tuple[str, int]:
    counts = [_number(pool.get(name)) for name in ("count", "minCount")]
    return as_text(pool.get("vmSize")), max(counts)


def usages(resources: Resources, survey: Survey, namespace: str, subscription: str, location: str) -> list[Usage]:
    """Usage of every quota of a provider in a location; figures of a survey replace the usual ones."""
    place = normalised_location(location)
    here = [
        item
        for item in resources.of_subscription(subscription)
        if location_of(resources, item) == place and item.state != "Deleting" and not _in_body(resources, item)
    ]
    own = {
        item.name.lower(): item
        for item in survey.quotas
        if item.provider.lower() == namespace.lower() and normalised_location(item.location) == place
    }
    found = []
    for name, label, limit in _known(namespace):
        surveyed = own.pop(name.lower(), None) or own.pop(label.lower(), None)
        used = _used(namespace, name, here) + (surveyed.current if surveyed else 0)
        found.append(Usage(name, label, used, surveyed.limit if surveyed else limit))
    more = [(item, instances(item.name, here)) for item in own.values()]
    return [*found, *(Usage(item.name, item.name, item.current + used, item.limit) for item, used in more)]


def _in_body(resources: Resources, item: Resource) -> bool:
    """Whether a resource is an agent pool that the body of its cluster has too: it counts once."""
    owner = resources.get(parent_id_of(item.id)) if item.type.lower() == _POOLS.lower() else None
    pools = as_list(member(owner.desired, "properties", "agentPoolProfiles")) if owner is not None else []
    return item.name.lower() in {as_text(member(one, "name")).lower() for one in pools}


def location_of(resources: Resources, resource: Resource) -> str:
    """The location that counts for quotas: for an agent pool, its cluster's."""
    if resource.location or resource.type.lower() != _POOLS.lower():
        return normalised_location(resource.location)
    owner = resources.get(parent_id_of(resource.id))
    return normalised_location(owner.location) if owner else ""


def _known(namespace: str) -> list[tuple[str, str, int]]:
    if namespace.lower() == APP_SERVICE.lower():
        return [(name, name, -1) for name in LISTED]
    canonical = {name.lower(): name for name in as_object(member(load("compute"), "limits"))}
    limits = as_object(member(load("compute"), "limits", canonical.get(namespace.lower(), "")))
    found = []
    for name, limit in limits.items():
        if name == "family":
            families = as_object(member(load("compute"), "families"))
            found += [(family, as_text(label), _number(limit)) for family, label in families.items()]
        else:
            found.append((name, _QUOTA_LABELS.get(name, name), _number(limit)))
    return found


_QUOTA_LABELS = {"cores": "Total Regional vCPUs", "virtualMachines": "Virtual Machines"}


def _used(namespace: str, name: str, here: list[Resource]) -> int:
    if namespace.lower() == APP_SERVICE.lower():
        return instances(name, here)
    if name == "cores" and namespace.lower() == "microsoft.dbforpostgresql":
        return sum(_server_cores(item) for item in here)
    if name == "cores":
        return sum(sum(cores_of(item).values()) for item in here)
    kind = as_text(member(load("compute"), "counted", name)).lower()
    if kind:
        return sum(1 for item in here if item.type.lower() == kind)
    return sum(cores_of(item).get(name, 0) for item in here)


def _server_cores(resource: Resource) -> int:
    """Cores of a PostgreSQL server with its standby; 0 for another resource."""
    if resource.type.lower() != _SERVERS.lower():
        return 0
    mode = as_text(member(resource.desired, "properties", "highAvailability", "mode"), "Disabled")
    size = as_text(member(resource.desired, "sku", "name"))
    for edition in as_list(member(load("postgresql"), "editions")):
        if figures := as_list(as_object(member(edition, "sizes")).get(size)):
            return _number(figures[0]) * (1 if mode == "Disabled" else 2)
    return 0


def check_quota(context: ProviderContext) -> None:
    """Refuses a write that exceeds a quota (ArmError)."""
    resource, kind = context.resource, context.resource.type.lower()
    place = location_of(context.resources, resource)
    subscription = subscription_of(resource.id)
    if (wanted := cores_of(resource)) and not _in_body(context.resources, resource):
        _check_cores(context, wanted, place, subscription)
    if kind == APP_PLAN:
        check_instances(context, place, usages(context.resources, context.survey, APP_SERVICE, subscription, place))
    counted = {as_text(item).lower() for item in as_object(member(load("compute"), "counted")).values()}
    if context.before is not None or kind not in counted or not context.survey.quotas:
        return  # without a survey the usual limits are too high to be reached
    namespace = resource.type.split("/", 1)[0]
    for usage in usages(context.resources, context.survey, namespace, subscription, place):
        if as_text(member(load("compute"), "counted", usage.name)).lower() == kind and usage.current >= usage.limit:
            raise ArmError(
                400,
                as_text(member(load("compute"), "codes", usage.name), "ResourceQuotaExceeded"),
                f"Cannot create more than {usage.limit} of {usage.label} for this subscription in region '{place}'.",
                cause="service",
            )


def _check_cores(context: ProviderContext, wanted: dict[str, int], place: str, subscription: str) -> None:
    before = cores_of(context.before) if context.before is not None else {}
    left = {usage.name: usage for usage in usages(context.resources, context.survey, _COMPUTE, subscription, place)}
    for name, more in [*wanted.items(), ("cores", sum(wanted.values()))]:
        usage = left.get(name)
        own = sum(before.values()) if name == "cores" else before.get(name, 0)
        if usage is not None and usage.current - own + more > usage.limit >= 0 and more > own:
            raise ArmError(
                400,
                "QuotaExceeded",
                f"Operation could not be completed as it results in exceeding approved {usage.label} quota. Location: "
                f"{place}, Current Limit: {usage.limit}, Current Usage: {usage.current}, Additional Required: "
                f"{more - own}, (Minimum) New Limit Required: {usage.current - own + more}.",
                cause="service",
            )
