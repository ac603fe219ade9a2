"""New private DNS zones against those that existing networks are linked to already.

A virtual network cannot be linked to two zones of the same name: Azure answers 400 BadRequest when the second is linked
(github.com/microsoft-foundry/foundry-samples/pull/214), after most of the network stage has been deployed. The zones may be in any
subscription of the tenant (azure-docs, dns/private-dns-virtual-network-links.md), so all that the account sees are read.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from installer.conventions.counts import counted
from installer.estate.parameters.monitor_access import monitor_zone_names
from installer.estate.parameters.network import cluster_zone_names, zone_names
from installer.estate.parameters.resource_ids import zone_id
from installer.json_access import as_text, member
from installer.preflight.model import Finding, NotChecked, Proof, WayOut
from installer.preflight.network.reads import existing_networks, linked_networks, links, subscriptions_of, zones
from installer.preflight.reads import NotVisible
from installer.preflight.subscription_reads import subscriptions
from installer.resource_id import group_of, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

_Link = tuple[str, str]
"""A network, and the zone that it is linked to."""
_MAX_OTHERS: Final = 40
"""Subscriptions beside those of the networks whose zones are read: a landing zone has its zones in one of them."""


def zone_links(subject: Subject) -> Iterator[Entry]:
    """Zones of the same names that existing networks are linked to; nothing if no zones are created."""
    if subject.answers.network.dns != "created" or not existing_networks(subject):
        return
    it = subject.it
    created = (*zone_names(it), *cluster_zone_names(it), *monitor_zone_names(it))
    own = {name.lower(): str(zone_id(it, name)).lower() for name in created}
    networks = {one.lower(): one for one in linked_networks(subject)}
    places = list(subscriptions_of(subject, tuple(networks.values())))
    linked, unseen = list[_Link](), list[NotChecked]()
    others, gap = _others(subject, places)
    subject.arm.ahead(zones(one) for one in (*places, *others))
    for place in (*places, *others):
        try:
            listed = [as_text(zone.get("id")) for zone in subject.arm.every(zones(place))]
            theirs = [
                one for one in listed if group_of(one) and own.get(name_of(one).lower(), one.lower()) != one.lower()
            ]
            subject.arm.ahead(links(one) for one in theirs)
            for entry in (entry for zone in theirs for entry in _links_of(subject, zone, networks)):
                if isinstance(entry, NotChecked):
                    unseen.append(entry)
                else:
                    linked.append(entry)
        except NotVisible as one:
            unseen.append(NotChecked(one.what, one.why))
    yield from _linked(linked)
    yield from unseen
    if not linked and not unseen:
        read = counted(len(places) + len(others), "subscription")
        yield Proof(f"in {read}, no network is linked to another zone of the {len(own)} that are created")
    if gap:
        names = ", ".join(map(name_of, existing_networks(subject)))
        yield NotChecked(f"zones of other subscriptions that {names} may be linked to", gap)


def _others(subject: Subject, places: list[str]) -> tuple[list[str], str]:
    """Further subscriptions that this account sees, and why some were not read: Azure lists links at their zone only."""
    try:
        listed = [as_text(one.get("subscriptionId")).lower() for one in subject.arm.every(subscriptions())]
    except NotVisible as unseen:
        return [], unseen.why
    others = [one for one in dict.fromkeys(listed) if one and one not in places]
    if subject.surveyed:
        seen = [one for one in others if subject.arm.answers(zones(one))]
        return seen[:_MAX_OTHERS], "a survey has only the subscriptions that were read for it"
    left = len(others) - _MAX_OTHERS
    return others[:_MAX_OTHERS], f"this account sees {left} more subscriptions" if left > 0 else ""


def _links_of(subject: Subject, zone: str, networks: Mapping[str, str]) -> Iterator[_Link | NotChecked]:
    for link in subject.arm.every(links(zone)):
        linked = as_text(member(link, "properties", "virtualNetwork", "id")).lower()
        if not linked:
            yield NotChecked(f"a link of {zone}", "its body does not have its virtual network")
        elif linked in networks:
            yield networks[linked], zone


def _linked(found: list[_Link]) -> Iterator[Finding]:
    """One finding for each network and group of zones: the same answers use all zones of a group."""
    zones: dict[tuple[str, str], list[str]] = defaultdict(list)
    for network, zone in found:
        zones[network, zone.partition("/providers/")[0]].append(zone)
    for (network, group), some in zones.items():
        what = some[0] if len(some) == 1 else f"{len(some)} zones of {group}: {', '.join(map(name_of, some))}"
        yield Finding(
            "blocks",
            f"{name_of(network)} is linked to {what}",
            network,
            "Azure links a network to only one private DNS zone of a name",
            (WayOut("use the existing zones", (("network.dns", "existing"), ("network.dns_group_id", group))),),
            "BadRequest",
        )
