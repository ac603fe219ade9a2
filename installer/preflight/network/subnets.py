"""Existing subnets that the plan uses, and whether each fits its use: delegation, size, free addresses, routes.

Sources of sizes and delegations: azure-docs, app-service/overview-vnet-integration.md (/28, Microsoft.Web/serverFarms),
container-apps/custom-virtual-networks.md (/27, Microsoft.App/environments), postgresql/network/concepts-networking-private.md
(/28, Microsoft.DBforPostgreSQL/flexibleServers), application-gateway/configuration-infrastructure.md (dedicated subnet); virtual-network/virtual-networks-faq.md (five reserved addresses); azure-aks-docs,
aks/egress-udr.md (route table at the subnet of the nodes).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.json_access import as_list, as_text, member, objects_of
from installer.preflight.commands import of_subnet
from installer.preflight.footprint import CLUSTER, machines
from installer.preflight.model import Finding, NotChecked, WayOut
from installer.preflight.network.reads import range_of, read_network
from installer.preflight.network.routes import egress_routes
from installer.preflight.network.security_groups import security_rules
from installer.preflight.reads import NotVisible
from installer.resource_id import name_of, subscription_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.estate.bodies import PlannedBody
    from installer.jsontypes import Json
    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

SUBNET: Final = "microsoft.network/virtualnetworks/subnets"
_GATEWAY: Final = "microsoft.network/applicationgateways"
_ENDPOINT: Final = "microsoft.network/privateendpoints"
_POOL: Final = f"{CLUSTER}/agentpools"
_RESERVED: Final = 5


@dataclass(frozen=True)
class _Use:
    """Use of a subnet: the delegation that it needs ("" none), and the longest prefix that is large enough."""

    delegation: str
    longest: int


_NODES: Final = _Use("", 28)
_USES: Final = {
    "microsoft.web/sites": _Use("Microsoft.Web/serverFarms", 28),
    "microsoft.app/managedenvironments": _Use("Microsoft.App/environments", 27),
    "microsoft.dbforpostgresql/flexibleservers": _Use("Microsoft.DBforPostgreSQL/flexibleServers", 28),
    CLUSTER: _NODES,
    _POOL: _NODES,
    _GATEWAY: _Use("", 29),
    _ENDPOINT: _Use("", 29),
}


def subnet_of(subject: Subject, owner: str, name: str) -> dict[str, Json] | None:
    """A subnet of an existing network, None if it does not exist. Raises NotVisible."""
    subnets = objects_of(member(read_network(subject, owner), "properties", "subnets"))
    return next((one for one in subnets if as_text(one.get("name")).lower() == name.lower()), None)


def misfits(subject: Subject) -> Iterator[Entry]:
    """Existing subnets that do not fit what the plan puts into them."""
    for subnet, users in _users(subject).items():
        owner, _, name = subnet.partition("/subnets/")
        try:
            found = subnet_of(subject, owner, name)
        except NotVisible as unseen:
            yield NotChecked(f"subnet {name} of {name_of(owner)}", unseen.why)
            continue
        if found is None:
            continue  # named as missing
        yield from _unsaid(found, subnet)
        unfit: list[Finding] = []
        for use, kind in {_USES[body.type.lower()]: body.type for body in reversed(users)}.items():
            unfit += _fits(found, subnet, kind, use)
        yield from unfit
        if not any(one.code == "SubnetIsFull" for one in unfit):
            yield from _room(subject, found, subnet, users)
        yield from egress_routes(subject, found, subnet, users)
        yield from security_rules(subject, found, subnet, {_use_of(body) for body in users})


def _use_of(body: PlannedBody) -> str:
    """Type of a resource in lower case; of a private endpoint with its sub-resource."""
    kind = body.type.lower()
    if kind != _ENDPOINT:
        return kind
    links = objects_of(member(body.body, "properties", "privateLinkServiceConnections"))
    groups = [as_text(one) for link in links for one in as_list(member(link, "properties", "groupIds"))]
    return f"{kind}/{''.join(groups[:1]).lower()}"


def _users(subject: Subject) -> dict[str, list[PlannedBody]]:
    """Planned resources by existing subnet."""
    created = {body.id.lower() for body in subject.bodies if body.type.lower() == SUBNET}
    networks = {body.id.lower() for body in subject.bodies}
    found: dict[str, list[PlannedBody]] = {}
    spelled: dict[str, str] = {}
    for body in subject.bodies:
        for subnet in _subnets_of(body):
            if subnet.lower() not in created and subnet.partition("/subnets/")[0].lower() not in networks:
                users = found.setdefault(spelled.setdefault(subnet.lower(), subnet), [])
                users += [] if body in users else [body]
    return found


def _subnets_of(body: PlannedBody) -> Iterator[str]:
    """Subnets of a resource; of a cluster those of its nodes, as the API server's has other needs."""
    kind = body.type.lower()
    part = member(body.body, "properties", "agentPoolProfiles") if kind == CLUSTER else body.body
    return _subnets_in(part) if kind in _USES else iter(())


