"""Address ranges inside a Kubernetes cluster: pods (overlay) and services. Pure.

They are not routed outside a cluster, so all clusters use the same ones; but a pod cannot reach a host of another network
whose address is in one of them. Source of the rules: azure-aks-docs, articles/aks/concepts-network-azure-cni-overlay.md
(IP address planning) and articles/aks/configure-azure-cni.md (reserved ranges).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final

from installer.conventions.address_ranges import AddressError

SERVICES_LONGEST: Final = 24
"""The smallest service range that is accepted here: the tenth address is that of the DNS service."""
SERVICES_SHORTEST: Final = 13
"""The service range has to be smaller than a /12."""
NODE_LENGTH: Final = 24
"""Every node takes a /24 of the pod range."""

_PODS: Final = tuple(map(IPv4Network, ("10.244.0.0/16", "172.29.0.0/16", "192.168.0.0/17", "100.112.0.0/16")))
_SERVICES: Final = tuple(map(IPv4Network, ("10.245.0.0/16", "172.28.0.0/16", "192.168.128.0/17", "100.113.0.0/16")))
"""Candidates, in the order of preference."""


class ClusterRangesError(AddressError):
    """No range of the candidates is free; `kind` is "pod" or "service"."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"every usual {kind} range overlaps a connected range; enter one that is free")
        self.kind = kind


@dataclass(frozen=True)
class ClusterRanges:
    """Ranges inside every cluster of an installation."""

    pods: IPv4Network
    services: IPv4Network

    @property
    def dns_service(self) -> str:
        """Address of the DNS service."""
        return str(self.services[10])


def cluster_ranges(pods: str, services: str, taken: Iterable[IPv4Network]) -> ClusterRanges:
    """The given ranges, or the first candidates that overlap nothing.

    Args:
        pods: Range in CIDR notation, or "" for a candidate.
        services: The same for services.
        taken: Ranges of the networks that pods have to reach.

    Raises:
        ClusterRangesError: No candidate is free.

    """
    used = list(taken)
    given_pods, given_services = (IPv4Network(one) if one else None for one in (pods, services))
    chosen_pods = given_pods or _first(_PODS, [*used, *([given_services] if given_services else [])], "pod")
    chosen_services = given_services or _first(_SERVICES, [*used, chosen_pods], "service")
    return ClusterRanges(chosen_pods, chosen_services)


def _first(candidates: Iterable[IPv4Network], taken: Iterable[IPv4Network], kind: str) -> IPv4Network:
    used = list(taken)
    for candidate in candidates:
        if not any(candidate.overlaps(other) for other in used):
            return candidate
    raise ClusterRangesError(kind)


def nodes_that_fit(pods: IPv4Network) -> int:
    """Number of nodes for which a pod range has addresses."""
    return 2 ** (NODE_LENGTH - pods.prefixlen) if pods.prefixlen <= NODE_LENGTH else 0
