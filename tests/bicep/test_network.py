"""Stage 2: new and existing networks, outbound access and private DNS."""

import json

import pytest

from tests.bicep.answers_variants import HUB, OTHER, VARIANTS, answers
from tests.bicep.snapshots import NEEDS_COMPILER
from tests.bicep.stage_requests import at, of_type, properties, stage_resources

pytestmark = NEEDS_COMPILER

PEERINGS = "Microsoft.Network/virtualNetworks/virtualNetworkPeerings"
SUBNETS = "Microsoft.Network/virtualNetworks/subnets"
NETWORKS = "Microsoft.Network/virtualNetworks"
ZONES = "Microsoft.Network/privateDnsZones"


def test_with_public_endpoints_there_is_no_network() -> None:
    assert stage_resources(VARIANTS["public endpoints"], "network") == []


def test_an_existing_hub_is_peered_on_both_sides_through_its_gateway() -> None:
    resources = stage_resources(VARIANTS["existing hub with a gateway, existing zones"], "network")
    assert not any(str(network["name"]).endswith("hub") for network in of_type(resources, NETWORKS))
    hub_side = [p for p in of_type(resources, PEERINGS) if str(p["id"]).startswith(HUB)]
    spoke_side = [p for p in of_type(resources, PEERINGS) if not str(p["id"]).startswith(HUB)]
    assert len(hub_side) == len(spoke_side) == 2
    assert all(properties(p)["allowGatewayTransit"] is True for p in hub_side)
    assert all(properties(p)["useRemoteGateways"] is True for p in spoke_side)
    assert {at(p, "properties", "remoteVirtualNetwork", "id") for p in spoke_side} == {HUB}


def test_existing_zones_are_used_and_not_created() -> None:
    resources = stage_resources(VARIANTS["existing hub with a gateway, existing zones"], "network")
    assert of_type(resources, ZONES) == []
    groups = of_type(resources, "Microsoft.Network/privateEndpoints/privateDnsZoneGroups")
    assert groups
    assert all(f"/subscriptions/{OTHER}/resourceGroups/rg-dns/" in json.dumps(group) for group in groups)


def test_with_dns_by_policy_only_private_endpoints_are_created() -> None:
    resources = stage_resources(VARIANTS["existing networks, DNS by policy"], "network")
    assert {resource["type"] for resource in resources} == {"Microsoft.Network/privateEndpoints"}
    assert all(f"/subscriptions/{OTHER}/resourceGroups/rg-hub/" in str(resource["id"]) for resource in resources)


def test_new_zones_are_linked_to_every_network() -> None:
    resources = stage_resources(answers("dev", "prod"), "network")
    zones = of_type(resources, ZONES)
    assert {"privatelink.azurecr.io", "privatelink.azurewebsites.net"} < {str(zone["name"]) for zone in zones}
    assert len(of_type(resources, f"{ZONES}/virtualNetworkLinks")) == 3 * len(zones)


def test_a_resolver_has_a_known_address_in_the_hub() -> None:
    resources = stage_resources(VARIANTS["resolver, locks, behind a gateway"], "network")
    (endpoint,) = of_type(resources, "Microsoft.Network/dnsResolvers/inboundEndpoints")
    assert at(endpoint, "properties", "ipConfigurations", 0, "privateIpAddress") == "10.0.0.68"
    delegated = [s for s in of_type(resources, SUBNETS) if "Microsoft.Network/dnsResolvers" in json.dumps(s)]
    assert [at(subnet, "properties", "addressPrefix") for subnet in delegated] == ["10.0.0.64/28"]


def test_a_gateway_subnet_admits_the_gateway_manager_and_has_no_nat_gateway() -> None:
    resources = stage_resources(VARIANTS["resolver, locks, behind a gateway"], "network")
    subnets = [s for s in of_type(resources, SUBNETS) if str(s["name"]).endswith("snet-gateway")]
    assert len(subnets) == 1
    assert all("natGateway" not in properties(subnet) for subnet in subnets)
    groups = of_type(resources, "Microsoft.Network/networkSecurityGroups")
    (group,) = [g for g in groups if str(g["name"]).endswith("hub-gateway")]
    rules = at(group, "properties", "securityRules")
    assert isinstance(rules, list)
    allowed = {
        str(at(rule, "properties", "sourceAddressPrefix")): at(rule, "properties", "destinationPortRanges")
        for rule in rules
    }
    assert allowed == {"Internet": ["80", "443"], "GatewayManager": ["65200-65535"]}


def test_no_subnet_has_default_outbound_access() -> None:
    subnets = of_type(stage_resources(answers("dev", "prod"), "network"), SUBNETS)
    assert subnets
    for subnet in subnets:
        assert properties(subnet)["defaultOutboundAccess"] is False
        assert "networkSecurityGroup" in properties(subnet)


def test_each_environment_has_the_subnets_that_it_needs() -> None:
    given = answers("dev", "prod", own={"dev": {"runtime": "container_apps"}})
    names = {str(subnet["name"]) for subnet in of_type(stage_resources(given, "network"), SUBNETS)}
    assert {name for name in names if "-dev/" in name} == {
        f"vnet-ff-contoso-dev/snet-{subnet}" for subnet in ("apps", "web", "endpoints")
    }
    assert {name for name in names if "-prod/" in name} == {
        f"vnet-ff-contoso-prod/snet-{subnet}" for subnet in ("nodes", "web", "endpoints")
    }


@pytest.mark.parametrize(("fallback", "policy"), [(True, "NxDomainRedirect"), (False, "Default")])
def test_private_endpoints_of_others_stay_reachable_through_public_dns(fallback: bool, policy: str) -> None:
    resources = stage_resources(answers("dev", network={"dns_fallback": fallback}), "network")
    links = of_type(resources, f"{ZONES}/virtualNetworkLinks")
    assert len(links) > 5
    assert {properties(link)["resolutionPolicy"] for link in links} == {policy}


@pytest.mark.parametrize(
    "network", [{}, {"egress": "firewall", "firewall_address": "10.0.0.4"}, {"dns_resolver": True}]
)
def test_every_subnet_has_a_route_table_where_that_is_asked_for(network: dict[str, object]) -> None:
    given = answers("dev", "prod", network={**network, "route_tables": True}, data={"postgres_network": "injected"})
    resources = stage_resources(given, "network")
    tables = {
        str(one["id"]).lower(): properties(one)["routes"] for one in of_type(resources, "Microsoft.Network/routeTables")
    }
    subnets = of_type(resources, SUBNETS)
    assert len(subnets) > 8
    for subnet in subnets:
        table = str(at(subnet, "properties", "routeTable", "id")).lower()
        routed = network.get("egress") == "firewall" and str(subnet["name"]).endswith(("-nodes", "-web"))
        assert bool(tables[table]) is routed, subnet["name"]
