"""Existing resources that a rehearsal assumes: those named in the answers and not created by the installation.

Networks of the organization, its DNS zones, the key vault of the certificate, accounts of services: a rehearsal cannot read
them, so it relies on the answers. With a survey of the real subscription, nothing is assumed.
"""

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Final

from installer.answers.model import Answers
from installer.estate.assumed_dns_policy import assumed_policies
from installer.estate.parameters import PLACEHOLDER_OUTPUTS
from installer.estate.parameters.context import Installation
from installer.estate.resources import estate
from installer.json_access import as_list, member
from installer.jsontypes import Json
from installer.resource_id import ResourceId, parse_id
from installer.resource_id import resource_id as build_id

_NETWORK: Final = "microsoft.network/virtualnetworks"
_SUBNET: Final = f"{_NETWORK}/subnets"
_VAULT: Final = "microsoft.keyvault/vaults"
_ZONE: Final = "microsoft.network/privatednszones"
_GROUP: Final = "microsoft.resources/resourcegroups"
_DELEGATIONS: Final = {
    "web": "Microsoft.Web/serverFarms",
    "apps": "Microsoft.App/environments",
    "postgres": "Microsoft.DBforPostgreSQL/flexibleServers",
}
"""Required delegations of subnets in an existing network by their name in the address plan, as in bicep/README.md."""
_FIREWALL: Final = "10.0.0.4"
_SPACES: Final = ("172.16.0.0/12", "10.0.0.0/8")


def assumed(answers: Answers) -> tuple[dict[str, Json], ...]:
    """The assumed resources as ARM JSON, parents before children; empty if the installation creates everything."""
    named = named_resources(answers)
    beside = (*_gateway_subnet(answers, named), *_route_tables(answers, named), *_peerings(answers))
    return (*named, *beside, *assumed_policies(answers))


def named_resources(answers: Answers) -> tuple[dict[str, Json], ...]:
    """Existing resources that the answers name, as ARM JSON with assumed properties, parents before children."""
    stages = estate(answers)
    created = {
        resource.id.lower() for stage in stages for resource in stage.resources if resource.type.lower() == _GROUP
    }
    named: dict[str, None] = {}
    for text in answers.network.spoke_ids:
        named[text.partition("=")[2]] = None
    for stage in stages:
        for text in _ids(stage.spec.parameters(PLACEHOLDER_OUTPUTS), answers.subscription.subscription):
            named[text] = None
    found: dict[str, dict[str, Json]] = {}
    spaces = _free_spaces(answers)
    names = Installation(answers).names
    delegations = {names.subnet(subnet): service for subnet, service in _DELEGATIONS.items()}
    routed = answers.network.mode == "existing" and answers.network.egress == "firewall"
    for text in named:
        chain = list(_chain(text))
        if not chain or chain[0][0].lower() in created:
            continue
        for resource_id, kind in chain:
            if resource_id.lower() not in found:
                found[resource_id.lower()] = {
                    "id": resource_id,
                    "location": "global" if kind == _ZONE else answers.subscription.region,
                    "properties": {
                        **_properties(resource_id, kind, found, spaces, delegations),
                        **(_routed(resource_id) if routed and kind == _SUBNET else {}),
                    },
                }
    return tuple(found.values())


def _gateway_subnet(answers: Answers, named: tuple[dict[str, Json], ...]) -> Iterator[dict[str, Json]]:
    """The subnet of the gateway of an existing hub, if the answers lead through it or say that users come by other ways."""
    network = answers.network
    through = network.mode == "existing_hub" and network.gateway_transit
    if not through and (network.mode not in ("existing_hub", "existing") or network.private_access != "other"):
        return
    for one in named:
        if str(one["id"]).lower() == network.hub_id.lower():
            prefixes = as_list(member(one, "properties", "addressSpace", "addressPrefixes"))
            last = list(ipaddress.ip_network(str(prefixes[0])).subnets(new_prefix=27))[-1]
            home = str(one["id"]).rpartition("/virtualNetworks/")[0]
            used: list[Json] = [{"id": f"{home}/virtualNetworkGateways/vgw-hub/ipConfigurations/default"}]
            properties: dict[str, Json] = {"addressPrefix": str(last), "ipConfigurations": used}
            yield {"id": f"{one['id']}/subnets/GatewaySubnet", "properties": properties}


