"""New private DNS zones against those that existing networks are linked to already.

A virtual network cannot be linked to two zones of the same name: Azure answers 400 BadRequest when the second is linked
(github.com/microsoft-foundry/foundry-samples/pull/214), after most of the network stage has been deployed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.estate.parameters.monitor_access import monitor_zone_names
from installer.estate.parameters.network import cluster_zone_names, zone_names
from installer.estate.parameters.resource_ids import zone_id
from installer.json_access import as_text, member
from installer.preflight.model import Finding, NotChecked, Proof, WayOut
from installer.preflight.network.reads import existing_networks, linked_networks, links, subscriptions_of, zones
from installer.preflight.reads import NotVisible
from installer.resource_id import group_of, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject


def zone_links(subject: Subject) -> Iterator[Entry]:
    """Zones of the same names that existing networks are linked to; nothing if no zones are created."""
    if subject.answers.network.dns != "created" or not existing_networks(subject):
        return
    it = subject.it
    created = (*zone_names(it), *cluster_zone_names(it), *monitor_zone_names(it))
    own = {name.lower(): str(zone_id(it, name)).lower() for name in created}
    networks = {one.lower(): one for one in linked_networks(subject)}
    places = subscriptions_of(subject, tuple(networks.values()))
    subject.arm.ahead(zones(one) for one in places)
    conflicts, unknown = 0, 0
    for place in places:
        try:
            listed = subject.arm.every(zones(place))
            theirs = [as_text(zone.get("id")) for zone in listed]
            theirs = [
                one for one in theirs if group_of(one) and own.get(name_of(one).lower(), one.lower()) != one.lower()
            ]
            subject.arm.ahead(links(one) for one in theirs)
            for zone in theirs:
                for link in subject.arm.every(links(zone)):
                    linked = as_text(member(link, "properties", "virtualNetwork", "id")).lower()
                    if not linked:
                        unknown += 1
                        yield NotChecked(f"a link of {zone}", "its body does not have its virtual network")
                    elif linked in networks:
                        conflicts += 1
                        yield _linked(zone, networks[linked])
        except NotVisible as unseen:
            unknown += 1
            yield NotChecked(unseen.what, unseen.why)
    if not conflicts and not unknown:
        yield Proof(f"no network is linked to another zone of the {len(own)} that are created")


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
