"""Check: existing networks and what the answers name in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.preflight.model import Check, Proof
from installer.preflight.network.connections import connections
from installer.preflight.network.dns_servers import dns_servers
from installer.preflight.network.existing import existing_resources
from installer.preflight.network.private_link import private_link_scopes
from installer.preflight.network.public_zones import public_zones
from installer.preflight.network.ranges import address_ranges
from installer.preflight.network.reach import entrances
from installer.preflight.network.reads import existing_networks, network
from installer.preflight.network.regions import regional_references
from installer.preflight.network.zone_links import zone_links

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject


def _entries(subject: Subject) -> Iterator[Entry]:
    subject.arm.ahead(network(one) for one in existing_networks(subject))
    yield from existing_resources(subject)
    yield from regional_references(subject)
    yield from address_ranges(subject)
    yield from connections(subject)
    yield from zone_links(subject)
    yield from dns_servers(subject)
    yield from entrances(subject)
    yield from private_link_scopes(subject)
    yield from public_zones(subject)
    if not existing_networks(subject):
        yield Proof("no public endpoint needs an existing network" if subject.it.public else "all networks are new")


NETWORK: Final = Check("network", "Network", _entries)
