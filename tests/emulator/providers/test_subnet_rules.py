"""Networks refuse subnets as Azure does: overlapping, too small, delegated to another service, in use."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from installer.json_access import as_list, as_text, member
from installer.jsontypes import Json
from tests.emulator.asgi_client import local
from tests.emulator.in_memory import GROUP, Bench, bench, run
from tests.emulator.providers.test_services import registered
from tests.emulator.sample_templates import group, resource, template

NETWORK = "Microsoft.Network/virtualNetworks"
SUBNET = f"{NETWORK}/subnets"
VNET_ID = f"{GROUP}/providers/{NETWORK}/vnet"


def vnet(name: str, prefix: str, **subnets: Json) -> dict[str, Json]:
    """A network with subnets by name: a prefix, or a prefix and a delegation."""
    inline: list[Json] = []
    for key, value in subnets.items():
        parts = as_list(value) or [value]
        properties: dict[str, Json] = {"addressPrefix": parts[0]}
        if len(parts) > 1:
            properties["delegations"] = [{"name": "d", "properties": {"serviceName": parts[1]}}]
        inline.append({"name": key, "properties": properties})
    return resource(NETWORK, name, properties={"addressSpace": {"addressPrefixes": [prefix]}, "subnets": inline})


def leaf(error: Json) -> str:
    """The code of the innermost cause."""
    details = as_list(member(error, "details"))
    return leaf(details[0]) if details else as_text(member(error, "code"))


async def ended(it: Bench, *resources: Mapping[str, Json], name: str = "inner") -> str:
    """Deploy into a group: Succeeded, or the code of the innermost cause of the failure."""
    if it.emulator.resources.get(GROUP) is None:
        it.deploy(template(group()), name="group")
        await it.clock.finish(it.engine)
    it.deploy(template(*resources), name=name, scope=GROUP, location=None)
    await it.clock.finish(it.engine)
    record = it.deployment(name, GROUP)
    return record.state if record.state == "Succeeded" else leaf(record.error)


@pytest.mark.parametrize(
    ("subnets", "code"),
    [
        ({"a": "10.1.0.0/24"}, "NetcfgInvalidSubnet"),
        ({"a": "10.0.0.0/24", "b": "10.0.0.128/25"}, "NetcfgInvalidSubnet"),
        ({"a": "10.0.0.0/30"}, "NetcfgInvalidSubnet"),
        ({"a": "10.0.0.5/24"}, "InvalidAddressPrefixFormat"),
        ({"a": ["10.0.0.0/24", "Microsoft.Nothing/atAll"]}, "InvalidServiceNameOnDelegation"),
        ({"a": "10.0.0.0/29", "b": ["10.0.0.128/25", "Microsoft.Web/serverFarms"]}, "Succeeded"),
    ],
)
def test_subnets_fit_into_their_network(tmp_path: Path, subnets: dict[str, Json], code: str) -> None:
    it = bench(tmp_path)
    assert run(ended(it, vnet("vnet", "10.0.0.0/16", **subnets))) == code


def _in_subnet(kind: str, subnet: str) -> dict[str, Json]:
    where = f"{VNET_ID}/subnets/{subnet}"
    profiles: list[Json] = [{"name": "Consumption", "workloadProfileType": "Consumption"}]
    shapes: dict[str, dict[str, Json]] = {
        "Microsoft.App/managedEnvironments": {
            "vnetConfiguration": {"infrastructureSubnetId": where},
            "workloadProfiles": profiles,
        },
        "Microsoft.Web/sites": {"virtualNetworkSubnetId": where},
        "Microsoft.DBforPostgreSQL/flexibleServers": {"network": {"delegatedSubnetResourceId": where}},
        "Microsoft.Network/bastionHosts": {"ipConfigurations": [{"properties": {"subnet": {"id": where}}}]},
        "Microsoft.Network/privateEndpoints": {"subnet": {"id": where}},
        "Microsoft.Network/applicationGateways": {
            "gatewayIPConfigurations": [{"name": "g", "properties": {"subnet": {"id": where}}}]
        },
    }
    return resource(kind, "place0001", properties=shapes[kind])


@pytest.mark.parametrize(
    ("kind", "subnet", "code"),
    [
        ("Microsoft.App/managedEnvironments", "plain", "ManagedEnvironmentSubnetDelegationError"),
        ("Microsoft.App/managedEnvironments", "apps", "Succeeded"),
        ("Microsoft.App/managedEnvironments", "tinyapps", "ManagedEnvironmentInvalidNetworkConfiguration"),
        ("Microsoft.App/managedEnvironments", "none", "InvalidResourceReference"),
        ("Microsoft.Web/sites", "apps", "SubnetMissingRequiredDelegation"),
        ("Microsoft.Web/sites", "web", "Succeeded"),
        ("Microsoft.DBforPostgreSQL/flexibleServers", "web", "SubnetMissingRequiredDelegation"),
        ("Microsoft.Network/bastionHosts", "small", "SubnetIsFull"),
        ("Microsoft.Network/privateEndpoints", "web", "PrivateEndpointCannotBeCreatedInSubnetThatHasDelegation"),
        ("Microsoft.Network/privateEndpoints", "none", "InvalidResourceReference"),
        ("Microsoft.Network/privateEndpoints", "plain", "Succeeded"),
        ("Microsoft.Network/applicationGateways", "plain", "Succeeded"),
    ],
)
def test_a_service_has_requirements_on_its_subnet(tmp_path: Path, kind: str, subnet: str, code: str) -> None:
    it = registered(bench(tmp_path))

    async def story() -> None:
        app, web = "Microsoft.App/environments", "Microsoft.Web/serverFarms"
        subnets: dict[str, Json] = {
            "plain": "10.0.0.0/26",
            "small": "10.0.0.64/27",
            "apps": ["10.0.1.0/27", app],
            "tinyapps": ["10.0.2.0/28", app],
            "web": ["10.0.3.0/28", web],
        }
        assert await ended(it, vnet("vnet", "10.0.0.0/16", **subnets)) == "Succeeded"
        assert await ended(it, _in_subnet(kind, subnet)) == code

    run(story())


def test_a_gateway_needs_the_ports_of_its_health_probes(tmp_path: Path) -> None:
    it = bench(tmp_path)
    group_id = f"{GROUP}/providers/Microsoft.Network/networkSecurityGroups/nsg"

    async def story() -> None:
        rules = resource("Microsoft.Network/networkSecurityGroups", "nsg", properties={"securityRules": []})
        network = vnet("vnet", "10.0.0.0/16", plain="10.0.0.0/24")
        subnets = as_list(member(network, "properties", "subnets"))
        properties = member(subnets[0], "properties")
        assert isinstance(properties, dict)
        properties["networkSecurityGroup"] = {"id": group_id}
        assert await ended(it, rules, network) == "Succeeded"
        gateway = _in_subnet("Microsoft.Network/applicationGateways", "plain")
        code = "ApplicationGatewaySubnetInboundTrafficBlockedByNetworkSecurityGroup"
        assert await ended(it, gateway) == code

    run(story())


def test_overlapping_networks_are_not_peered_and_a_peering_needs_both_halves(tmp_path: Path) -> None:
    it = bench(tmp_path)

    def peering(of: str, to: str) -> dict[str, Json]:
        remote: Json = {"id": f"{GROUP}/providers/{NETWORK}/{to}"}
        given: dict[str, Json] = {"remoteVirtualNetwork": remote, "allowForwardedTraffic": True}
        return resource(f"{NETWORK}/virtualNetworkPeerings", f"{of}/to-{to}", location=None, properties=given)

    def state(of: str, to: str) -> Json:
        return it.properties(f"{GROUP}/providers/{NETWORK}/{of}/virtualNetworkPeerings/to-{to}")["peeringState"]

    async def story() -> None:
        networks = [vnet("hub", "10.0.0.0/16"), vnet("spoke", "10.1.0.0/16"), vnet("twin", "10.1.0.0/17")]
        assert await ended(it, *networks) == "Succeeded"
        assert await ended(it, peering("hub", "spoke")) == "Succeeded"
        assert state("hub", "spoke") == "Initiated"
        assert await ended(it, peering("spoke", "hub")) == "Succeeded"
        assert state("hub", "spoke") == "Connected"
        again = {**peering("hub", "spoke"), "name": "hub/again"}
        assert await ended(it, again) == "AnotherPeeringAlreadyReferencesRemoteVnet"
        assert await ended(it, peering("spoke", "twin")) == "VnetAddressSpacesOverlap"
        assert await ended(it, peering("hub", "twin")) == "VnetAddressSpaceOverlapsWithAlreadyPeeredVnet"

    run(story())


def test_a_subnet_runs_out_of_addresses(tmp_path: Path) -> None:
    it = bench(tmp_path)

    async def story() -> None:
        assert await ended(it, vnet("vnet", "10.0.0.0/16", plain="10.0.0.0/29")) == "Succeeded"
        subnet: dict[str, Json] = {"subnet": {"id": f"{VNET_ID}/subnets/plain"}}
        target: Json = [{"name": "x", "properties": {"privateLinkServiceId": f"{GROUP}/providers/A.B/c/d"}}]
        given = {**subnet, "privateLinkServiceConnections": target}
        for number in range(4):
            made = resource("Microsoft.Network/privateEndpoints", f"pe{number}", properties=given)
            assert await ended(it, made) == ("Succeeded" if number < 3 else "SubnetIsFull")

    run(story())


@pytest.mark.parametrize(
    ("owner", "kind", "code"),
    [
        (
            "Microsoft.DBforPostgreSQL/flexibleServers",
            "Microsoft.DBforPostgreSQL/flexibleServers/databases",
            "ServerIsBusy",
        ),
        (
            "Microsoft.DBforPostgreSQL/flexibleServers",
            "Microsoft.DBforPostgreSQL/flexibleServers/administrators",
            "AadAuthOperationCannotBePerformedWhenServerIsNotAccessible",
        ),
        (
            "Microsoft.ManagedIdentity/userAssignedIdentities",
            "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
            "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity",
        ),
    ],
)
def test_some_providers_write_one_resource_at_a_time(tmp_path: Path, owner: str, kind: str, code: str) -> None:
    it = registered(bench(tmp_path))

    async def story() -> None:
        properties: dict[str, Json] = {"authConfig": {"activeDirectoryAuth": "Enabled"}} if "DB" in owner else {}
        assert await ended(it, resource(owner, "owner01", properties=properties)) == "Succeeded"
        names = [f"00000000-0000-0000-0000-00000000000{n}" for n in "12"] if "admin" in kind else ["one", "two"]
        first, second = (resource(kind, f"owner01/{name}", location=None, properties={}) for name in names)
        assert await ended(it, first, second) == code
        after: dict[str, Json] = {**second, "dependsOn": [f"[resourceId('{kind}', 'owner01', '{names[0]}')]"]}
        assert await ended(it, first, after) == "Succeeded"

    run(story())


def test_a_subnet_in_use_cannot_be_deleted(tmp_path: Path) -> None:
    it = local(tmp_path)
    subnet, version = f"{VNET_ID}/subnets/plain", "api-version=2025-05-01"

    async def story() -> None:
        assert await ended(it, vnet("vnet", "10.0.0.0/16", plain="10.0.0.0/24", free="10.0.1.0/24")) == "Succeeded"
        await ended(it, _in_subnet("Microsoft.Network/privateEndpoints", "plain"))
        for where in (subnet, VNET_ID):
            assert (await it.ask("DELETE", f"{where}?{version}")).code == "InUseSubnetCannotBeDeleted"
        assert (await it.ask("DELETE", f"{VNET_ID}/subnets/free?{version}")).status == 202
        endpoint = f"{GROUP}/providers/Microsoft.Network/privateEndpoints/place0001"
        assert (await it.ask("DELETE", f"{endpoint}?{version}")).status == 202
        await it.done()
        assert (await it.ask("DELETE", f"{subnet}?{version}")).status == 202
        await it.done()
        assert it.emulator.resources.get(subnet) is None

    run(story())
