"""Lasting faults as figures of a survey: exhausted quotas, restricted sizes, regions that types do not have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.emulator.faults.requested import lasting, strikes
from installer.emulator.providers.clouds import regions
from installer.emulator.providers.data_files import load
from installer.emulator.survey import Quota, RegionFact, SkuRestriction
from installer.json_access import as_object, as_text, member
from installer.shipped_files import type_schemas

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from installer.emulator.faults.requested import Fault
    from installer.emulator.survey import Survey

_EXHAUSTED: Final = frozenset(
    {"QuotaExceeded", "OperationNotAllowed", "ResourceQuotaExceeded", "PublicIPCountLimitReached"}
)
CLOSED: Final = frozenset(
    {"NoRegisteredProviderFound", "MissingRegistrationForLocation", "RegionDoesNotAllowProvisioning"}
)
"""Shown as regions that a resource type does not have. Assumed for RegionDoesNotAllowProvisioning: Azure documents no read."""
_SERVERS: Final = "Microsoft.DBforPostgreSQL/flexibleServers"
_MACHINES: Final = ("Microsoft.ContainerService/managedClusters", "Microsoft.Compute/virtualMachines")
_PLANS: Final = "Microsoft.Web/serverfarms"


def open_region(cloud: str) -> str:
    """The region that stays open where a fault closes all of them, as a way out."""
    return as_text(regions(cloud)[-1]["name"])


def surveyed(survey: Survey, faults: Iterable[Fault], cloud: str) -> Survey:
    """A survey with the conditions of lasting faults."""
    known = [*faults]
    places = [as_text(one["name"]) for one in regions(cloud)]
    facts = {one.name.lower(): one for one in survey.regions}
    for fault in lasting(known, *CLOSED):
        everywhere = [kind for kind in _types() if strikes(fault, kind, "")]
        for place in (one for one in places if one != open_region(cloud)):
            closed = _types() if strikes(fault, "", place) else everywhere
            before = facts.get(place.lower(), RegionFact(name=place))
            if closed:
                facts[place.lower()] = before.model_copy(update={"unavailable": (*before.unavailable, *closed)})
    return survey.model_copy(
        update={
            "quotas": (*survey.quotas, *_quotas(known, places)),
            "sku_restrictions": (*survey.sku_restrictions, *_restrictions(known, places)),
            "regions": tuple(facts.values()),
        }
    )


def _types() -> list[str]:
    """Resource types of the namespaces that templates use."""
    known = type_schemas()
    return [
        f"{space}/{kind}"
        for space, kinds in as_object(load("api_versions")).items()
        if space.lower() in known
        for kind in as_object(kinds)
    ]


def _quotas(faults: list[Fault], places: list[str]) -> Iterator[Quota]:
    compute = as_object(load("compute"))
    limits = [(space, name) for space, names in as_object(compute["limits"]).items() for name in as_object(names)]
    families = [("Microsoft.Compute", name) for name in as_object(compute["families"])]
    for fault in lasting(faults, *_EXHAUSTED):
        for provider, name in (*limits, *families, ("Microsoft.Web", "Total VMs")):
            for place in places:
                if any(strikes(fault, kind, place) for kind in _counted(provider, name)):
                    yield Quota(provider=provider, location=place, name=name, limit=0)


def _counted(provider: str, name: str) -> tuple[str, ...]:
    """Resource types that use a quota."""
    if provider == "Microsoft.Web":
        return (_PLANS,)
    if provider == "Microsoft.DBforPostgreSQL":
        return (_SERVERS,)
    kind = as_text(member(load("compute"), "counted", name))
    return (kind,) if kind and name != "virtualMachines" else _MACHINES


def _restrictions(faults: list[Fault], places: list[str]) -> Iterator[SkuRestriction]:
    kinds = {"virtualMachines": _MACHINES, "flexibleServers": (_SERVERS,)}
    for fault in lasting(faults, "SkuNotAvailable", "LocationIsOfferRestricted", "RegionDoesNotAllowProvisioning"):
        offers = fault.kind.name != "SkuNotAvailable"
        for name, types in kinds.items():
            for place in places:
                if not (offers and name == "virtualMachines") and any(strikes(fault, kind, place) for kind in types):
                    yield SkuRestriction(resource_type=name, location=place, reason=fault.kind.name)
