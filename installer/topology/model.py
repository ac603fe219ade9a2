"""Parts of the picture of an installation. Names are printable text."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """A resource in a subnet, or one that is reached by a private endpoint there.

    Attributes:
        name: Name of the resource.
        kind: Its type for people, such as "Kubernetes".
        endpoint: Whether the subnet has a private endpoint of it instead of the resource itself.

    """

    name: str
    kind: str
    endpoint: bool = False


@dataclass(frozen=True)
class Subnet:
    """A subnet. `prefix` is "" for an existing one."""

    name: str
    prefix: str
    items: tuple[Item, ...] = ()


@dataclass(frozen=True)
class Network:
    """A virtual network.

    Attributes:
        id: Its ID in lower case.
        name: Its name.
        prefix: Its address ranges, "" for an existing network.
        environment: Environment of a spoke, "" for the hub.
        existing: Whether it is not created by the installation.
        egress: How its subnets reach the internet, "" if unknown.
        peers: Names of the networks it is peered with.
        subnets: Its subnets.

    """

    id: str
    name: str
    prefix: str
    environment: str
    existing: bool
    egress: str
    peers: tuple[str, ...]
    subnets: tuple[Subnet, ...]

    @property
    def title(self) -> str:
        """Environment or hub, name and addresses."""
        words = (self.environment or "hub", self.name, "(existing)" if self.existing else self.prefix)
        return " ".join(word for word in words if word)


@dataclass(frozen=True)
class Way:
    """A way from the internet to a web app: the public host name, the app and its environment."""

    host: str
    target: str
    environment: str


@dataclass(frozen=True)
class Entry:
    """A service that answers on the internet, and where its requests go."""

    kind: str
    name: str
    ways: tuple[Way, ...]


@dataclass(frozen=True)
class Grant:
    """Roles on one resource."""

    target: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Identity:
    """Who has roles.

    Attributes:
        name: Name of the managed identity, or the question that names the group.
        environment: Its environment, "" if it has none.
        used_by: Names of the resources that run under it.
        grants: Its roles.

    """

    name: str
    environment: str
    used_by: tuple[str, ...]
    grants: tuple[Grant, ...]


@dataclass(frozen=True)
class Topology:
    """The picture.

    Attributes:
        name: Prefix of the installation.
        entries: Ways in from the internet.
        networks: The spokes in the order of the environments, then the hub.
        public: Services that are reached over public endpoints.
        identities: Who has roles, in the order of the environments.

    """

    name: str
    entries: tuple[Entry, ...]
    networks: tuple[Network, ...]
    public: tuple[Item, ...]
    identities: tuple[Identity, ...]

    @property
    def spokes(self) -> tuple[Network, ...]:
        """Networks of environments."""
        return tuple(one for one in self.networks if one.environment)

    @property
    def hubs(self) -> tuple[Network, ...]:
        """Networks without an environment."""
        return tuple(one for one in self.networks if not one.environment)

    @property
    def environments(self) -> tuple[str, ...]:
        """Environments that have identities, "" for those without one, in order."""
        return tuple(dict.fromkeys(one.environment for one in self.identities))
