"""New private DNS zones against those that existing networks are linked to already.

A virtual network cannot be linked to two zones of the same name: Azure answers 400 BadRequest when the second is linked
(github.com/microsoft-foundry/foundry-samples/pull/214), after most of the network stage has been deployed. The zones may be in any
subscription of the tenant (azure-docs, dns/private-dns-virtual-network-links.md), so all that the account sees are read.
"""

from __future__ import annotations

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
    places, entries = list(subscriptions_of(subject, tuple(networks.values()))), []
    others, gap = _others(subject, places)
    subject.arm.ahead(zones(one) for one in (*places, *others))
    for place in (*places, *others):
        try:
            listed = [as_text(zone.get("id")) for zone in subject.arm.every(zones(place))]
            theirs = [
                one for one in listed if group_of(one) and own.get(name_of(one).lower(), one.lower()) != one.lower()
            ]
            subject.arm.ahead(links(one) for one in theirs)
            entries += [entry for zone in theirs for entry in _links_of(subject, zone, networks)]
        except NotVisible as unseen:
            entries.append(NotChecked(unseen.what, unseen.why))
    yield from entries
    if not entries:
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


def _links_of(subject: Subject, zone: str, networks: Mapping[str, str]) -> Iterator[Finding | NotChecked]:
    for link in subject.arm.every(links(zone)):
        linked = as_text(member(link, "properties", "virtualNetwork", "id")).lower()
        if not linked:
            yield NotChecked(f"a link of {zone}", "its body does not have its virtual network")
        elif linked in networks:
            yield _linked(zone, networks[linked])


def _linked(zone: str, network: str) -> Finding:
    group = zone.partition("/providers/")[0]
    return Finding(
        "blocks",
        f"{name_of(network)} is linked to {zone}",
        network,
        "Azure links a network to only one private DNS zone of a name",
        (WayOut("use the existing zones", (("network.dns", "existing"), ("network.dns_group_id", group))),),
        "BadRequest",
    )
