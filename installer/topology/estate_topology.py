"""Reads the planned resources of an installation into its picture.

A resource is drawn in the subnets that its definition names. The IDs of the templates decide, so that a new resource appears
without a change here; only its type needs a word in `KINDS`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from installer.answers.model import Answers
from installer.answers.questions import all_questions
from installer.conventions.integrations import INTEGRATIONS
from installer.conventions.naming import ENVIRONMENT_TAG
from installer.estate.parameters import PLACEHOLDER_OUTPUTS, stages
from installer.estate.parameters.context import Installation
from installer.estate.resource_titles import ASSIGNMENTS, MANAGED, Principals
from installer.estate.resources import predicted
from installer.json_access import as_list, as_text, member, objects_of
from installer.jsontypes import Json
from installer.resource_id import ResourceId, ids_in, parse_id
from installer.sanitize import printable
from installer.topology.model import Grant, Identity, Item, Network, Subnet, Topology
from installer.topology.ways_in import entries

Bodies = Mapping[str, Json]

NETWORK: Final = "microsoft.network/virtualnetworks"
SUBNET: Final = f"{NETWORK}/subnets"
PEERING: Final = f"{NETWORK}/virtualnetworkpeerings"
ENDPOINT: Final = "microsoft.network/privateendpoints"
IDENTITY: Final = "microsoft.managedidentity/userassignedidentities"
KINDS: Final[Mapping[str, str]] = {
    "microsoft.containerservice/managedclusters": "Kubernetes",
    "microsoft.app/managedenvironments": "Container Apps",
    "microsoft.app/containerapps": "container app",
    "microsoft.web/sites": "web app",
    "microsoft.dbforpostgresql/flexibleservers": "PostgreSQL",
    "microsoft.storage/storageaccounts": "storage",
    "microsoft.keyvault/vaults": "key vault",
    "microsoft.containerregistry/registries": "registry",
    "microsoft.cache/redisenterprise": "Redis",
    "microsoft.network/applicationgateways": "Application Gateway",
    "microsoft.network/dnsresolvers": "DNS resolver",
    **{one.type.lower(): all_questions()[f"integrations.{key}"].ask.label for key, one in INTEGRATIONS.items()},
}
"""Resources of the picture, by type in lower case."""


def topology(answers: Answers) -> Topology:
    """The picture of an installation. Takes about as long as its estate, whose definitions are cached."""
    bodies = {as_text(one["id"]).lower(): dict(one) for stage in stages(answers) for one in predicted(answers, stage)}
    it = Installation(answers)
    networks = tuple(_networks(it, bodies))
    placed = {item.name for network in networks for subnet in network.subnets for item in subnet.items}
    return Topology(
        printable(answers.subscription.prefix),
        tuple(entries(answers, bodies)),
        networks,
        tuple(_public(bodies, placed)),
        tuple(_identities(answers, bodies)),
    )


def _type(body: Json) -> str:
    return as_text(member(body, "type")).lower()


def _parsed(resource_id: str) -> ResourceId:
    """A parsed ID; every planned resource has a valid one."""
    found = parse_id(resource_id)
    if found is None:
        raise ValueError(f"{resource_id} is no resource ID")
    return found


# -- networks --------------------------------------------------------------------------------------------------------


def _networks(it: Installation, bodies: Bodies) -> Iterator[Network]:
    """Spokes in the order of the environments, then the hub; existing networks only if something is placed in them."""
    items = _items(bodies)
    names = dict.fromkeys(
        [key for key, body in bodies.items() if _type(body) == NETWORK]
        + [parent.id.lower() for key in items if (parent := _parsed(key).parent) is not None]
        + [_remote(body) for body in bodies.values() if _type(body) == PEERING]
    )
    own = dict(text.split("=", 1) for text in it.answers.network.spoke_ids)
    environments = {one.lower(): name for name, one in own.items()}
    spelled = {one.lower(): one for body in bodies.values() for one in ids_in(body)}
    found = [_network(it, spelled.get(name, name), environments.get(name, ""), bodies, items) for name in names]
    order = {name: number for number, name in enumerate(it.environments)}
    yield from sorted(found, key=lambda one: order.get(one.environment, len(order)))


def _network(
    it: Installation, own_id: str, environment: str, bodies: Bodies, items: Mapping[str, list[Item]]
) -> Network:
    key, parsed = own_id.lower(), _parsed(own_id)
    body = bodies.get(key)
    prefix = ", ".join(as_text(one) for one in as_list(member(body, "properties", "addressSpace", "addressPrefixes")))
    planned = [name for name, one in bodies.items() if _type(one) == SUBNET and name.startswith(f"{key}/subnets/")]
    subnets = dict.fromkeys([*planned, *(name for name in items if name.startswith(f"{key}/subnets/"))])
    peers = [_parsed(_remote(one)).name for name, one in bodies.items() if name.startswith(f"{key}/virtualnetworkpeer")]
    back = [
        _parsed(name).names[0]
        for name, one in bodies.items()
        if _type(one) == PEERING and _remote(one) == key and not name.startswith(f"{key}/")
    ]
    return Network(
        key,
        printable(as_text(member(body, "name")) or parsed.name),
        prefix,
        as_text(member(body, "tags", ENVIRONMENT_TAG)) or environment,
        body is None,
        _egress(it, [bodies[name] for name in planned], bodies),
        tuple(printable(name) for name in dict.fromkeys([*peers, *back])),
        tuple(_subnet(name, bodies.get(name), items.get(name, [])) for name in subnets),
    )


def _remote(peering: Json) -> str:
    return as_text(member(peering, "properties", "remoteVirtualNetwork", "id")).lower()


def _subnet(key: str, body: Json, items: Iterable[Item]) -> Subnet:
    name = as_text(member(body, "name")).rpartition("/")[2] or _parsed(key).names[-1]
    return Subnet(printable(name), as_text(member(body, "properties", "addressPrefix")), tuple(items))


def _egress(it: Installation, subnets: list[Json], bodies: Bodies) -> str:
    """How the subnets of a network reach the internet: by a NAT gateway, or by the firewall of their routes."""
    for subnet in subnets:
        nat = as_text(member(subnet, "properties", "natGateway", "id"))
        if nat:
            return f"NAT gateway {printable(_parsed(nat).name)}"
    for subnet in subnets:
        table = bodies.get(as_text(member(subnet, "properties", "routeTable", "id")).lower())
        for route in objects_of(member(table, "properties", "routes")):
            if hop := as_text(member(route, "properties", "nextHopIpAddress")):
                return f"firewall {printable(hop)}"
    return f"firewall {it.answers.network.firewall_address}" if subnets and it.answers.network.firewall_address else ""


def _items(bodies: Bodies) -> dict[str, list[Item]]:
    """Contents of each subnet, by the ID of the subnet in lower case: resources first, then private endpoints."""
    found: dict[str, dict[Item, None]] = defaultdict(dict)
    for key, body in bodies.items():
        owner = _owner(key)
        if (kind := KINDS.get(owner.type.lower())) is None:
            continue
        for subnet in _subnets_in(body):
            found[subnet][Item(_app_names(owner, bodies), kind)] = None
    groups: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for body in (one for one in bodies.values() if _type(one) == ENDPOINT):
        subnet = as_text(member(body, "properties", "subnet", "id")).lower()
        for link in (
            *objects_of(member(body, "properties", "privateLinkServiceConnections")),
            *objects_of(member(body, "properties", "manualPrivateLinkServiceConnections")),
        ):
            target = as_text(member(link, "properties", "privateLinkServiceId"))
            groups[subnet, target].update(dict.fromkeys(map(as_text, as_list(member(link, "properties", "groupIds")))))
    for (subnet, target), words in groups.items():
        parsed = parse_id(target)
        name, kind = (parsed.names[0], KINDS.get(parsed.type.lower(), "")) if parsed is not None else (target, "")
        parts = ", ".join(words) if len(words) > 1 or not kind else ""
        found[subnet][Item(printable(name), printable(": ".join(filter(None, (kind, parts)))), endpoint=True)] = None
    return {subnet: list(items) for subnet, items in found.items()}


def _subnets_in(body: Json) -> Iterator[str]:
    for one in ids_in(body):
        parsed = parse_id(one)
        if parsed is not None and parsed.type.lower() == SUBNET:
            yield one.lower()


def _owner(key: str) -> ResourceId:
    """The outermost resource: node pools are drawn as their cluster, slots as their app."""
    parsed = _parsed(key)
    while parsed.parent is not None:
        parsed = parsed.parent
    return parsed


def _app_names(owner: ResourceId, bodies: Bodies) -> str:
    """Name of a resource in its own spelling; that of a Container Apps environment with the web app in it."""
    name = printable(as_text(member(bodies.get(owner.id.lower()), "name")) or owner.name)
    apps = [
        as_text(member(body, "name"))
        for body in bodies.values()
        if _type(body) == "microsoft.app/containerapps"
        and as_text(member(body, "properties", "environmentId")).lower() == owner.id.lower()
    ]
    return f"{name}: {printable(', '.join(apps))}" if apps else name


def _public(bodies: Bodies, placed: set[str]) -> Iterator[Item]:
    """Services that are in no subnet and have no private endpoint."""
    inside = {name for one in placed for name in (one, one.partition(":")[0], *one.partition(": ")[2].split(", "))}
    for body in bodies.values():
        kind, name = KINDS.get(_type(body)), printable(as_text(member(body, "name")))
        if kind is not None and name not in inside:
            yield Item(name, kind)


# -- identities ------------------------------------------------------------------------------------------------------


def _identities(answers: Answers, bodies: Bodies) -> Iterator[Identity]:
    """Identities and groups with their roles, by environment; the same identity once."""
    principals = Principals.of(answers, PLACEHOLDER_OUTPUTS)
    roles: dict[str, dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    for body in (one for one in bodies.values() if _type(one) == ASSIGNMENTS):
        given = principals.assignment(as_text(member(body, "id")), body)
        roles[given.who][given.where][given.role] = None
    environments = {
        as_text(member(one, "name")): as_text(member(one, "tags", ENVIRONMENT_TAG)) for one in bodies.values()
    }
    order = {name: number for number, name in enumerate(Installation(answers).environments)}
    found = [
        Identity(
            printable(who.removesuffix(f" ({MANAGED})")),
            environments.get(who.partition(" (")[0], ""),
            tuple(_users(who.partition(" (")[0], bodies)),
            tuple(Grant(printable(place), tuple(map(printable, names))) for place, names in places.items()),
        )
        for who, places in roles.items()
    ]
    yield from sorted(found, key=lambda one: (order.get(one.environment, len(order)), one.name))


def _users(identity: str, bodies: Bodies) -> Iterator[str]:
    """Names of the resources that use an identity: those whose definition names it, and workloads of Kubernetes."""
    users: dict[str, None] = {}
    for key, body in bodies.items():
        if _type(body).startswith(f"{IDENTITY}/federated") and as_text(member(body, "name")).startswith(f"{identity}/"):
            users[_parsed(key).names[-1]] = None
        elif (
            _type(body).count("/") == 1
            and _type(body) != IDENTITY
            and any(_is_identity(one, identity) for one in ids_in(body))
        ):
            users[as_text(member(body, "name"))] = None
    return map(printable, users)


def _is_identity(resource_id: str, name: str) -> bool:
    parsed = parse_id(resource_id)
    return parsed is not None and parsed.type.lower() == IDENTITY and parsed.name.lower() == name.lower()
