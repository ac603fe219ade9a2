"""Address ranges of the installation against existing networks and their peers.

Azure refuses a peering of overlapping networks late: with each other (VnetAddressSpacesOverlap), and with a network that one of them is
peered with (VnetAddressSpaceOverlapsWithAlreadyPeeredVnet, as public threads quote it). It refuses a cluster whose ranges overlap
a subnet of its network (support-articles-docs, azure-kubernetes/error-codes/servicecidroverlapexistingsubnetscidr-error.md), and
gives no warning where they overlap a network that pods have to reach through it: its hosts are then unreachable (azure-aks-docs,
aks/concepts-network-ip-address-planning.md: neither range may overlap peered networks and on-premises networks).
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Final

from installer.conventions.counts import counted
from installer.estate.parameters.resource_ids import network_id
from installer.json_access import as_list, as_text, member
from installer.preflight.model import Finding, NotChecked, Proof, WayOut
from installer.preflight.network.reads import existing_networks, has_gateway, ranges_in, read_network
from installer.preflight.reads import NotVisible
from installer.resource_id import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.jsontypes import Json
    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

_PRIVATE: Final = (IPv4Network("10.0.0.0/8"), IPv4Network("172.16.0.0/12"))
BEHIND: Final = "their ranges are routes, and the answer network.connected_ranges is empty"
_SPACE: Final = "network.address_space"
_RESERVED: Final = (IPv4Network("172.30.0.0/15"), IPv4Network("169.254.0.0/16"), IPv4Network("192.0.2.0/24"))
"""Ranges that AKS uses itself: azure-aks-docs, aks/configure-azure-cni.md (IP address planning)."""


@dataclass(frozen=True)
class _Own:
    """A range of the installation, the answer that sets it, and the code of a refusal by the network of the clusters."""

    range: IPv4Network
    what: str
    key: str
    code: str = ""


@dataclass(frozen=True)
class _Theirs:
    """A range of others, and where it is.

    Attributes:
        holds: What the network has: "nodes" of clusters, "shared" resources that pods need, or "" neither.
        peer: Whether it is only peered with a network that the answers name.

    """

    range: IPv4Network
    where: str
    network: str
    holds: str = ""
    peer: bool = False


def address_ranges(subject: Subject) -> Iterator[Entry]:
    """Overlaps with existing networks, each with a free range as the way out."""
    theirs: list[_Theirs] = []
    read, unknown = 0, 0
    networks: dict[str, dict[str, Json]] = {}
    for network in existing_networks(subject):
        try:
            found = read_network(subject, network)
        except NotVisible as unseen:
            unknown += 1
            yield NotChecked(f"address ranges of {name_of(network)}", unseen.why)
            continue
        if found is not None:  # else named as missing
            networks[network] = found
    known = {one.lower() for one in networks}
    for network, found in networks.items():
        read += 1
        for entry in _ranges(subject, network, found, known):
            if isinstance(entry, NotChecked):
                unknown += 1
                yield entry
            else:
                theirs.append(entry)
    yield from _behind_gateways(subject, networks)
    own = list(_own(subject))
    overlaps = [(one, other) for one in own for other in theirs if one.range.overlaps(other.range)]
    for one, other in overlaps:
        taken = [*(each.range for each in theirs), *(each.range for each in own if each.key != one.key)]
        yield _overlap(subject, one, other, taken)
    if read and not unknown and not overlaps:
        yield Proof(
            f"address ranges overlap none of {counted(len(theirs), 'range')} of existing networks and their peers"
        )


def _behind_gateways(subject: Subject, networks: dict[str, dict[str, Json]]) -> Iterator[NotChecked]:
    """Ranges on the other side of a gateway, which no network has; the rules of the answers compare those that are given."""
    if not subject.answers.network.connected_ranges:
        for network, found in networks.items():
            if has_gateway(found.get("properties")):
                what = f"overlaps with networks behind the gateway of {name_of(network)}"
                yield NotChecked(what, BEHIND)


def _overlap(subject: Subject, one: _Own, other: _Theirs, taken: list[IPv4Network]) -> Finding:
    blocks, code = True, one.code if other.holds == "nodes" else ""
    if one.key == _SPACE:
        why = "Azure refuses to peer overlapping networks, and a network with two that overlap"
        code = "VnetAddressSpaceOverlapsWithAlreadyPeeredVnet" if other.peer else "VnetAddressSpacesOverlap"
    elif other.holds == "nodes":
        why = "Azure refuses a cluster whose ranges overlap the network of its nodes"
    elif other.holds == "shared":
        why = "pods cannot reach hosts in a range of their cluster, and the hub has the registry and the database"
    else:
        why, blocks = "pods cannot reach hosts in a range of their cluster, such as the sources of flows there", False
    return Finding(
        "blocks" if blocks else "warns",
        f"{one.what} {one.range} overlaps {other.range} of {other.where}",
        other.network,
        why,
        _free(subject, one, taken),
        code,
    )


def _own(subject: Subject) -> Iterator[_Own]:
    if subject.answers.network.mode == "existing_hub":
        for name in subject.it.environments:
            prefix = IPv4Network(subject.it.addresses.network(name).prefix)
            yield _Own(prefix, f"the spoke of {name},", _SPACE)
    if any(site.on_kubernetes for site in subject.it.sites):
        ranges = subject.it.cluster_ranges
        yield _Own(ranges.pods, "the pod range", "platform.pod_range", "PodCidrOverlapExistingSubnetsCidr")
        code = "ServiceCidrOverlapExistingSubnetsCidr"
        yield _Own(ranges.services, "the service range", "platform.service_range", code)


def _ranges(subject: Subject, network: str, found: Json, known: set[str]) -> Iterator[_Theirs | NotChecked]:
    """Ranges of a network and of its peers, without those of the installation itself and of networks that are read."""
    properties = member(found, "properties")
    space = member(properties, "addressSpace", "addressPrefixes")
    if not as_list(space):
        yield NotChecked(f"address ranges of {name_of(network)}", "its body does not have them")
    for one in ranges_in(space):
        yield _Theirs(one, name_of(network), network, _holds(subject, network))
    own = known | {network_id(subject.it, name).lower() for name in subject.it.environments}
    for peering in as_list(member(properties, "virtualNetworkPeerings")):
        remote = as_text(member(peering, "properties", "remoteVirtualNetwork", "id"))
        if remote.lower() not in own:
            space = member(peering, "properties", "remoteAddressSpace", "addressPrefixes")
            if not as_list(space):
                yield NotChecked(
                    f"address ranges of {name_of(remote)}", f"the peering of {name_of(network)} lacks them"
                )
            for one in ranges_in(space):
                yield _Theirs(one, f"{name_of(remote)}, a peer of {name_of(network)}", network, peer=True)


def _holds(subject: Subject, network: str) -> str:
    sites = subject.it.sites if subject.answers.network.mode == "existing" else ()
    if any(site.on_kubernetes and network_id(subject.it, site.name).lower() == network.lower() for site in sites):
        return "nodes"
    return "shared" if network.lower() == network_id(subject.it, "hub").lower() else ""


def _free(subject: Subject, one: _Own, taken: list[IPv4Network]) -> tuple[WayOut, ...]:
    """A range of the same size that overlaps nothing known, as an answer."""
    answered = one.range
    if one.key == _SPACE:
        answered = IPv4Network(subject.answers.network.address_space)
    connected = [IPv4Network(text) for text in subject.answers.network.connected_ranges]
    for space in _PRIVATE:
        for candidate in space.subnets(new_prefix=answered.prefixlen) if answered.prefixlen >= space.prefixlen else ():
            if not any(candidate.overlaps(other) for other in (*taken, *connected, *_RESERVED)):
                where = "here and in the peers"
                return (WayOut(f"use {candidate}, which is free {where}", ((one.key, str(candidate)),)),)
    return ()
