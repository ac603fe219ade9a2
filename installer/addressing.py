"""The address plan: one address space, carved into a hub and a spoke for each environment. Pure and fast.

The space is cut into eight equal slots. The hub has two, prod has two, dev, qa and uat have one each, and one stays free.
Every environment has its place whether it is asked for or not, so that adding one later moves nothing:

    slot      0   1   2     3    4     5      6   7
    network   hub     dev   qa   uat   free   prod

Within a network each subnet has its place too; what lies between them is room for what comes later. Of a space larger
than a /16 only the first /16 is used.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network
from typing import Final

LARGEST: Final = 16
"""Prefix length of the largest space that is used as a whole."""
SMALLEST: Final = 21
"""Prefix length of the smallest space that holds the plan."""

_EXAMPLE: Final = "10.40.0.0/16"

_SLOT_BITS: Final = 3
_SLOTS: Final[dict[str, tuple[int, int]]] = {"hub": (0, 2), "dev": (2, 1), "qa": (3, 1), "uat": (4, 1), "prod": (6, 2)}
"""Network to its first slot and how many it has."""

_PRIVATE: Final = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")))
_RESERVED: Final = tuple(map(IPv4Network, ("172.30.0.0/16", "172.31.0.0/16")))
"""Private ranges that Kubernetes and Container Apps keep for themselves."""
_RESERVED_BY_CONTAINER_APPS: Final = IPv4Network("100.100.0.0/16")

_PODS: Final = tuple(map(IPv4Network, ("10.244.0.0/16", "172.29.0.0/16")))
_SERVICES: Final = tuple(map(IPv4Network, ("10.245.0.0/16", "172.28.0.0/16")))
"""Candidates for the ranges inside a cluster. An address space lies within one private range, so that one always fits."""


class AddressError(ValueError):
    """An address space that will not do.

    message: why, in one sentence. needed: the largest prefix length that would do. example: a space that would do.
    """

    def __init__(self, message: str, example: str = _EXAMPLE, needed: int = SMALLEST) -> None:
        super().__init__(message)
        self.message = message
        self.needed = needed
        self.example = example


@dataclass(frozen=True)
class Subnet:
    """A subnet; `delegation` is the service that it is given over to."""

    name: str
    prefix: str
    purpose: str
    delegation: str | None = None


@dataclass(frozen=True)
class Network:
    """A virtual network; `spare` is the share of its addresses, from 0 to 1, that no subnet has yet."""

    name: str
    prefix: str
    subnets: tuple[Subnet, ...]
    spare: float

    def subnet(self, name: str) -> Subnet:
        """The subnet of that name; raises KeyError."""
        for subnet in self.subnets:
            if subnet.name == name:
                return subnet
        raise KeyError(name)


@dataclass(frozen=True)
class AddressPlan:
    """The hub, then the environments in the order in which they were given; and the ranges inside a cluster.

    Pod and service ranges never leave a cluster, so every cluster may use the same.
    """

    networks: tuple[Network, ...]
    pod_cidr: str
    service_cidr: str
    dns_service_ip: str

    def network(self, name: str) -> Network:
        """The network of that name; raises KeyError."""
        for network in self.networks:
            if network.name == name:
                return network
        raise KeyError(name)


def plan(address_space: str, environments: Collection[str], runtime: str) -> AddressPlan:
    """The address plan. `environments` are of dev, qa, uat, prod; `runtime` is aks or container_apps.

    Raises AddressError for a space that will not do.
    """
    return _plan(address_space, tuple(name for name in _SLOTS if name == "hub" or name in environments), runtime)


@lru_cache(maxsize=64)
def _plan(address_space: str, names: tuple[str, ...], runtime: str) -> AddressPlan:
    space = _parse(address_space, runtime)
    used = next(space.subnets(new_prefix=LARGEST)) if space.prefixlen < LARGEST else space
    slot = used.num_addresses >> _SLOT_BITS
    networks = []
    for name in names:
        first, count = _SLOTS[name]
        base = int(used.network_address) + first * slot
        network = IPv4Network((base, used.prefixlen + _SLOT_BITS - (count.bit_length() - 1)))
        subnets = _hub(network) if name == "hub" else _spoke(network, runtime)
        taken = sum(IPv4Network(subnet.prefix).num_addresses for subnet in subnets)
        networks.append(Network(name, str(network), subnets, 1 - taken / network.num_addresses))
    pods = next(candidate for candidate in _PODS if not candidate.overlaps(space))
    services = next(candidate for candidate in _SERVICES if not candidate.overlaps(space))
    return AddressPlan(tuple(networks), str(pods), str(services), str(services.network_address + 10))


def _parse(address_space: str, runtime: str) -> IPv4Network:
    """The space, if it will do; AddressError says why not, with an example close to what was typed if one will do."""
    address, slash, length = address_space.strip().partition("/")
    if not slash:
        raise AddressError(f"{address_space!r} has no prefix length: the number after a slash.")
    try:
        # Only plain digits: int() would take blanks, signs and digits of other scripts too.
        space = IPv4Network((address, int(length) if length.isascii() and length.isdecimal() else -1), strict=False)
    except ValueError:
        raise AddressError(f"{address_space!r} is not an IPv4 range in CIDR notation.") from None
    if str(space.network_address) != address:
        example = str(space) if _objection(space, runtime) is None else _EXAMPLE
        raise AddressError(f"{address_space} begins inside a range: the range is {space}.", example)
    if objection := _objection(space, runtime):
        larger = space.supernet(new_prefix=min(space.prefixlen, SMALLEST))
        raise AddressError(objection, str(larger) if _objection(larger, runtime) is None else _EXAMPLE)
    return space


def _objection(space: IPv4Network, runtime: str) -> str | None:
    if space.prefixlen > SMALLEST:
        held = "1 address" if space.num_addresses == 1 else f"{space.num_addresses} addresses"
        return f"A /{space.prefixlen} holds {held}; this plan needs a /{SMALLEST} or larger."
    if not any(space.subnet_of(private) for private in _PRIVATE):
        return f"{space} is not private: use a range within 10/8, 172.16/12, 192.168/16 or 100.64/10."
    for taken in (*_RESERVED, _RESERVED_BY_CONTAINER_APPS) if runtime == "container_apps" else _RESERVED:
        if space.overlaps(taken):
            return f"{space} overlaps {taken}, which Azure keeps for itself."
    return None


def _at(network: IPv4Network, offset: int, length: int) -> str:
    return str(IPv4Network((int(network.network_address) + offset, length)))


def _hub(network: IPv4Network) -> tuple[Subnet, ...]:
    """The second half is left for an application gateway, the rest of the first for gateways, Bastion and DNS."""
    return (Subnet("endpoints", _at(network, 0, 26), "private endpoints of what all environments share"),)


def _spoke(network: IPv4Network, runtime: str) -> tuple[Subnet, ...]:
    """Machines have the first half, up to a /22; web app and endpoints an eighth each, up to a /26, after the half."""
    half = network.num_addresses // 2
    small = max(network.prefixlen + 3, 26)
    size = 1 << (32 - small)
    machines = _at(network, 0, max(network.prefixlen + 1, 22))
    return (
        Subnet("nodes", machines, "Kubernetes nodes and internal load balancers")
        if runtime == "aks"
        else Subnet("apps", machines, "Container Apps", "Microsoft.App/environments"),
        Subnet("web", _at(network, half, small), "outbound traffic of the web app", "Microsoft.Web/serverFarms"),
        Subnet("endpoints", _at(network, half + size, small), "private endpoints"),
    )
