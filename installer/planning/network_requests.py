"""Requests of a change record to the network teams: addresses, rules, routes, peerings, endpoints, names and egress. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.estate.bodies import planned_bodies
from installer.json_access import as_list, as_text, member, objects_of
from installer.planning.branch import in_full
from installer.planning.document import Section
from installer.resource_id import name_of, parse_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.answers.model import Answers
    from installer.estate.bodies import PlannedBody
    from installer.jsontypes import Json
    from installer.planning.model import Plan

_HTTPS: Final = "443"
_PORTS: Final = {
    "microsoft.dbforpostgresql": "5432",
    "microsoft.cache": "10000",
}
"""Port by provider of the target: azure-databases-docs, postgresql/network/concepts-networking-private-link.md; azure-docs,
redis/private-link.md (Azure Managed Redis listens at 10000)."""
_ZONE_GROUP: Final = "microsoft.network/privateendpoints/privatednszonegroups"
_TRAITS: Final = {
    "allowForwardedTraffic": "forwarded traffic",
    "allowGatewayTransit": "gateway transit",
    "useRemoteGateways": "uses the remote gateway",
}
"""Settings of a peering that the owner of the other network has to know."""


def network_requests(plan: Plan, answers: Answers) -> Iterator[Section]:
    """A section for each team: with what it has to reserve, allow, link or write."""
    bodies = tuple(planned_bodies(answers))
    zones = _zones(answers, bodies)
    for title, columns, rows in (
        ("addresses", ("network", "subnet", "range", "for"), [*_addresses(bodies)]),
        ("security rules", ("group", "rule", "direction", "from", "to", "ports"), [*_rules(bodies)]),
        ("routes", ("route table", "range", "next hop"), [*_routes(bodies)]),
        ("peerings", ("network", "with", "settings"), [*_peerings(bodies, plan.subscription)]),
        ("private endpoints", ("endpoint", "network/subnet", "target", "TCP port", "DNS zone"), [*_endpoints(bodies, zones)]),
        ("names", ("name", "type", "value"), [*_names(plan, answers, bodies, zones)]),
        ("egress", ("target", "port", "why", "source"), [(one.target, f"TCP {one.port}", one.why, one.source) for one in plan.egress]),
    ):  # fmt: skip
        if rows:
            yield Section(f"Network request: {title}", columns, tuple(rows))


def _of(bodies: tuple[PlannedBody, ...], kind: str) -> Iterator[tuple[PlannedBody, Json]]:
    """Bodies of a type with their properties."""
    return ((one, member(one.body, "properties")) for one in bodies if one.type.lower() == kind)


def _addresses(bodies: tuple[PlannedBody, ...]) -> Iterator[tuple[str, ...]]:
    """Ranges of networks and clusters, and public addresses.

    Source: learn.microsoft.com/azure/aks/azure-cni-overlay, "IP address planning" (ranges of pods may be used by several clusters,
    but by no network that the cluster reaches).
    """
    for one in bodies:
        kind, properties = one.type.lower(), member(one.body, "properties")
        if kind == "microsoft.network/virtualnetworks":
            yield one.name, "", ", ".join(_texts(member(properties, "addressSpace", "addressPrefixes"))), ""
            for subnet in objects_of(member(properties, "subnets")):
                yield one.name, as_text(subnet.get("name")), *_subnet(subnet)
        elif kind == "microsoft.network/virtualnetworks/subnets":
            yield _parent(one.id), one.name.rpartition("/")[2], *_subnet(one.body)
        elif kind == "microsoft.containerservice/managedclusters":
            network = member(properties, "networkProfile")
            yield (
                one.name,
                "pods",
                as_text(member(network, "podCidr")),
                "overlay: not routed; no network that the cluster reaches may have it",
            )
            yield one.name, "services", as_text(member(network, "serviceCidr")), "within the cluster: likewise"
        elif kind == "microsoft.network/publicipaddresses":
            yield one.name, "", "known after the run", "public address"


def _subnet(raw: dict[str, Json]) -> tuple[str, str]:
    """Range and delegation of a subnet."""
    properties = member(raw, "properties")
    prefixes = _texts(member(properties, "addressPrefixes")) or [as_text(member(properties, "addressPrefix"))]
    served = [
        as_text(member(one, "properties", "serviceName")) for one in objects_of(member(properties, "delegations"))
    ]
    return ", ".join(prefixes), f"delegated to {', '.join(served)}" if served else ""


def _rules(bodies: tuple[PlannedBody, ...]) -> Iterator[tuple[str, ...]]:
    for group, properties in _of(bodies, "microsoft.network/networksecuritygroups"):
        for rule in objects_of(member(properties, "securityRules")):
            own = member(rule, "properties")
            way = f"{as_text(member(own, 'direction'))} {as_text(member(own, 'access'))}"
            ports = f"{as_text(member(own, 'protocol'))} {_either(own, 'destinationPortRange')}"
            places = _either(own, "sourceAddressPrefix"), _either(own, "destinationAddressPrefix")
            yield group.name, as_text(rule.get("name")), way, *places, ports


def _either(rule: Json, name: str) -> str:
    """A member of a rule that has one value or, under the plural of the name, several."""
    plural = f"{name}es" if name.endswith("x") else f"{name}s"
    return ", ".join([*_texts(member(rule, plural)), *filter(None, [as_text(member(rule, name))])])


def _routes(bodies: tuple[PlannedBody, ...]) -> Iterator[tuple[str, ...]]:
    for table, properties in _of(bodies, "microsoft.network/routetables"):
        for route in objects_of(member(properties, "routes")):
            own = member(route, "properties")
            hop = as_text(member(own, "nextHopIpAddress")) or as_text(member(own, "nextHopType"))
            yield table.name, as_text(member(own, "addressPrefix")), hop


def _peerings(bodies: tuple[PlannedBody, ...], subscription: str) -> Iterator[tuple[str, ...]]:
    for one, properties in _of(bodies, "microsoft.network/virtualnetworks/virtualnetworkpeerings"):
        remote = as_text(member(properties, "remoteVirtualNetwork", "id"))
        traits = [text for name, text in _TRAITS.items() if member(properties, name) is True]
        yield _parent(one.id), _network_name(remote, subscription), ", ".join(traits)


def _zones(answers: Answers, bodies: tuple[PlannedBody, ...]) -> dict[str, str]:
    """Private DNS zone by sub-resource of the endpoints; with records by a policy, that of an installation with own zones."""
    if answers.network.mode != "public" and answers.network.dns == "policy":
        own = answers.network.model_copy(update={"dns": "created"})
        bodies = tuple(planned_bodies(answers.model_copy(update={"network": own})))
    return {
        as_text(config.get("name")): name_of(as_text(member(config, "properties", "privateDnsZoneId")))
        for _one, properties in _of(bodies, _ZONE_GROUP)
        for config in objects_of(member(properties, "privateDnsZoneConfigs"))
    }


def _endpoints(bodies: tuple[PlannedBody, ...], zones: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    for one, properties in _of(bodies, "microsoft.network/privateendpoints"):
        subnet = as_text(member(properties, "subnet", "id"))
        for target, group in _links(properties):
            where = f"{_parent(subnet)}/{name_of(subnet)}"
            yield one.name, where, f"{name_of(target)} ({group})", _port(target), zones.get(group, "")


def _links(properties: Json) -> Iterator[tuple[str, str]]:
    """Target and sub-resource of the connections of an endpoint."""
    for name in ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections"):
        for one in objects_of(member(properties, name)):
            groups = as_list(member(one, "properties", "groupIds"))
            yield as_text(member(one, "properties", "privateLinkServiceId")), ", ".join(map(as_text, groups))


def _port(target: str) -> str:
    """The port at which the target of a private endpoint is called."""
    parsed = parse_id(target)
    return _PORTS.get(parsed.namespace.lower(), _HTTPS) if parsed is not None else _HTTPS


def _names(
    plan: Plan, answers: Answers, bodies: tuple[PlannedBody, ...], zones: Mapping[str, str]
) -> Iterator[tuple[str, ...]]:
    """DNS records and private zones; zones of others have to exist, and to be linked, before the run."""
    for change in plan.changes:
        if change.family == "dns":
            values = [in_full(one.after) for one in change.properties]
            yield change.name, change.kind, ", ".join(values) or change.why or change.change
    created = {one.name for one, _properties in _of(bodies, "microsoft.network/privatednszones")}
    yield from ((zone, "private zone", "created, and linked to the networks above") for zone in sorted(created))
    writer = "an Azure Policy writes" if answers.network.dns == "policy" else "the run writes"
    used = {zones[group] for _one, item in _of(bodies, "microsoft.network/privateendpoints") for _target, group in _links(item) if group in zones}  # fmt: skip
    for zone in sorted(used - created):
        yield zone, "private zone", f"has to exist, linked to the networks above; {writer} the records of the endpoints"


def _parent(resource_id: str) -> str:
    """Name of the resource that has a child."""
    parts = resource_id.split("/")
    return parts[-3] if len(parts) > 2 else ""


def _network_name(resource_id: str, subscription: str) -> str:
    """A network by name and resource group, and by the subscription if that is another one; of another ID all of it."""
    parsed = parse_id(resource_id)
    if parsed is None:
        return resource_id
    elsewhere = f", subscription {parsed.subscription}" if parsed.subscription.lower() != subscription.lower() else ""
    return f"{parsed.name} (resource group {parsed.group}{elsewhere})"


def _texts(value: Json) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
