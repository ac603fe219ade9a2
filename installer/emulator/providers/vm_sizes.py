"""VM sizes: those that no region has, and those that the subscription may not use in a region.

Sources: github.com/Azure/azure-cli/pull/30887 (clusters and agent pools, with the available sizes in lower case), before that
BadRequest, github.com/hashicorp-education/learn-terraform-provision-aks-cluster/issues/15;
github.com/sassoftware/viya4-iac-azure/issues/116 and github.com/ansible-collections/azure/issues/1243 (virtual machines). The
size of an existing pool is not checked again: it has nodes of it. A virtual machine may have a size of the
series that data/compute.json knows by name only.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from installer.emulator.errors import ArmError
from installer.emulator.providers.data_files import load
from installer.emulator.providers.quotas import location_of, sizes
from installer.emulator.providers.region_catalogue import region
from installer.json_access import JsonObject, as_list, as_object, as_text, member, objects_of
from installer.resource_id import subscription_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.emulator.providers.provider import ProviderContext
    from installer.emulator.state.resources import Resource

_CLUSTERS: Final = "microsoft.containerservice/managedclusters"
_POOLS: Final = f"{_CLUSTERS}/agentpools"
_MACHINES: Final = "microsoft.compute/virtualmachines"
_CORES: Final = re.compile(r"\d+(-\d+)?")
"""The number of virtual processors in a name, for some sizes with the number that is in use."""


def check_sizes(context: ProviderContext) -> None:
    """Refuses VM sizes that do not exist, or that the subscription may not use in the region (ArmError)."""
    place = location_of(context.resources, context.resource)
    former = set(_sizes_of(context.before)) if context.before is not None else set()
    for name in _sizes_of(context.resource):
        if context.survey.restriction("virtualMachines", place, name) is not None:
            raise ArmError(
                409,
                "SkuNotAvailable",
                f"The requested VM size '{name}' is currently not available in location '{place}'. Please try another "
                "size or deploy to a different location or different zone.",
                cause="service",
            )
        if context.resource.type.lower() == _MACHINES and _of_other_series(name):
            continue
        if region(place) is not None and name.lower() not in sizes() and name not in former:
            raise _unknown(context, name, place)


def _of_other_series(name: str) -> bool:
    """Whether a size is one of a series of which only the name is known."""
    return _CORES.sub("{n}", name.lower(), count=1) in _other_series()


@cache
def _other_series() -> frozenset[str]:
    articles = as_object(member(load("compute"), "otherSeries")).values()
    return frozenset(as_text(one).lower() for patterns in articles for one in as_list(patterns))


def _unknown(context: ProviderContext, name: str, place: str) -> ArmError:
    if context.resource.type.lower() == _MACHINES:
        text = f"The value {name} provided for the VM size is not valid. The valid sizes in the current region are: "
        names = ",".join(size.name for size in sizes().values())
        return ArmError(400, "InvalidParameter", f"{text}{names}.", target="vmSize", cause="service")
    subscription = subscription_of(context.id)
    text = f"Virtual Machine size: '{name}' is not supported for subscription {subscription} in location '{place}'."
    return ArmError(
        400, "VMSizeNotSupported", f"{text} The available VM sizes are '{','.join(sorted(sizes()))}'.", cause="service"
    )


def _sizes_of(resource: Resource) -> Iterator[str]:
    """Sizes that a resource requests."""
    kind, properties = resource.type.lower(), as_object(resource.desired.get("properties"))
    pools: list[JsonObject] = []
    if kind == _CLUSTERS:
        pools = objects_of(properties.get("agentPoolProfiles"))
    elif kind == _POOLS:
        pools = [properties]
    elif kind == _MACHINES:
        pools = [as_object(member(properties, "hardwareProfile"))]
    yield from filter(None, (as_text(pool.get("vmSize")) for pool in pools))