def _peerings(answers: Answers) -> Iterator[dict[str, Json]]:
    """Both halves of the peerings of existing spokes with the existing hub, which the installation does not create."""
    network = answers.network
    if network.mode != "existing":
        return
    spokes = dict.fromkeys(one.partition("=")[2] for one in network.spoke_ids)
    for spoke in (one for one in spokes if one.lower() != network.hub_id.lower()):
        for one, other in ((spoke, network.hub_id), (network.hub_id, spoke)):
            name = f"to-{other.rpartition('/')[2]}"
            properties: dict[str, Json] = {"remoteVirtualNetwork": {"id": other}, "allowVirtualNetworkAccess": True}
            yield {"id": f"{one}/virtualNetworkPeerings/{name}", "properties": properties}


def _ids(value: Json, home: str) -> Iterator[str]:
    """All resource IDs in parameters, including the certificate and its key vault, which are given by their parts."""
    if isinstance(value, str):
        if value.startswith("/subscriptions/"):
            yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _ids(item, home)
        if (vault := value.get("vaultName")) and (group := value.get("resourceGroupName")):
            kind, scope = "Microsoft.KeyVault/vaults", f"/subscriptions/{home}/resourceGroups/{group}"
            yield build_id(scope, kind, str(vault))
            if name := value.get("name"):
                yield build_id(scope, f"{kind}/secrets", f"{vault}/{name}")
    elif isinstance(value, list):
        for item in value:
            yield from _ids(item, home)


def _chain(resource_id: str) -> Iterator[tuple[str, str]]:
    """Resource group and resources on the path to an ID, outermost first, with their types in lower case."""
    found = parse_id(resource_id)
    if found is None or not found.group:
        return
    yield f"/subscriptions/{found.subscription}/resourceGroups/{found.group}", _GROUP
    levels: list[ResourceId] = []
    while found is not None and found.type.lower() != _GROUP:
        levels.append(found)
        found = found.parent
    for level in reversed(levels):
        yield level.id, level.type.lower()


def _free_spaces(answers: Answers) -> Iterator[ipaddress.IPv4Network]:
    """Address spaces for existing networks, without overlaps with each other or the address space of the answers."""
    own = ipaddress.ip_network(answers.network.address_space)
    for whole in _SPACES:
        for space in ipaddress.IPv4Network(whole).subnets(new_prefix=16):
            if not space.overlaps(own):
                yield space


def _routed(subnet: str) -> dict[str, Json]:
    """The route table that leads the egress of an existing subnet through the firewall."""
    group = subnet.partition("/providers/")[0]
    return {"routeTable": {"id": f"{group}/providers/Microsoft.Network/routeTables/rt-firewall"}}


def _route_tables(answers: Answers, named: tuple[dict[str, Json], ...]) -> Iterator[dict[str, Json]]:
    """The route tables of existing subnets, each with a default route to the firewall."""
    hop = {"nextHopType": "VirtualAppliance", "nextHopIpAddress": answers.network.firewall_address or _FIREWALL}
    route: dict[str, Json] = {"name": "default", "properties": {"addressPrefix": "0.0.0.0/0", **hop}}
    tables = (str(member(one, "properties", "routeTable", "id") or "") for one in named)
    for table in dict.fromkeys(filter(None, tables)):
        yield {"id": table, "location": answers.subscription.region, "properties": {"routes": [route]}}


def _properties(
    resource_id: str,
    kind: str,
    found: Mapping[str, Mapping[str, Json]],
    spaces: Iterator[ipaddress.IPv4Network],
    delegations: Mapping[str, str],
) -> dict[str, Json]:
    """Properties of a network, a subnet or a key vault; empty for other types."""
    if kind == _VAULT:
        return {"enableRbacAuthorization": True}
    if kind == _NETWORK:
        return {"addressSpace": {"addressPrefixes": [str(next(spaces))]}}
    if kind != _SUBNET:
        return {}
    network, _, name = resource_id.rpartition("/subnets/")
    properties = found[network.lower()]["properties"]
    prefixes = as_list(member(properties, "addressSpace", "addressPrefixes"))
    whole = ipaddress.IPv4Network(str(prefixes[0]) if prefixes else _SPACES[0])
    taken = sum(1 for other in found if other.startswith(f"{network.lower()}/subnets/"))
    prefix = list(whole.subnets(new_prefix=22))[taken]
    service = delegations.get(name)
    given: list[Json] = [{"name": "whole", "properties": {"serviceName": service}}] if service else []
    return {"addressPrefix": str(prefix), "delegations": given}
