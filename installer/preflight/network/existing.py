"""Resources that the answers name and that the installation does not create: they exist, and their subnets fit.

Sources of sizes and delegations: azure-docs, app-service/overview-vnet-integration.md (/28, Microsoft.Web/serverFarms),
container-apps/custom-virtual-networks.md (/27, Microsoft.App/environments), postgresql/network/concepts-networking-private.md
(/28, Microsoft.DBforPostgreSQL/flexibleServers), application-gateway/configuration-infrastructure.md (dedicated subnet).
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network
from typing import TYPE_CHECKING, Final

from installer.estate.assumed_resources import named_resources
from installer.json_access import as_list, as_text, member, objects_of
from installer.preflight.model import Finding, NotChecked, Proof, WayOut
from installer.preflight.network.reads import network, read_network
from installer.preflight.reads import NotVisible
from installer.preflight.subscription_reads import groups, resources
from installer.resource_id import GROUP_TYPE, name_of, parse_id, subscription_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.jsontypes import Json
    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject
    from installer.resource_id import ResourceId

_NETWORK: Final = "microsoft.network/virtualnetworks"
_SUBNET: Final = f"{_NETWORK}/subnets"


@dataclass(frozen=True)
class _Use:
    """Use of a subnet: the delegation that it needs ("" none), and the longest prefix that is large enough."""

    delegation: str
    longest: int


_USES: Final = {
    "microsoft.web/sites": _Use("Microsoft.Web/serverFarms", 28),
    "microsoft.app/managedenvironments": _Use("Microsoft.App/environments", 27),
    "microsoft.dbforpostgresql/flexibleservers": _Use("Microsoft.DBforPostgreSQL/flexibleServers", 28),
    "microsoft.containerservice/managedclusters/agentpools": _Use("", 28),
    "microsoft.network/applicationgateways": _Use("", 29),
    "microsoft.network/privateendpoints": _Use("", 29),
}


def existing_resources(subject: Subject) -> Iterator[Entry]:
    """Named resources that do not exist, and subnets that do not fit."""
    named = [
        parsed for one in named_resources(subject.answers) if (parsed := parse_id(as_text(one.get("id")))) is not None
    ]
    tops = [one for one in named if len(one.types) == 1]
    subject.arm.ahead(resources(one) for one in dict.fromkeys(one.subscription for one in tops))
    subject.arm.ahead(network(one.id) for one in named if one.type.lower() == _NETWORK)
    found = 0
    for one in named:
        try:
            exists = _exists(subject, one)
        except NotVisible as unseen:
            yield NotChecked(f"whether {one.name} exists", unseen.why)
            continue
        if exists is None:
            continue
        found += exists
        if not exists:
            yield Finding(
                "blocks",
                f"{one.type.rpartition('/')[2]} {one.name} does not exist, or this account may not see it",
                one.id,
                "the answers name it, and the installation does not create it",
                (WayOut("correct the answer that names it"), WayOut("ask its owner for the role Reader")),
                "ResourceNotFound",
            )
    misfits = list(_misfits(subject))
    yield from misfits
    if found and not any(isinstance(one, Finding) for one in misfits):
        yield Proof(f"{found} existing resources that the answers name exist")


def _exists(subject: Subject, one: ResourceId) -> bool | None:
    """Whether a resource exists; None if no list has it, as that of a child of another type than a subnet."""
    if one.type.lower() == GROUP_TYPE.lower():
        request = groups(one.subscription, one.id)
        listed = subject.arm.every(request)
        return any(as_text(each.get("name")).lower() == one.name.lower() for each in listed)
    if one.type.lower() == _SUBNET:
        parent = one.parent
        return None if parent is None else _subnet(subject, parent.id, one.names[-1]) is not None
    if len(one.types) > 1 or one.namespace.lower() == "microsoft.authorization":
        return None
    request = resources(one.subscription, one.id)
    listed = subject.arm.every(request)
    return any(as_text(each.get("id")).lower() == one.id.lower() for each in listed)


def _subnet(subject: Subject, owner: str, name: str) -> dict[str, Json] | None:
    subnets = objects_of(member(read_network(subject, owner), "properties", "subnets"))
    return next((one for one in subnets if as_text(one.get("name")).lower() == name.lower()), None)


def _misfits(subject: Subject) -> Iterator[Entry]:
    """Existing subnets that are too small for their use, or are delegated otherwise."""
    created = {body.id.lower() for body in subject.bodies if body.type.lower() == _SUBNET}
    seen = set()
    for body in subject.bodies:
        use = _USES.get(body.type.lower())
        for subnet in _subnets_in(body.body) if use else ():
            if subnet.lower() in created or (subnet.lower(), body.type) in seen or use is None:
                continue
            seen.add((subnet.lower(), body.type))
            owner, _, name = subnet.partition("/subnets/")
            if any(one.id.lower() == owner.lower() for one in subject.bodies):
                continue  # a subnet of a new network
            try:
                found = _subnet(subject, owner, name)
            except NotVisible as unseen:
                yield NotChecked(f"subnet {name} of {name_of(owner)}", unseen.why)
                continue
            if found is not None:
                yield from _fits(found, subnet, body.type, use)


def _subnets_in(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _subnets_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from _subnets_in(item)
    elif isinstance(value, str) and "/subnets/" in value.lower() and subscription_of(value):
        yield value


def _fits(found: dict[str, Json], subnet: str, kind: str, use: _Use) -> Iterator[Finding]:
    properties = member(found, "properties")
    delegations = [
        as_text(member(one, "properties", "serviceName")) for one in objects_of(member(properties, "delegations"))
    ]
    name, wanted = name_of(subnet), use.delegation.lower()
    if [one.lower() for one in delegations] != ([wanted] if wanted else []):
        now = ", ".join(delegations) or "nothing"
        owner, group = subnet.split("/")[-3], subnet.split("/")[4]
        to = f"--delegations {use.delegation}" if wanted else "--remove delegations"
        yield Finding(
            "blocks",
            f"the subnet {name} is delegated to {now}; {kind} needs {use.delegation or 'a subnet without delegation'}",
            subnet,
            "Azure refuses the resource in this subnet",
            (
                WayOut(
                    f"ask its owner for: az network vnet subnet update -g {group} --vnet-name {owner} -n {name} {to}"
                ),
            ),
            "SubnetMissingRequiredDelegation",
        )
    prefixes = [as_text(member(properties, "addressPrefix")), *map(str, as_list(member(properties, "addressPrefixes")))]
    lengths = [ip_network(one, strict=False).prefixlen for one in prefixes if one and ":" not in one]
    if lengths and min(lengths) > use.longest:
        yield Finding(
            "blocks",
            f"the subnet {name} is a /{min(lengths)}; {kind} needs at least a /{use.longest}",
            subnet,
            "it has too few addresses",
            (WayOut("ask its owner for a larger subnet of the same name"),),
            "SubnetIsFull",
        )
