"""Existing hub and spokes: they overlap nowhere, each spoke is peered with the hub, and no other peering takes the place of a new one.

The installation peers only spokes that it creates. Sources: azure-docs, virtual-network/virtual-network-peering-overview.md and
virtual-network-manage-peering.md (each network has its half of a peering, Connected once both exist; peerings are not transitive;
networks that overlap are not peered). A spoke that is connected through a virtual WAN or an appliance is peered with the network of
that one only; whether its routes lead to the hub cannot be read. Gateways, and meshes of a virtual network manager, need no peering.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final

from installer.conventions.counts import counted
from installer.estate.parameters.resource_ids import network_id
from installer.json_access import as_object, as_text, member, objects_of
from installer.preflight.commands import in_group
from installer.preflight.model import Finding, NotChecked, Proof, WayOut
from installer.preflight.network.reads import (
    existing_networks,
    has_gateway,
    managed_connections,
    ranges_of,
    read_network,
)
from installer.preflight.reads import NotVisible
from installer.resource_id import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.json_access import JsonObject
    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

_CONNECTED: Final = frozenset({"connected", ""})
"""States in which a half of a peering works; "" where its body has none."""


def connections(subject: Subject) -> Iterator[Entry]:
    """Overlaps of existing networks, spokes without a working peering with the hub, and peerings in the way of new spokes."""
    if subject.answers.network.mode == "existing_hub":
        yield from _in_the_way(subject)
    if subject.answers.network.mode != "existing":
        return
    networks: dict[str, JsonObject] = {}
    for one in existing_networks(subject):
        try:
            found = read_network(subject, one)
        except NotVisible as unseen:
            yield NotChecked(f"overlaps and peerings of {name_of(one)}", unseen.why)
            continue
        if found is not None:  # else named as missing
            networks[one] = found
    hub = network_id(subject.it, "hub")
    overlaps = list(_overlaps(networks, hub))
    yield from overlaps
    if len(networks) > 1 and not overlaps:
        yield Proof(f"{counted(len(networks), 'existing network')} overlap nowhere")
    if hub not in networks:
        return
    spokes = [one for one in networks if one.lower() != hub.lower()]
    unconnected = [entry for one in spokes for entry in _unconnected(subject, one, hub, networks)]
    yield from unconnected
    if spokes and not unconnected:
        yield Proof(f"{', '.join(map(name_of, spokes))}: peered with {name_of(hub)}")


def _in_the_way(subject: Subject) -> Iterator[Finding]:
    """Peerings of the hub with planned spokes under other names, as another tool makes them.

    Azure refuses a second one: code as public threads and github.com/kyma-project/cloud-manager have it.
    """
    hub = network_id(subject.it, "hub")
    try:
        found = read_network(subject, hub)
    except NotVisible:
        return  # the check of ranges reports it
    for name in subject.it.environments:
        half = _half(found or {}, network_id(subject.it, name))
        there, planned = as_text((half or {}).get("name")), subject.it.names.peering(name)
        if half is not None and there.lower() != planned.lower():
            yield Finding(
                "blocks",
                f"{name_of(hub)} is peered with the spoke of {name} already, as {there}",
                as_text(half.get("id")) or hub,
                "Azure refuses a second peering with the same network",
                (
                    WayOut(
                        f"ask its owner to delete it, the run makes {planned}: az network vnet peering delete {in_group(hub)} "
                        f"--vnet-name {name_of(hub)} -n {there}"
                    ),
                    WayOut("install with another prefix, which names another network"),
                ),
                "AnotherPeeringAlreadyReferencesRemoteVnet",
            )


# -- overlaps ----------------------------------------------------------------------------------------------------


def _overlaps(networks: Mapping[str, JsonObject], hub: str) -> Iterator[Finding]:
    for (one, first), (other, second) in combinations(networks.items(), 2):
        if one.lower() == other.lower():
            continue
        shared = [(a, b) for a in ranges_of(first) for b in ranges_of(second) if a.overlaps(b)]
        if not shared:
            continue
        with_hub = hub.lower() in (one.lower(), other.lower())
        yield Finding(
            "blocks",
            f"{name_of(one)} ({shared[0][0]}) and {name_of(other)} ({shared[0][1]}) overlap",
            other,
            f"Azure peers {'no networks that overlap' if with_hub else 'a hub with no two networks that overlap'}, so one of them "
            "does not reach what the installation has in the hub",
            (
                WayOut(f"name another network in the answer network.spoke_ids instead of {name_of(other)}"),
                WayOut(f"ask the owner of {name_of(other)} for an address space that overlaps no network of the hub"),
            ),
            "VnetAddressSpacesOverlap" if with_hub else "VnetAddressSpaceOverlapsWithAlreadyPeeredVnet",
        )


# -- peerings ----------------------------------------------------------------------------------------------------


def _unconnected(subject: Subject, spoke: str, hub: str, networks: Mapping[str, JsonObject]) -> Iterator[Finding]:
    """A spoke whose half of the peering, or that of the hub, is missing or does not work."""
    missing: list[str] = []
    for one, other in ((spoke, hub), (hub, spoke)):
        half = _half(networks[one], other)
        state = as_text(member(half, "properties", "peeringState"))
        if half is None:
            missing.append(f"{name_of(one)} has no peering with {name_of(other)}")
        elif state.lower() not in _CONNECTED:
            missing.append(f"the peering {name_of(as_text(half.get('id')))} of {name_of(one)} is {state}")
        elif member(half, "properties", "allowVirtualNetworkAccess") is False:
            missing.append(f"the peering {name_of(as_text(half.get('id')))} of {name_of(one)} lets no traffic through")
    if not missing:
        return
    elsewhere = ", ".join(_other_ways(subject, spoke, networks[spoke], hub)) if len(missing) > 1 else ""
    through = f"; it may be connected through {elsewhere}" if elsewhere else ""
    nothing = (WayOut(f"nothing to do, if {elsewhere} leads from one to the other"),) if elsewhere else ()
    yield Finding(
        "warns" if elsewhere else "blocks",
        f"{name_of(spoke)} is not connected with {name_of(hub)}: {' and '.join(missing)}{through}",
        spoke,
        "its nodes and apps do not reach the private endpoints of the hub: the database server, and the registry of their images",
        (
            *nothing,
            WayOut(
                f"ask the owners of both networks for a peering in each direction: {_command(spoke, hub)}, and {_command(hub, spoke)}"
            ),
            WayOut("correct the answers that name the hub and the spokes"),
        ),
    )


def _other_ways(subject: Subject, spoke: str, network: JsonObject, hub: str) -> Iterator[str]:
    """Networks, gateways and network managers through which a spoke may be connected without a peering."""
    yield from _peers(network, hub)
    if has_gateway(network.get("properties")):
        yield "its gateway"
    try:
        managed = objects_of(subject.arm.ask(managed_connections(spoke)).get("value"))
    except NotVisible as unseen:
        yield f"a network manager ({unseen.why})"
        return
    yield from (f"the network manager configuration {name_of(as_text(one.get('id')))}" for one in managed)


def _half(network: JsonObject, remote: str) -> JsonObject | None:
    """The half of a peering with another network; None without one."""
    return next((one for one in _peerings(network) if _remote(one) == remote.lower()), None)


def _peers(network: JsonObject, hub: str) -> list[str]:
    """Names of the networks beside the hub with which a network is connected."""
    ids = [
        as_text(member(one, "properties", "remoteVirtualNetwork", "id"))
        for one in _peerings(network)
        if as_text(member(one, "properties", "peeringState")).lower() in _CONNECTED
    ]
    return sorted({name_of(one) for one in ids if one and one.lower() != hub.lower()})


def _peerings(network: JsonObject) -> list[JsonObject]:
    return [as_object(one) for one in objects_of(member(network, "properties", "virtualNetworkPeerings"))]


def _remote(peering: JsonObject) -> str:
    return as_text(member(peering, "properties", "remoteVirtualNetwork", "id")).lower()


def _command(one: str, other: str) -> str:
    where = f"{in_group(one)} --vnet-name {name_of(one)}"
    return f"az network vnet peering create {where} -n to-{name_of(other)} --remote-vnet {other} --allow-vnet-access"
