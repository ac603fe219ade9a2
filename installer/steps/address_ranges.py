"""Step: checks that the ranges of the installation overlap nothing that existing networks are connected to.

Azure refuses a peering of overlapping networks late, and gives no warning when a range inside a cluster overlaps a network
that pods have to reach: its hosts are then unreachable (azure-aks-docs, aks/concepts-network-azure-cni-overlay.md).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import ClassVar, Final

from installer.engine.step import Context, Outputs
from installer.errors import CheckBlocked
from installer.estate import keys
from installer.estate.parameters.context import Installation
from installer.estate.parameters.resource_ids import network_id
from installer.json_access import as_list, as_text, member
from installer.jsontypes import Json
from installer.resource_id import name_of
from installer.steps.network_check import NetworkCheck

_VERSION: Final = "2025-05-01"


def checks_address_ranges(it: Installation) -> bool:
    """Whether the installation connects to existing networks."""
    return it.answers.network.mode in ("existing_hub", "existing")


@dataclass(frozen=True)
class CheckAddressRanges(NetworkCheck):
    """Reads the existing networks and their peerings, and compares their ranges with those of the installation."""

    key: ClassVar[str] = keys.ADDRESS_RANGES
    title: ClassVar[str] = "Address ranges"

    def apply(self, context: Context) -> Outputs:
        """Read the networks. Raises CheckBlocked with every overlap and the answer that avoids it."""
        context.remember("begun", name=self.key)
        theirs = [one for network in self._existing() for one in self._ranges(context, network)]
        found = [
            f"  {what} {own} overlaps {other} of {where}: change the answer {answer}"
            for own, what, answer in self._own()
            for other, where in theirs
            if own.overlaps(other)
        ]
        if found:
            lines = "\n".join(dict.fromkeys(found))
            raise CheckBlocked(f"ranges of this installation overlap networks that it connects to:\n{lines}")
        return {}

    def _existing(self) -> tuple[str, ...]:
        names = ("hub",) if self.it.answers.network.mode == "existing_hub" else ("hub", *self.it.environments)
        return tuple(network_id(self.it, name) for name in names)

    def _own(self) -> Iterator[tuple[IPv4Network, str, str]]:
        """Each range of the installation, what it is, and the label of its answer."""
        if self.it.answers.network.mode == "existing_hub":
            for name in self.it.environments:
                prefix = IPv4Network(self.it.addresses.network(name).prefix)
                yield prefix, f"the spoke of {name},", "Address space"
        if any(site.on_kubernetes for site in self.it.sites):
            yield self.it.cluster_ranges.pods, "the pod range", "Pod range"
            yield self.it.cluster_ranges.services, "the service range", "Service range"

    def _ranges(self, context: Context, network: str) -> Iterator[tuple[IPv4Network, str]]:
        """Ranges of a network and of its peers, without those of the installation itself."""
        found = self._read(context, network)
        properties = member(found, "properties")
        yield from _networks(member(properties, "addressSpace", "addressPrefixes"), name_of(network))
        own = {network_id(self.it, name).lower() for name in self.it.environments}
        for peering in as_list(member(properties, "virtualNetworkPeerings")):
            remote = as_text(member(peering, "properties", "remoteVirtualNetwork", "id"))
            if remote.lower() in own:
                continue
            space = member(peering, "properties", "remoteAddressSpace", "addressPrefixes")
            yield from _networks(space, f"{name_of(remote)}, a peer of {name_of(network)}")

    def _read(self, context: Context, network: str) -> Json:
        path = f"{network}?api-version={_VERSION}"
        nothing: dict[str, Json] = {}
        return self.readable(
            context,
            lambda: self.service.find(path, doing="read virtual networks") or nothing,
            nothing,
            f"address ranges of {network}",
        )


def _networks(prefixes: Json, where: str) -> Iterator[tuple[IPv4Network, str]]:
    for prefix in as_list(prefixes):
        if ":" not in as_text(prefix):  # IPv6 ranges overlap nothing here
            yield IPv4Network(as_text(prefix), strict=False), where