def _subnets_in(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _subnets_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from _subnets_in(item)
    elif isinstance(value, str) and "/subnets/" in value.lower() and subscription_of(value):
        yield value


def _unsaid(found: dict[str, Json], subnet: str) -> Iterator[NotChecked]:
    """Members that the body of a subnet lacks, although Azure shows them of every subnet."""
    properties, name = member(found, "properties"), name_of(subnet)
    if not _lengths(properties):
        yield NotChecked(f"size of the subnet {name}", "its body does not have its range")
    if not isinstance(member(properties, "delegations"), list):
        yield NotChecked(f"delegation of the subnet {name}", "its body does not have it")


def _fits(found: dict[str, Json], subnet: str, kind: str, use: _Use) -> Iterator[Finding]:
    properties = member(found, "properties")
    delegations = [
        as_text(member(one, "properties", "serviceName")) for one in objects_of(member(properties, "delegations"))
    ]
    name, wanted = name_of(subnet), use.delegation.lower()
    said = isinstance(member(properties, "delegations"), list)
    if said and [one.lower() for one in delegations] != ([wanted] if wanted else []):
        now = ", ".join(delegations) or "nothing"
        to = f"--delegations {use.delegation}" if wanted else "--remove delegations"
        yield Finding(
            "blocks",
            f"the subnet {name} is delegated to {now}; {kind} needs {use.delegation or 'a subnet without delegation'}",
            subnet,
            "Azure refuses the resource in this subnet",
            (WayOut(f"ask its owner for: {of_subnet(subnet)} {to}"),),
            "SubnetMissingRequiredDelegation",
        )
    lengths = _lengths(properties)
    if lengths and min(lengths) > use.longest:
        yield Finding(
            "blocks",
            f"the subnet {name} is a /{min(lengths)}; {kind} needs at least a /{use.longest}",
            subnet,
            "it has too few addresses",
            (WayOut("ask its owner for a larger subnet of the same name"),),
            "SubnetIsFull",
        )


def _lengths(properties: Json) -> list[int]:
    prefixes = [as_text(member(properties, "addressPrefix")), *map(str, as_list(member(properties, "addressPrefixes")))]
    return [range_of(one).prefixlen for one in prefixes if one and ":" not in one]


def _room(subject: Subject, found: dict[str, Json], subnet: str, users: list[PlannedBody]) -> Iterator[Finding]:
    """Addresses of private endpoints and nodes beside what is in the subnet already."""
    properties = member(found, "properties")
    lengths, taken = _lengths(properties), len(as_list(member(properties, "ipConfigurations")))
    existing = {as_text(one.get("id")).lower() for one in objects_of(member(properties, "privateEndpoints"))}
    nodes = {one.owner.lower(): one.most + one.surge for one in machines(subject.bodies)}
    wanted = sum(1 for body in users if body.type.lower() == _ENDPOINT and body.id.lower() not in existing)
    clusters = [body.id.lower() for body in users if body.type.lower() in (CLUSTER, _POOL)]
    wanted += sum(
        number
        for owner, number in nodes.items()
        if any(owner == one or owner.startswith(f"{one}/agentpools/") for one in clusters)
    )
    if not lengths or not wanted:
        return
    free = sum(2 ** (32 - length) - _RESERVED for length in lengths) - taken
    if wanted > free:
        yield Finding(
            "blocks",
            f"the subnet {name_of(subnet)} has {max(free, 0)} free addresses; {wanted} are needed",
            subnet,
            "nodes with autoscaling and upgrades, and each private endpoint, take one address",
            (WayOut("ask its owner for a larger subnet of the same name, or to free addresses"),),
            "SubnetIsFull",
        )
