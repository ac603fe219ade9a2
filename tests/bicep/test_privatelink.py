"""Stage 9: the private link scope of Azure Monitor, complete before names lead to it."""

import pytest

from installer.answers.model import Answers
from installer.estate.parameters import PLACEHOLDER_OUTPUTS, stages
from installer.json_access import as_list, as_text, member
from installer.resource_id import name_of
from tests.bicep.answers_variants import HUB, OTHER, SUBSCRIPTION, Page, answers
from tests.bicep.snapshots import NEEDS_COMPILER
from tests.bicep.stage_requests import Resource, at, of_type, properties, stage_resources

pytestmark = NEEDS_COMPILER

SCOPE = "Microsoft.Insights/privateLinkScopes"
COLLECTION = "Microsoft.Insights/dataCollectionEndpoints"
PLATFORM = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-ff-contoso-platform/providers"


def given(mode: str = "private_only", *, cloud: str = "public", network: Page | None = None) -> Answers:
    own: dict[str, Page] = {"prod": {"runtime": "container_apps", "region": "westeurope"}}
    return answers(
        "dev", "prod", cloud=cloud, own=own, network=network or {"mode": "new"}, monitoring={"private_link": mode}
    )


def zones(resources: list[Resource]) -> set[str]:
    return {as_text(one["name"]) for one in of_type(resources, "Microsoft.Network/privateDnsZones")}


def test_without_the_answer_there_is_no_scope_and_azure_monitor_is_public() -> None:
    plain = answers("dev")
    assert "privatelink" not in [spec.key for spec in stages(plain)]
    assert of_type(stage_resources(plain, "network"), COLLECTION) == []
    (rule,) = of_type(stage_resources(plain, "observability"), "Microsoft.Insights/dataCollectionRules")
    assert properties(rule).get("dataCollectionEndpointId") is None


@pytest.mark.parametrize(
    ("mode", "access", "ingestion"),
    [("none", None, "Enabled"), ("open", "Open", "Enabled"), ("private_only", "PrivateOnly", "Disabled")],
)
def test_the_mode_decides_who_is_reached_and_who_may_send(mode: str, access: str | None, ingestion: str) -> None:
    chosen = given(mode)
    (workspace,) = of_type(stage_resources(chosen, "foundation"), "Microsoft.OperationalInsights/workspaces")
    components = of_type(stage_resources(chosen, "controlplane"), "Microsoft.Insights/components")
    assert len(components) == 2
    for one in (workspace, *components):
        assert at(one, "properties", "publicNetworkAccessForIngestion") == ingestion
        assert at(one, "properties", "publicNetworkAccessForQuery") == "Enabled"
    for one in of_type(stage_resources(chosen, "network"), COLLECTION):
        assert at(one, "properties", "networkAcls", "publicNetworkAccess") == ingestion
    if access:
        (scope,) = of_type(stage_resources(chosen, "privatelink"), SCOPE)
        settings = at(scope, "properties", "accessModeSettings")
        assert settings == {"ingestionAccessMode": access, "queryAccessMode": access}


def test_the_scope_has_the_workspace_the_components_and_the_collection_endpoints() -> None:
    found = of_type(stage_resources(given(), "privatelink"), f"{SCOPE}/scopedResources")
    assert [name_of(as_text(at(one, "properties", "linkedResourceId"))) for one in found] == [
        "log-ff-contoso",
        "dce-ff-contoso-hub",
        "dce-ff-contoso-dev",
        "appi-ff-contoso-dev",
        "appi-ff-contoso-prod",
    ]


def test_only_one_endpoint_in_the_hub_leads_to_it_through_five_zones() -> None:
    stage = stage_resources(given(), "privatelink")
    (endpoint,) = of_type(stage, "Microsoft.Network/privateEndpoints")
    assert "/virtualNetworks/vnet-ff-contoso-hub/" in as_text(at(endpoint, "properties", "subnet", "id"))
    (connection,) = as_list(at(endpoint, "properties", "privateLinkServiceConnections"))
    assert member(connection, "properties", "groupIds") == ["azuremonitor"]
    assert member(connection, "properties", "privateLinkServiceId") == f"{PLATFORM}/{SCOPE}/ampls-ff-contoso"
    (group,) = of_type(stage, "Microsoft.Network/privateEndpoints/privateDnsZoneGroups")
    configs = as_list(at(group, "properties", "privateDnsZoneConfigs"))
    ids = [as_text(member(one, "properties", "privateDnsZoneId")) for one in configs]
    assert {name_of(one) for one in ids} == zones(stage) | {"privatelink.blob.core.windows.net"}
    assert len({as_text(member(one, "name")) for one in configs}) == len(configs) == 5


@pytest.mark.parametrize("cloud", ["public", "usgov"])
def test_no_zone_is_created_twice(cloud: str) -> None:
    chosen = given(cloud=cloud)
    own = zones(stage_resources(chosen, "privatelink"))
    assert len(own) == 4
    assert not own & zones(stage_resources(chosen, "network"))
    links = of_type(stage_resources(chosen, "privatelink"), "Microsoft.Network/privateDnsZones/virtualNetworkLinks")
    assert len(links) == len(own) * len(("hub", "dev", "prod"))


def test_the_agent_of_a_cluster_reads_its_configuration_in_its_region() -> None:
    own: dict[str, Page] = {"dev": {"region": "westeurope"}}
    chosen = answers("dev", "prod", own=own, monitoring={"private_link": "open"})
    regions = {one["name"]: one["location"] for one in of_type(stage_resources(chosen, "network"), COLLECTION)}
    assert regions == {
        "dce-ff-contoso-hub": "swedencentral",
        "dce-ff-contoso-dev": "westeurope",
        "dce-ff-contoso-prod": "swedencentral",
    }
    found = of_type(stage_resources(chosen, "privatelink"), "Microsoft.Insights/dataCollectionRuleAssociations")
    assert {as_text(one["name"]) for one in found} == {"configurationAccessEndpoint"}
    assert len(found) == 2


def test_every_data_collection_rule_uses_the_endpoint_in_the_region_of_the_workspace() -> None:
    for stage in ("runtime", "observability"):
        (rule,) = of_type(stage_resources(given(), stage), "Microsoft.Insights/dataCollectionRules")
        assert properties(rule)["dataCollectionEndpointId"] == f"{PLATFORM}/{COLLECTION}/dce-ff-contoso-hub"


def test_without_container_insights_only_the_reporters_need_a_collection_endpoint() -> None:
    chosen = answers("dev", monitoring={"private_link": "open", "container_insights": False})
    assert [one["name"] for one in of_type(stage_resources(chosen, "network"), COLLECTION)] == ["dce-ff-contoso-hub"]
    assert not of_type(stage_resources(chosen, "privatelink"), "Microsoft.Insights/dataCollectionRuleAssociations")


def test_the_rules_follow_the_private_link() -> None:
    needs = {spec.key: spec.needs for spec in stages(given())}
    assert set(needs["privatelink"]) == {"network", "controlplane-dev", "controlplane-prod"}
    assert "privatelink" in needs["observability"]


def test_in_an_existing_hub_the_endpoint_is_in_its_subnet() -> None:
    network = {"mode": "existing_hub", "hub_id": HUB, "hub_subnet": "endpoints", "dns": "created"}
    spec = next(spec for spec in stages(given("open", network=network)) if spec.key == "privatelink")
    endpoint = member(spec.parameters(PLACEHOLDER_OUTPUTS), "endpoint", "value")
    assert member(endpoint, "subnetId") == f"{HUB}/subnets/endpoints"
    assert member(endpoint, "subscriptionId") == OTHER
