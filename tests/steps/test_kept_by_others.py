"""A second run keeps what others have set: rules, routes, DNS servers, service endpoints and app settings."""

from datetime import UTC, datetime
from time import monotonic, sleep
from typing import Final

import pytest

from installer.answers.model import Answers
from installer.cloud.arm import Arm
from installer.cloud.emulator_process import Rehearsal
from installer.cloud.rest import Service
from installer.errors import CheckBlocked
from installer.estate import keys
from installer.estate.parameters import PLACEHOLDER_OUTPUTS, StageSpec, stages, template
from installer.estate.parameters.stage_spec import KeptByOthers
from installer.json_access import as_list, as_object, member, objects_of
from installer.jsontypes import Json
from installer.steps.live_parameters import kept
from tests.bicep.answers_variants import SUBSCRIPTION, answers

GROUP: Final = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-ff-kept-dev/providers"
NETWORK: Final = f"{GROUP}/Microsoft.Network/virtualNetworks/vnet-ff-kept-dev"
RULES: Final = f"{GROUP}/Microsoft.Network/networkSecurityGroups/nsg-ff-kept-dev-web"
ROUTES: Final = f"{GROUP}/Microsoft.Network/routeTables/rt-ff-kept-dev"
VERSION: Final = "?api-version=2025-05-01"
RULE: Final[dict[str, Json]] = {
    "name": "from-bastion",
    "properties": {
        "priority": 300,
        "direction": "Inbound",
        "access": "Allow",
        "protocol": "Tcp",
        "sourceAddressPrefix": "10.9.0.0/24",
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": "22",
    },
}
ROUTE: Final[dict[str, Json]] = {
    "name": "to-office",
    "properties": {"addressPrefix": "10.200.0.0/16", "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.0.0.9"},
}


def _spec(given: Answers, key: str) -> StageSpec:
    return next(spec for spec in stages(given) if spec.key == key)


def _deploy(arm: Arm, spec: StageSpec) -> list[str]:
    """Deploy a stage as a run does; returns the resources with the names of what was kept."""
    found, settings = kept(arm, spec)
    arm.begin(
        spec.deployment_name,
        location=spec.location,
        template=template(spec.stage),
        parameters={**spec.parameters(PLACEHOLDER_OUTPUTS), **found},
        tags={},
    )
    until = monotonic() + 60
    while (now := arm.deployment(spec.deployment_name)) is None or now.active:
        assert monotonic() < until
        sleep(0.05)
    assert now.state == "succeeded", now.error
    return [one.sentence for one in settings]


def _change(azure: Service, path: str, change: dict[str, Json]) -> None:
    """Change properties of a resource, as a colleague or a policy does."""
    body = azure.ask("GET", f"{path}{VERSION}").body
    properties = {**as_object(body["properties"]), **change}
    properties.pop("provisioningState", None)
    frame: dict[str, Json] = {name: body[name] for name in ["location", "tags"] if name in body}
    azure.ask("PUT", f"{path}{VERSION}", {**frame, "properties": properties})
    until = monotonic() + 30
    while member(azure.ask("GET", f"{path}{VERSION}").body, "properties", "provisioningState") != "Succeeded":
        assert monotonic() < until
        sleep(0.05)


@pytest.fixture(scope="module")
def arm(rehearsal: Rehearsal) -> Arm:
    """Azure with every provider of these stages."""
    found = Arm(rehearsal.target, SUBSCRIPTION)
    wanted = {
        f"microsoft.{name}"
        for name in (
            "network",
            "containerregistry",
            "keyvault",
            "managedidentity",
            "operationalinsights",
            "authorization",
        )
    }
    for namespace in wanted:
        found.register(namespace, SUBSCRIPTION)
    while any(found.registrations(SUBSCRIPTION).get(name, "registered").lower() != "registered" for name in wanted):
        sleep(0.05)
    return found


def test_networks_keep_rules_routes_servers_and_service_endpoints(arm: Arm, azure: Service) -> None:
    egress = {"egress": "firewall", "firewall_address": "10.0.0.4"}
    given = answers("dev", prefix="kept", network=egress)
    _deploy(arm, _spec(given, keys.FOUNDATION))
    assert _deploy(arm, _spec(given, keys.NETWORK)) == []
    _change(azure, RULES, {"securityRules": [RULE]})
    routes = as_list(member(azure.ask("GET", f"{ROUTES}{VERSION}").body, "properties", "routes"))
    _change(azure, ROUTES, {"routes": [*routes, ROUTE]})
    subnet = f"{NETWORK}/subnets/snet-web"
    _change(azure, subnet, {"serviceEndpoints": [{"service": "Microsoft.Storage"}]})
    network = as_object(azure.ask("GET", f"{NETWORK}{VERSION}").body["properties"])
    network.pop("subnets")
    prefixes = [*as_list(member(network, "addressSpace", "addressPrefixes")), "10.77.0.0/24"]
    azure.ask(
        "PUT",
        f"{NETWORK}{VERSION}",
        {
            "location": "swedencentral",
            "properties": {
                "addressSpace": {"addressPrefixes": prefixes},
                "dhcpOptions": {"dnsServers": ["10.0.0.10"]},
                "enableDdosProtection": True,
                "ddosProtectionPlan": {"id": f"{GROUP}/Microsoft.Network/ddosProtectionPlans/corp"},
            },
        },
    )
    sleep(0.3)
    changed = answers("dev", prefix="kept", network=egress, governance={"tags": ["owner=data"]})
    labels = _deploy(arm, _spec(changed, keys.NETWORK))
    assert set(labels) == {
        "nsg-ff-kept-dev-web: securityRules/from-bastion",
        "rt-ff-kept-dev: routes/to-office",
        "vnet-ff-kept-dev: addressSpace, ddosProtectionPlan, dhcpOptions, enableDdosProtection",
        "vnet-ff-kept-dev/subnets/snet-web: serviceEndpoints",
    }

    def now(path: str, *names: str) -> Json:
        return member(azure.ask("GET", f"{path}{VERSION}").body, "properties", *names)

    assert [rule["name"] for rule in objects_of(now(RULES, "securityRules"))] == ["from-bastion"]
    assert [route["name"] for route in objects_of(now(ROUTES, "routes"))] == ["default", "to-office"]
    assert [end["service"] for end in objects_of(now(subnet, "serviceEndpoints"))] == ["Microsoft.Storage"]
    assert now(NETWORK, "dhcpOptions", "dnsServers") == ["10.0.0.10"]
    assert now(NETWORK, "enableDdosProtection") is True
    assert now(NETWORK, "addressSpace", "addressPrefixes") == prefixes


