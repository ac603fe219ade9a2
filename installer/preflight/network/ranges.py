"""Address ranges of the installation against existing networks, their peers and one another.

Azure refuses a peering of overlapping networks late, and gives no warning when a range inside a cluster overlaps a network
that pods have to reach: its hosts are then unreachable (azure-aks-docs, aks/concepts-network-azure-cni-overlay.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Final

from installer.conventions.counts import counted
from installer.estate.parameters.resource_ids import network_id
from installer.json_access import as_list, as_text, member
from installer.preflight.model import Finding, NotChecked, Proof, WayOut
from installer.preflight.network.reads import existing_networks, range_of, read_network
from installer.preflight.reads import NotVisible
from installer.resource_id import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.jsontypes import Json
    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

_PRIVATE: Final = (IPv4Network("10.0.0.0/8"), IPv4Network("172.16.0.0/12"))
_RESERVED: Final = (IPv4Network("172.30.0.0/15"), IPv4Network("169.254.0.0/16"), IPv4Network("192.0.2.0/24"))
"""Ranges that AKS uses itself: azure-aks-docs, aks/configure-azure-cni.md (IP address planning)."""


@dataclass(frozen=True)
class _Own:
    """A range of the installation, and the answer that sets it."""

    range: IPv4Network
    what: str
    key: str


@dataclass(frozen=True)
class _Theirs:
    """A range of others, and where it is."""

    range: IPv4Network
    where: str
    network: str


def address_ranges(subject: Subject) -> Iterator[Entry]:
    """Overlaps with existing networks, each with a free range as the way out."""
    theirs: list[_Theirs] = []
    read, unknown = 0, 0
    for network in existing_networks(subject):
        try:
            found = read_network(subject, network)
        except NotVisible as unseen:
            unknown += 1
            yield NotChecked(f"address ranges of {name_of(network)}", unseen.why)
            continue
        if found is None:
            continue  # named as missing
        read += 1
        for entry in _ranges(subject, network, found):
            if isinstance(entry, NotChecked):
                unknown += 1
                yield entry
            else:
                theirs.append(entry)
    own = list(_own(subject))
    overlaps = [(one, other) for one in own for other in theirs if one.range.overlaps(other.range)]
    for one, other in overlaps:
        yield Finding(
            "blocks",
            f"{one.what} {one.range} overlaps {other.range} of {other.where}",
            other.network,
            "Azure refuses to peer overlapping networks, and pods cannot reach hosts in a range of their cluster",
            _free(
                subject, one, [*(each.range for each in theirs), *(each.range for each in own if each.key != one.key)]
            ),
            "VnetAddressSpacesOverlap",
        )
    if read and not unknown and not overlaps:
        yield Proof(
            f"address ranges overlap none of {counted(len(theirs), 'range')} of existing networks and their peers"
        )


def _own(subject: Subject) -> Iterator[_Own]:
    if subject.answers.network.mode == "existing_hub":
        for name in subject.it.environments:
            prefix = IPv4Network(subject.it.addresses.network(name).prefix)
            yield _Own(prefix, f"the spoke of {name},", "network.address_space")
    if any(site.on_kubernetes for site in subject.it.sites):
        ranges = subject.it.cluster_ranges
        yield _Own(ranges.pods, "the pod range", "platform.pod_range")
        yield _Own(ranges.services, "the service range", "platform.service_range")


def _ranges(subject: Subject, network: str, found: Json) -> Iterator[_Theirs | NotChecked]:
    """Ranges of a network and of its peers, without those of the installation itself."""
    properties = member(found, "properties")
    space = member(properties, "addressSpace", "addressPrefixes")
    if not as_list(space):
        yield NotChecked(f"address ranges of {name_of(network)}", "its body does not have them")
    for one in _networks(space):
        yield _Theirs(one, name_of(network), network)
    own = {network_id(subject.it, name).lower() for name in subject.it.environments}
    for peering in as_list(member(properties, "virtualNetworkPeerings")):
        remote = as_text(member(peering, "properties", "remoteVirtualNetwork", "id"))
        if remote.lower() not in own:
            space = member(peering, "properties", "remoteAddressSpace", "addressPrefixes")
            if not as_list(space):
                yield NotChecked(
                    f"address ranges of {name_of(remote)}", f"the peering of {name_of(network)} lacks them"
                )
            for one in _networks(space):
                yield _Theirs(one, f"{name_of(remote)}, a peer of {name_of(network)}", network)


def _networks(prefixes: Json) -> Iterator[IPv4Network]:
    for prefix in as_list(prefixes):
        if ":" not in as_text(prefix):  # IPv6 ranges overlap nothing here
            yield range_of(as_text(prefix))


def _free(subject: Subject, one: _Own, taken: list[IPv4Network]) -> tuple[WayOut, ...]:
    """A range of the same size that overlaps nothing known, as an answer."""
    answered = one.range
    if one.key == "network.address_space":
        answered = IPv4Network(subject.answers.network.address_space)
    connected = [IPv4Network(text) for text in subject.answers.network.connected_ranges]
    for space in _PRIVATE:
        for candidate in space.subnets(new_prefix=answered.prefixlen) if answered.prefixlen >= space.prefixlen else ():
            if not any(candidate.overlaps(other) for other in (*taken, *connected, *_RESERVED)):
                where = "here and in the peers"
                return (WayOut(f"use {candidate}, which is free {where}", ((one.key, str(candidate)),)),)
    return ()
