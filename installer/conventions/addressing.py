"""The address plan: one address space, carved into a hub and a spoke for each environment. Pure and fast.

The space is cut into eight equal slots. The hub has two, prod has two, dev, qa and uat have one each, and one stays free.
Every environment has its place whether it is asked for or not, so that adding one later moves nothing:

    slot      0   1   2     3    4     5      6   7
    network   hub     dev   qa   uat   free   prod

Within a network each subnet has its place too; what lies between them is room for what comes later. Of a space larger
than a /16 only the first /16 is used.
"""

from collections.abc import Collection, Mapping
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

_TAKEN_BY_AZURE: Final = 5

_RESOLVER: Final = "Microsoft.Network/dnsResolvers"
_POSTGRES: Final = "Microsoft.DBforPostgreSQL/flexibleServers"
_AKS: Final = "Microsoft.ContainerService/managedClusters"

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
    """A subnet. `delegation`: service that it is given over to. `least`: largest prefix length that it can live with."""

    name: str
    prefix: str
    purpose: str
    least: int
    delegation: str | None = None

    @property
    def usable(self) -> int:
        """How many addresses are left of it when Azure has taken its five."""
        return IPv4Network(self.prefix).num_addresses - _TAKEN_BY_AZURE

    @property
    def last(self) -> str:
        """The last address that can be used: machines are given theirs from the first on."""
        return str(IPv4Network(self.prefix).broadcast_address - 1)


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


def plan(address_space: str, runtimes: Mapping[str, Collection[str]]) -> AddressPlan:
    """The address plan. `runtimes`: environment (dev, qa, uat, prod) to what it runs on: aks, container_apps, or both.

    Raises AddressError for a space that will not do.
    """
    chosen = tuple((name, frozenset(runtimes[name])) for name in _SLOTS if name in runtimes)
    return _plan(address_space, chosen)


@lru_cache(maxsize=64)
def _plan(address_space: str, runtimes: tuple[tuple[str, frozenset[str]], ...]) -> AddressPlan:
    on_container_apps = any("container_apps" in kinds for _, kinds in runtimes)
    space = _parse(address_space, on_container_apps=on_container_apps)
    used = next(space.subnets(new_prefix=LARGEST)) if space.prefixlen < LARGEST else space
    slot = used.num_addresses >> _SLOT_BITS
    networks = []
    for name, kinds in (("hub", frozenset[str]()), *runtimes):
        first, count = _SLOTS[name]
        base = int(used.network_address) + first * slot
        network = IPv4Network((base, used.prefixlen + _SLOT_BITS - (count.bit_length() - 1)))
        subnets = _hub(network) if name == "hub" else _spoke(network, kinds, own_server=name == "prod")
        taken = sum(IPv4Network(subnet.prefix).num_addresses for subnet in subnets)
        networks.append(Network(name, str(network), subnets, 1 - taken / network.num_addresses))
    pods = next(candidate for candidate in _PODS if not candidate.overlaps(space))
    services = next(candidate for candidate in _SERVICES if not candidate.overlaps(space))
    return AddressPlan(tuple(networks), str(pods), str(services), str(services.network_address + 10))


def _parse(address_space: str, *, on_container_apps: bool) -> IPv4Network:
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
        example = str(space) if _objection(space, on_container_apps=on_container_apps) is None else _EXAMPLE
        raise AddressError(f"{address_space} begins inside a range: the range is {space}.", example)
    if objection := _objection(space, on_container_apps=on_container_apps):
        larger = space.supernet(new_prefix=min(space.prefixlen, SMALLEST))
        raise AddressError(
            objection, str(larger) if _objection(larger, on_container_apps=on_container_apps) is None else _EXAMPLE
        )
    return space


def _objection(space: IPv4Network, *, on_container_apps: bool) -> str | None:
    if space.prefixlen > SMALLEST:
        held = "1 address" if space.num_addresses == 1 else f"{space.num_addresses} addresses"
        return f"A /{space.prefixlen} holds {held}; this plan needs a /{SMALLEST} or larger."
    if not any(space.subnet_of(private) for private in _PRIVATE):
        return f"{space} is not private: use a range within 10/8, 172.16/12, 192.168/16 or 100.64/10."
    for taken in (*_RESERVED, _RESERVED_BY_CONTAINER_APPS) if on_container_apps else _RESERVED:
        if space.overlaps(taken):
            return f"{space} overlaps {taken}, which Azure keeps for itself."
    return None


def _at(network: IPv4Network, offset: int, length: int) -> str:
    return str(IPv4Network((int(network.network_address) + offset, length)))


def _hub(network: IPv4Network) -> tuple[Subnet, ...]:
    """The second half is left for a firewall, the rest of the first for gateways and Bastion."""
    return (
        Subnet("endpoints", _at(network, 0, 26), "private endpoints of what all environments share", 27),
        Subnet("resolver", _at(network, 64, 28), "where others ask for private names", 28, _RESOLVER),
        Subnet("postgres", _at(network, 96, 28), "the shared database, where it has no endpoint", 28, _POSTGRES),
    )


def _spoke(network: IPv4Network, kinds: frozenset[str], *, own_server: bool) -> tuple[Subnet, ...]:
    """The first half, up to a /22, is for machines; each subnet of the second half has its place whatever the others are.

    In sixteenths of the network, as far as no subnet is larger than it is of use:

        8     10          12         14        15
        web   endpoints   apps too   gateway   API server, database
    """
    part = network.num_addresses // 16
    small = max(network.prefixlen + 3, 26)
    size = 1 << (32 - small)
    machines = _at(network, 0, max(network.prefixlen + 1, 22))
    on_kubernetes, both = "aks" in kinds, {"aks", "container_apps"} <= kinds
    apps_at = _at(network, 12 * part, max(network.prefixlen + 3, 24)) if both else machines
    found = [
        Subnet(
            "web", _at(network, 8 * part, small), "outbound traffic of the web app", 28, "Microsoft.Web/serverFarms"
        ),
        Subnet("endpoints", _at(network, 8 * part + size, small), "private endpoints", 27),
        Subnet("gateway", _at(network, 14 * part, max(network.prefixlen + 4, 24)), "Application Gateway", 28),
    ]
    if "container_apps" in kinds:
        found.insert(0, Subnet("apps", apps_at, "Container Apps", 27, "Microsoft.App/environments"))
    if on_kubernetes:
        found.insert(0, Subnet("nodes", machines, "Kubernetes nodes and internal load balancers", 25))
        found.append(Subnet("api", _at(network, 15 * part, 28), "kept free for a Kubernetes API server", 28, _AKS))
    if own_server:
        found.append(
            Subnet("postgres", _at(network, 15 * part + 16, 28), "its database without endpoint", 28, _POSTGRES)
        )
    return tuple(found)
