"""Documented minimums: node pools, upgrades, zones of NAT gateways, replicas, and what is collected for logs."""

from typing import Final

import pytest

from installer.answers.model import Answers
from installer.conventions.sizing import cores, is_burstable
from installer.json_access import as_list
from installer.jsontypes import Json
from tests.bicep.answers_matrix import MATRIX
from tests.bicep.answers_variants import VARIANTS, answers
from tests.bicep.snapshots import NEEDS_COMPILER
from tests.bicep.stage_requests import at, of_type, properties, stage_resources

pytestmark = NEEDS_COMPILER

CLUSTERS: Final = "Microsoft.ContainerService/managedClusters"
CASES: Final = {**VARIANTS, **MATRIX}
PRODUCTION: Final = {"preset": "production"}


def system_pools(given: Answers) -> list[Json]:
    clusters = of_type(stage_resources(given, "runtime"), CLUSTERS)
    return [pool for cluster in clusters for pool in as_list(properties(cluster)["agentPoolProfiles"])]


@pytest.mark.parametrize("name", CASES)
def test_a_system_pool_has_two_nodes_of_four_cores(name: str) -> None:
    for pool in system_pools(CASES[name]):
        size, least, count = str(at(pool, "vmSize")), at(pool, "minCount"), at(pool, "count")
        assert at(pool, "mode") == "System"
        assert cores(size) >= 4
        assert not is_burstable(size)
        assert isinstance(least, int)
        assert isinstance(count, int)
        assert 2 <= least <= count


def test_a_system_pool_has_a_node_in_each_zone() -> None:
    (pool,) = system_pools(answers("dev", sizing=PRODUCTION))
    assert (at(pool, "minCount"), at(pool, "availabilityZones")) == (3, ["1", "2", "3"])


@pytest.mark.parametrize(("sizing", "least"), [({}, 0), (PRODUCTION, 3), ({"worker_nodes_least": 2}, 2)])
def test_flow_nodes_scale_in_to_the_minimum(sizing: dict[str, Json], least: int) -> None:
    (pool,) = of_type(stage_resources(answers("dev", sizing=sizing), "runtime"), f"{CLUSTERS}/agentPools")
    assert (properties(pool)["minCount"], properties(pool)["count"]) == (least, 3)


def test_a_small_environment_has_no_minimum_above_its_nodes() -> None:
    given = answers("dev", own={"dev": {"worker_nodes": 1}}, sizing=PRODUCTION)
    (pool,) = of_type(stage_resources(given, "runtime"), f"{CLUSTERS}/agentPools")
    assert (properties(pool)["minCount"], properties(pool)["count"]) == (1, 1)


def test_every_pool_is_upgraded_with_more_nodes() -> None:
    resources = stage_resources(answers("dev"), "runtime")
    (flows,) = of_type(resources, f"{CLUSTERS}/agentPools")
    for settings in (properties(flows)["upgradeSettings"], at(system_pools(answers("dev"))[0], "upgradeSettings")):
        assert at(settings, "maxSurge") == "33%"
        assert at(settings, "undrainableNodeBehavior") == "Cordon"


def nat(given: Answers) -> set[tuple[Json, Json]]:
    """SKUs of NAT gateways and of their addresses, which are the same."""
    resources = stage_resources(given, "network")
    gateways = [at(one, "sku", "name") for one in of_type(resources, "Microsoft.Network/natGateways")]
    addresses = [at(one, "sku", "name") for one in of_type(resources, "Microsoft.Network/publicIPAddresses")]
    assert len(gateways) == len(addresses)
    return set(zip(gateways, addresses, strict=True))


@pytest.mark.parametrize(
    ("given", "sku"),
    [
        (answers("dev"), "Standard"),
        (answers("dev", sizing=PRODUCTION), "StandardV2"),
        (answers("dev", platform={"zones": "all"}), "StandardV2"),
        (answers("dev", network={"nat_gateway": "zone_redundant"}), "StandardV2"),
        (answers("dev", sizing=PRODUCTION, network={"nat_gateway": "zonal"}), "Standard"),
        (answers("dev", sizing=PRODUCTION, region="qatarcentral"), "Standard"),
        (VARIANTS["container apps in production, in China"], "Standard"),
    ],
)
def test_a_nat_gateway_survives_a_zone_where_zones_are_promised(given: Answers, sku: str) -> None:
    assert nat(given) == {(sku, sku)}


def test_container_apps_have_two_replicas_where_zones_are_promised() -> None:
    sizing = {"preset": "production", "worker_nodes": 1}
    given = answers("dev", sizing=sizing, platform={"runtime": "container_apps", "control_plane": "container_app"})
    apps = of_type(stage_resources(given, "controlplane"), "Microsoft.App/containerApps")
    assert [at(properties(app), "template", "scale", "minReplicas") for app in apps] == [2, 2, 2, 2]
    (environment,) = of_type(stage_resources(given, "runtime"), "Microsoft.App/managedEnvironments")
    profile = as_list(properties(environment)["workloadProfiles"])[1]
    assert (at(profile, "minimumCount"), at(profile, "maximumCount")) == (0, 2)


@pytest.mark.parametrize(("cap", "quota", "rules"), [(7, 7, 1), (0, -1, 0)])
def test_the_daily_cap_is_announced(cap: int, quota: int, rules: int) -> None:
    given = answers("dev", monitoring={"daily_cap_gb": cap, "emails": ["a@contoso.com"]})
    (workspace,) = of_type(stage_resources(given, "foundation"), "Microsoft.OperationalInsights/workspaces")
    assert at(properties(workspace), "workspaceCapping", "dailyQuotaGb") == quota
    alerts = of_type(stage_resources(given, "observability"), "Microsoft.Insights/scheduledQueryRules")
    assert len([alert for alert in alerts if "OverQuota" in str(alert)]) == rules


@pytest.mark.parametrize(("plan", "interactive"), [("Basic", None), ("Analytics", 90)])
def test_container_logs_are_kept_in_the_plan_of_the_answers(plan: str, interactive: int | None) -> None:
    given = answers("dev", monitoring={"container_logs": plan})
    (table,) = of_type(stage_resources(given, "observability"), "Microsoft.OperationalInsights/workspaces/tables")[-1:]
    assert str(table["name"]).endswith("/ContainerLogV2")
    assert properties(table)["plan"] == plan
    assert properties(table).get("retentionInDays") == interactive
    assert properties(table)["totalRetentionInDays"] == 90


def test_container_insights_collect_logs_and_events_without_the_system() -> None:
    (rule,) = of_type(stage_resources(answers("dev"), "runtime"), "Microsoft.Insights/dataCollectionRules")
    source = at(properties(rule), "dataSources", "extensions", 0)
    assert at(source, "streams") == ["Microsoft-ContainerLogV2", "Microsoft-KubeEvents", "Microsoft-KubePodInventory"]
    settings = at(source, "extensionSettings", "dataCollectionSettings")
    assert (at(settings, "interval"), at(settings, "namespaceFilteringMode")) == ("5m", "Exclude")
    assert "kube-system" in as_list(at(settings, "namespaces"))
