"""The address plan: divides an address space into a hub and a spoke for each environment. Pure and fast.

The space has eight equal slots: two for the hub, two for prod, one each for dev, qa and uat, and one free.
Every environment has a fixed slot, used or not, so that adding an environment later moves nothing:

    slot      0   1   2     3    4     5      6   7
    network   hub     dev   qa   uat   free   prod

Each subnet has a fixed position in its network too; the gaps are reserved for later use. Only the first /16 of a larger
space is used.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network
from typing import Final

from installer.conventions.address_ranges import EXAMPLE, PRIVATE, RESERVED, AddressError

MIN_PREFIX_LENGTH: Final = 16
"""Prefix length of the largest space that is used completely."""
MAX_PREFIX_LENGTH: Final = 21
"""Prefix length of the smallest space that fits the plan."""

_SLOT_BITS: Final = 3
_SLOTS: Final[dict[str, tuple[int, int]]] = {"hub": (0, 2), "dev": (2, 1), "qa": (3, 1), "uat": (4, 1), "prod": (6, 2)}
"""First slot and number of slots by network."""

_RESERVED_ADDRESSES: Final = 5

_RESOLVER: Final = "Microsoft.Network/dnsResolvers"
_POSTGRES: Final = "Microsoft.DBforPostgreSQL/flexibleServers"
_AKS: Final = "Microsoft.ContainerService/managedClusters"

_RESERVED_BY_CONTAINER_APPS: Final = IPv4Network("100.100.0.0/16")


@dataclass(frozen=True)
class Subnet:
    """A subnet.

    Attributes:
        least: The largest suitable prefix length.
        delegation: Service that the subnet is delegated to, or None.

    """

    name: str
    prefix: str
    purpose: str
    least: int
    delegation: str | None = None

    @property
    def usable(self) -> int:
        """Number of usable addresses, without the five that Azure reserves."""
        return IPv4Network(self.prefix).num_addresses - _RESERVED_ADDRESSES

    @property
    def last(self) -> str:
        """The last usable address; Azure assigns addresses from the first one on."""
        return str(IPv4Network(self.prefix).broadcast_address - 1)


@dataclass(frozen=True)
class Network:
    """A virtual network; `spare` is the share of its addresses (0 to 1) without a subnet."""

    name: str
    prefix: str
    subnets: tuple[Subnet, ...]
    spare: float

    def subnet(self, name: str) -> Subnet:
        """The subnet with this name; raises KeyError."""
        for subnet in self.subnets:
            if subnet.name == name:
                return subnet
        raise KeyError(name)


@dataclass(frozen=True)
class AddressPlan:
    """Networks: the hub, then the environments in the given order."""

    networks: tuple[Network, ...]

    def network(self, name: str) -> Network:
        """The network with this name; raises KeyError."""
        for network in self.networks:
            if network.name == name:
                return network
        raise KeyError(name)


def plan(address_space: str, runtimes: Mapping[str, Collection[str]]) -> AddressPlan:
    """Compute the address plan.

    Args:
        address_space: IPv4 range in CIDR notation.
        runtimes: Runtimes (aks, container_apps, or both) by environment (dev, qa, uat, prod).

    Raises:
        AddressError: The address space is unsuitable.

    """
    chosen = tuple((name, frozenset(runtimes[name])) for name in _SLOTS if name in runtimes)
    return _plan(address_space, chosen)


@lru_cache(maxsize=64)
def _plan(address_space: str, runtimes: tuple[tuple[str, frozenset[str]], ...]) -> AddressPlan:
    on_container_apps = any("container_apps" in kinds for _, kinds in runtimes)
    space = _parse(address_space, on_container_apps=on_container_apps)
    used = next(space.subnets(new_prefix=MIN_PREFIX_LENGTH)) if space.prefixlen < MIN_PREFIX_LENGTH else space
    slot = used.num_addresses >> _SLOT_BITS
    networks = []
    for name, kinds in (("hub", frozenset[str]()), *runtimes):
        first, count = _SLOTS[name]
        base = int(used.network_address) + first * slot
        network = IPv4Network((base, used.prefixlen + _SLOT_BITS - (count.bit_length() - 1)))
        subnets = _hub(network) if name == "hub" else _spoke(network, kinds, own_server=name == "prod")
        taken = sum(IPv4Network(subnet.prefix).num_addresses for subnet in subnets)
        networks.append(Network(name, str(network), subnets, 1 - taken / network.num_addresses))
    return AddressPlan(tuple(networks))


def _parse(address_space: str, *, on_container_apps: bool) -> IPv4Network:
    """Parse the space. AddressError has an example close to the input, if that is suitable."""
    address, slash, length = address_space.strip().partition("/")
    if not slash:
        raise AddressError(f"{address_space!r} has no prefix length; add one, such as /16.")
    try:
        # ASCII digits only: int() also accepts spaces, signs and digits of other scripts.
        space = IPv4Network((address, int(length) if length.isascii() and length.isdecimal() else -1), strict=False)
    except ValueError:
        raise AddressError(f"{address_space!r} is not an IPv4 range in CIDR notation.") from None
    if str(space.network_address) != address:
        example = str(space) if _objection(space, on_container_apps=on_container_apps) is None else EXAMPLE
        raise AddressError(f"{address_space} is not the start of a range; the range is {space}.", example)
    if objection := _objection(space, on_container_apps=on_container_apps):
        larger = space.supernet(new_prefix=min(space.prefixlen, MAX_PREFIX_LENGTH))
        raise AddressError(
            objection, str(larger) if _objection(larger, on_container_apps=on_container_apps) is None else EXAMPLE
        )
    return space


def _objection(space: IPv4Network, *, on_container_apps: bool) -> str | None:
    if space.prefixlen > MAX_PREFIX_LENGTH:
        held = "1 address" if space.num_addresses == 1 else f"{space.num_addresses} addresses"
        return f"A /{space.prefixlen} has {held}; the address plan needs a /{MAX_PREFIX_LENGTH} or larger."
    if not any(space.subnet_of(private) for private in PRIVATE):
        return f"{space} is not a private range; use one in 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10."
    for taken in (*RESERVED, _RESERVED_BY_CONTAINER_APPS) if on_container_apps else RESERVED:
        if space.overlaps(taken):
            return f"{space} overlaps {taken}, which Azure reserves."
    return None


def _at(network: IPv4Network, offset: int, length: int) -> str:
    return str(IPv4Network((int(network.network_address) + offset, length)))


def _hub(network: IPv4Network) -> tuple[Subnet, ...]:
    """The second half is reserved for a firewall, the rest of the first for gateways and Bastion."""
    return (
        Subnet("endpoints", _at(network, 0, 26), "private endpoints of shared resources", 27),
        Subnet(
            "gateway",
            _at(network, network.num_addresses // 4, max(network.prefixlen + 3, 24)),
            "Application Gateway",
            28,
        ),
        Subnet("resolver", _at(network, 64, 28), "inbound endpoint of the DNS private resolver", 28, _RESOLVER),
        Subnet("postgres", _at(network, 96, 28), "shared PostgreSQL server with VNet integration", 28, _POSTGRES),
    )


def _spoke(network: IPv4Network, kinds: frozenset[str], *, own_server: bool) -> tuple[Subnet, ...]:
    """The first half, up to a /22, is for nodes; each subnet of the second half has a fixed position.

    Positions in sixteenths of the network, with an upper limit for the size of each subnet:

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
        found.append(Subnet("api", _at(network, 15 * part, 28), "reserved for a Kubernetes API server", 28, _AKS))
    if own_server:
        found.append(
            Subnet(
                "postgres",
                _at(network, 15 * part + 16, 28),
                "dedicated PostgreSQL server with VNet integration",
                28,
                _POSTGRES,
            )
        )
    return tuple(found)