def test_app_settings_of_others_are_read_from_the_site_and_its_slot() -> None:
    found = [one for one in _spec(answers("dev"), keys.control_plane("dev")).kept if one.action]
    assert [one.parameter for one in found] == ["keptSettings", "keptSlotSettings"]
    content: dict[str, Json] = {
        "properties": {"TEAM_FLAG": "on", "FLOWFORGE_OLD": "1", "PREFECT_API_URL": "x", "WEBSITES_PORT": "1"}
    }
    assert [one.select(content) for one in found] == [{"TEAM_FLAG": "on"}] * 2
    declared = as_object(template("controlplane")["parameters"])
    assert {member(declared[one.parameter], "type") for one in found} == {"secureObject"}


def test_the_start_of_an_existing_budget_is_kept_and_a_new_one_does_not_start_in_the_past() -> None:
    given = answers("dev", monitoring={"budget": 100, "budget_start": "2026-01-01"})
    (budget,) = _spec(given, keys.OBSERVABILITY).kept
    live: dict[str, Json] = {"properties": {"timePeriod": {"startDate": "2026-01-01T00:00:00Z"}}}
    assert (budget.parameter, budget.key, budget.select(live)) == ("budgetStarts", SUBSCRIPTION, "2026-01-01")
    assert str(budget.absent()) == datetime.now(UTC).strftime("%Y-%m-01")
    later = answers("dev", monitoring={"budget": 100, "budget_start": "2099-01-01"})
    assert _spec(later, keys.OBSERVABILITY).kept[0].absent() is None


def _kept(stage: str, key: str) -> KeptByOthers:
    (found,) = [one for one in _spec(answers("dev"), stage).kept if one.key.startswith(key)]
    return found


def test_tags_of_others_are_sent_again_without_those_of_the_answers() -> None:
    """Names of tags have no case: azure-docs, articles/azure-resource-manager/management/tag-resources.md."""
    given = answers("dev", governance={"tags": ["Owner=data"]})
    found = {one.key: one for stage in (keys.FOUNDATION, keys.DATA, keys.NETWORK) for one in _spec(given, stage).kept}
    kinds = {key.split("/")[1] for key in found if key.startswith("tags/")}
    assert kinds == {
        "resourceGroups",
        "vaults",
        "registries",
        "workspaces",
        "storageAccounts",
        "flexibleServers",
        "virtualNetworks",
        "networkSecurityGroups",
        "natGateways",
    }
    tags: Json = {"owner": "someone", "CostCentre": "4711", "managed-by": "x", "flowforge-environment": "dev"}
    assert found["tags/resourceGroups/rg-ff-contoso-dev"].select({"tags": tags}) == {"CostCentre": "4711"}
    assert found["tags/resourceGroups/rg-ff-contoso-dev"].select({}) == {}


def test_more_tags_than_azure_accepts_are_refused_before_anything_is_sent() -> None:
    """The limit: azure-docs, articles/azure-resource-manager/management/tag-resources.md."""
    lake = _kept(keys.DATA, "tags/storageAccounts/")
    assert len(as_object(lake.select({"tags": {f"team-{i}": "x" for i in range(40)}}))) == 40
    with pytest.raises(CheckBlocked, match="has 50 tags of others"):
        lake.select({"tags": {f"team-{i}": "x" for i in range(50)}})


def test_access_rules_of_others_are_sent_as_azure_accepts_them() -> None:
    lake = _kept(keys.DATA, "storageAccounts/")
    rules: Json = [{"id": f"{NETWORK}/subnets/snet-build", "action": "Allow", "state": "Succeeded"}]
    live: dict[str, Json] = {"properties": {"networkAcls": {"defaultAction": "Deny", "virtualNetworkRules": rules}}}
    assert lake.select(live) == {
        "virtualNetworkRules": [{"id": f"{NETWORK}/subnets/snet-build", "action": "Allow"}],
    }
    assert lake.select({"properties": {"networkAcls": {"ipRules": []}}}) == {}


def test_a_commitment_tier_and_extensions_of_others_are_sent_again() -> None:
    tier = _kept(keys.FOUNDATION, "workspaces/")
    sku: Json = {"name": "capacityreservation", "capacityReservationLevel": 300, "lastSkuUpdate": "2026-01-01"}
    sent: Json = {"sku": {"name": "capacityreservation", "capacityReservationLevel": 300}}
    assert tier.select({"properties": {"sku": sku}}) == sent
    assert tier.select({"properties": {"sku": {"name": "pergb2018", "lastSkuUpdate": "2026-01-01"}}}) == {}
    extensions = _kept(keys.DATA, "configurations/")
    assert extensions.select({"properties": {"value": "pg_trgm, VECTOR,hstore"}}) == [
        {"name": "VECTOR"},
        {"name": "hstore"},
    ]
    assert extensions.select({"properties": {"value": "PG_TRGM"}}) == []
