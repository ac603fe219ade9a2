"""Resource types of the plan, and the regions that offer them.

Source: REST API Providers - List (2021-04-01): resourceTypes[].locations (display names, without entries for global types),
resourceTypes[].apiVersions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.json_access import as_list, as_text, objects_of
from installer.preflight.offer_reads import locations, providers
from installer.preflight.reads import NotVisible
from installer.resource_id import GROUP_TYPE, subscription_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.jsontypes import Json
    from installer.preflight.subject import Subject

GLOBAL: Final = "global"
_AUTHORIZATION: Final = "microsoft.authorization/"
"""Extension resources: their provider lists no regions."""


def offered_types(subject: Subject, subscription: str) -> dict[str, Mapping[str, Json]]:
    """Resource types of a subscription by name in lower case. Raises NotVisible."""
    return {
        f"{as_text(one.get('namespace'))}/{as_text(kind.get('resourceType'))}".lower(): kind
        for one in subject.arm.every(providers(subscription))
        for kind in objects_of(one.get("resourceTypes"))
    }


def wanted_types(subject: Subject) -> Iterator[tuple[str, str, str, str]]:
    """Type, API version, region and subscription of the planned resources with a region, once each."""
    seen = set()
    for body in subject.bodies:
        region, subscription = as_text(body.body.get("location")).lower(), subscription_of(body.id)
        if not region or region == GLOBAL or body.type.lower() == GROUP_TYPE.lower():
            continue
        one = (body.type, body.api_version, region, subscription)
        if one not in seen and not body.type.lower().startswith(_AUTHORIZATION):
            seen.add(one)
            yield one


def places_of(offer: Mapping[str, Json]) -> set[str]:
    """Regions of a type as the provider spells them, in lower case; empty if it has none."""
    return {as_text(place).lower() for place in as_list(offer.get("locations"))}


def not_offered(subject: Subject, here: str, region: str) -> Iterator[str]:
    """Types that are planned in one region and not offered in another. Raises NotVisible."""
    listed = subject.arm.every(locations(subject.it.subscription))
    label = next((as_text(one.get("displayName")) for one in listed if as_text(one.get("name")) == region), region)
    names = {region.lower(), label.lower(), GLOBAL}
    known = {one: offered_types(subject, one) for one in subject.subscriptions}
    for kind, _, place, subscription in wanted_types(subject):
        offer = known.get(subscription, {}).get(kind.lower())
        if place == here.lower() and offer is not None and (places := places_of(offer)) and not places & names:
            yield kind
    for one in subject.subscriptions:
        if reason := subject.arm.assumed(providers(one), region):
            raise NotVisible(f"resource types in {label}", reason)
