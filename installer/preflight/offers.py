"""Check: resource providers, and whether each region offers the resource types and API versions of the plan.

Source: REST API Providers - List (2021-04-01): registrationState, resourceTypes[].locations (display names, without entries
for global types), resourceTypes[].apiVersions.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from installer.estate.resources import namespaces
from installer.json_access import as_list, as_text, objects_of
from installer.preflight.model import Check, Finding, Proof, WayOut
from installer.preflight.reads import listing
from installer.resource_id import GROUP_TYPE, subscription_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.jsontypes import Json
    from installer.preflight.model import Entry
    from installer.preflight.reads import Request
    from installer.preflight.subject import Subject

_REGISTERED: Final = "registered"
_GLOBAL: Final = "global"
_MAX_SHOWN: Final = 3
_AUTHORIZATION: Final = "microsoft.authorization/"
"""Extension resources: their provider lists no regions."""


def _providers(subscription: str) -> Request:
    return listing(
        f"/subscriptions/{subscription}/providers?api-version=2021-04-01",
        f"resource providers of subscription {subscription}",
    )


def _locations(subscription: str) -> Request:
    return listing(f"/subscriptions/{subscription}/locations?api-version=2022-12-01", "regions")


def _entries(subject: Subject) -> Iterator[Entry]:
    subject.arm.ahead(map(_providers, subject.subscriptions))
    subject.arm.ahead([_locations(subject.it.subscription)])
    needed = namespaces(subject.stages)
    for subscription in subject.subscriptions:
        listed = subject.arm.every(_providers(subscription))
        states = {as_text(one.get("namespace")).lower(): as_text(one.get("registrationState")) for one in listed}
        missing = [one for one in needed if states.get(one.lower(), "").lower() != _REGISTERED]
        later = f", {len(missing)} will be: {', '.join(missing)}" if missing else ""
        yield Proof(f"{len(needed) - len(missing)} of {len(needed)} providers registered in {subscription}{later}")
    yield from _regions(subject)


def _regions(subject: Subject) -> Iterator[Entry]:
    """Every planned type in its region, with the API version of the templates."""
    listed = subject.arm.every(_locations(subject.it.subscription))
    shown = {as_text(one.get("name")).lower(): as_text(one.get("displayName")) for one in listed}
    unknown = [region for region in subject.regions if region.lower() not in shown]
    for region in unknown:
        yield Finding(
            "blocks",
            f"{region} is no region of this subscription",
            region,
            "Azure refuses every resource there",
            (WayOut(f"choose one of its {len(shown)} regions on the first page"),),
            "LocationNotAvailableForResourceType",
        )
    types = {one: _types(subject, one) for one in subject.subscriptions}
    wrong = 0
    closed: dict[tuple[str, frozenset[str]], list[str]] = defaultdict(list)
    for kind, version, region, subscription in _wanted(subject):
        offer = types.get(subscription, {}).get(kind.lower())
        if region in unknown or offer is None:
            continue
        places = {as_text(place).lower() for place in as_list(offer.get("locations"))}
        names = {region.lower(), shown.get(region.lower(), region).lower(), _GLOBAL}
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
    for (region, others), kinds in closed.items():
        yield _not_offered(kinds, region, shown, others)
    if not wrong and not unknown:
        yield Proof(f"every resource type is offered in {', '.join(subject.regions)}")


def _types(subject: Subject, subscription: str) -> dict[str, Mapping[str, Json]]:
    listed = subject.arm.every(_providers(subscription))
    return {
        f"{as_text(one.get('namespace'))}/{as_text(kind.get('resourceType'))}".lower(): kind
        for one in listed
        for kind in objects_of(one.get("resourceTypes"))
    }


def _wanted(subject: Subject) -> Iterator[tuple[str, str, str, str]]:
    """Type, API version, region and subscription of the planned resources with a region, once each."""
    seen = set()
    for body in subject.bodies:
        region, subscription = as_text(body.body.get("location")).lower(), subscription_of(body.id)
        if not region or region == _GLOBAL or body.type.lower() == GROUP_TYPE.lower():
            continue
        one = (body.type, body.api_version, region, subscription)
        if one not in seen and not body.type.lower().startswith(_AUTHORIZATION):
            seen.add(one)
            yield one


def _not_offered(kinds: list[str], region: str, shown: Mapping[str, str], places: frozenset[str]) -> Finding:
    """Types that a region does not offer, all of them in the same other regions."""
    fitting = sorted(name for name, label in shown.items() if {name, label.lower()} & places)
    some = f"; it is offered in {', '.join(fitting[:6])}{' …' if len(fitting) > 6 else ''}" if fitting else ""
    more = f" and {len(kinds) - _MAX_SHOWN} more" if len(kinds) > _MAX_SHOWN else ""
    return Finding(
        "blocks",
        f"{', '.join(kinds[:_MAX_SHOWN])}{more} {'is' if len(kinds) == 1 else 'are'} not offered in "
        f"{shown.get(region, region)}{some}",
        region,
        "Azure refuses these resources",
        tuple(WayOut(f"use {shown[name]}", (("subscription.region", name),)) for name in fitting[:3]),
        "LocationNotAvailableForResourceType",
    )


OFFERS: Final = Check("providers", "Providers", _entries)
