"""Check: resource providers, and whether each region offers the resource types and API versions of the plan.

Source: REST API Providers - List (2021-04-01): registrationState; the rest is in offered_types.py.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from installer.conventions.counts import counted
from installer.estate.resources import namespaces
from installer.json_access import as_list, as_text
from installer.preflight.model import Check, Finding, NotChecked, Proof, WayOut
from installer.preflight.offer_reads import locations, providers
from installer.preflight.offered_types import GLOBAL, offered_types, places_of, wanted_types
from installer.preflight.region_ranking import elsewhere

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

_REGISTERED: Final = "registered"
_MAX_SHOWN: Final = 3


def _entries(subject: Subject) -> Iterator[Entry]:
    subject.arm.ahead(map(providers, subject.subscriptions))
    subject.arm.ahead([locations(subject.it.subscription)])
    needed = namespaces(subject.stages)
    for subscription in subject.subscriptions:
        listed = subject.arm.every(providers(subscription))
        states = {as_text(one.get("namespace")).lower(): as_text(one.get("registrationState")) for one in listed}
        missing = [one for one in needed if states.get(one.lower(), "").lower() != _REGISTERED]
        later = f", {len(missing)} will be: {', '.join(missing)}" if missing else ""
        yield Proof(
            f"{len(needed) - len(missing)} of {counted(len(needed), 'provider')} registered in {subscription}{later}"
        )
    yield from _regions(subject)


def _regions(subject: Subject) -> Iterator[Entry]:
    """Every planned type in its region, with the API version of the templates."""
    listed = subject.arm.every(locations(subject.it.subscription))
    shown = {as_text(one.get("name")).lower(): as_text(one.get("displayName")) for one in listed}
    unknown = [region for region in subject.regions if region.lower() not in shown]
    for region in unknown:
        yield Finding(
            "blocks",
            f"{region} is no region of this subscription",
            region,
            "Azure refuses every resource there",
            (WayOut(f"choose one of its {counted(len(shown), 'region')} on the first page"),),
            "LocationNotAvailableForResourceType",
        )
    types = {one: offered_types(subject, one) for one in subject.subscriptions}
    wrong = 0
    closed: dict[tuple[str, frozenset[str]], list[str]] = defaultdict(list)
    unlisted: dict[str, None] = {}
    for kind, version, region, subscription in wanted_types(subject):
        offer = types.get(subscription, {}).get(kind.lower())
        if region in unknown or subscription not in types:  # what a hub is in was offered there
            continue
        if offer is None:
            wrong += 1
            unlisted[kind] = None
            continue
        places = places_of(offer)
        names = {region.lower(), shown.get(region.lower(), region).lower(), GLOBAL}
        if places and not places & names:
            wrong += 1
            closed[region, frozenset(places)].append(kind)
        versions = {as_text(one).lower() for one in as_list(offer.get("apiVersions"))}
        if versions and version.lower() not in versions:
            wrong += 1
            yield Finding(
                "blocks",
                f"this cloud does not know API version {version} of {kind}; its newest is {max(versions)}",
                subscription,
                "Azure refuses the templates of this version of the installer",
                (WayOut("use a version of the installer that was made for this cloud"),),
                "NoRegisteredProviderFound",
            )
    if unlisted:
        yield NotChecked(f"regions of {', '.join(unlisted)}", "Azure does not list the type")
    for (region, others), kinds in closed.items():
        yield _not_offered(subject, kinds, region, shown, others)
    lists = [providers(one) for one in subject.subscriptions]
    gaps = {region: gap for region in subject.regions for one in lists if (gap := subject.arm.assumed(one, region))}
    yield from (NotChecked(f"which resource types {region} offers", gap) for region, gap in gaps.items())
    offered = [region for region in subject.regions if region not in gaps]
    if offered and not wrong and not unknown:
        yield Proof(f"every resource type is offered in {', '.join(offered)}")


def _not_offered(
    subject: Subject, kinds: list[str], region: str, shown: Mapping[str, str], places: frozenset[str]
) -> Finding:
    """Types that a region does not offer, all of them in the same other regions."""
    lists = [providers(one) for one in subject.subscriptions]
    fitting = sorted(
        name
        for name, label in shown.items()
        if {name, label.lower()} & places and not any(subject.arm.assumed(one, name) for one in lists)
    )
    some = f"; it is offered in {', '.join(fitting[:6])}{' …' if len(fitting) > 6 else ''}" if fitting else ""
    more = f" and {len(kinds) - _MAX_SHOWN} more" if len(kinds) > _MAX_SHOWN else ""
    return Finding(
        "blocks",
        f"{', '.join(kinds[:_MAX_SHOWN])}{more} {'is' if len(kinds) == 1 else 'are'} not offered in "
        f"{shown.get(region, region)}{some}",
        region,
        "Azure refuses these resources",
        elsewhere(subject, region) or (WayOut("use another region: no region nearby has all of the plan"),),
        "LocationNotAvailableForResourceType",
    )


OFFERS: Final = Check("providers", "Providers", _entries)
