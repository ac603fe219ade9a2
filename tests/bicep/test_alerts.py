"""Alert rules: figures of Azure Monitor Baseline Alerts for every kind of resource, with metrics that the type has."""

import json
from typing import Final

import pytest

from bicep.compile import HERE
from installer.answers.model import Answers
from installer.emulator.providers.data_files import load
from installer.json_access import as_list, as_object, as_text
from installer.jsontypes import Json
from tests.bicep.answers_variants import OTHER, SUBSCRIPTION, VARIANTS, answers
from tests.bicep.snapshots import NEEDS_COMPILER
from tests.bicep.stage_requests import Resource, at, of_type, properties, stage_resources

pytestmark = NEEDS_COMPILER

CATALOG: Final[dict[str, Json]] = json.loads((HERE / "alerts.json").read_text(encoding="utf-8"))
EMAILS: Final = {"emails": ["a@contoso.com"]}
GATEWAY: Final = VARIANTS["monitored behind a gateway, lakes backed up"]
EACH_GATEWAY: Final = GATEWAY.model_copy(update={"ingress": GATEWAY.ingress.model_copy(update={"shared": False})})
DIRECT: Final = VARIANTS["monitored with direct ingress, container apps, Prefect Cloud"]
RULES: Final = [(kind, rule) for kind, found in CATALOG.items() for rule in as_list(at(found, "rules"))]
ACTIVITY: Final = "Microsoft.Insights/activityLogAlerts"


def conditions(given: Answers) -> dict[str, tuple[Resource, Json]]:
    """Rules on one metric, with their condition, by name."""
    found = of_type(stage_resources(given, "observability"), "Microsoft.Insights/metricAlerts")
    single = [rule for rule in found if "SingleResource" in json.dumps(rule)]
    return {str(rule["name"]): (rule, at(properties(rule), "criteria", "allOf", 0)) for rule in single}


@pytest.mark.parametrize(
    ("kind", "rule"), RULES, ids=lambda value: value if isinstance(value, str) else at(value, "key")
)
def test_a_rule_has_a_source_and_a_metric_of_its_type(kind: str, rule: Json) -> None:
    assert as_text(at(rule, "source")).startswith("Azure/azure-monitor-baseline-alerts services/")
    metrics = as_object(at(load("monitor"), "metrics"))
    names = as_object(at(metrics[as_text(at(CATALOG[kind], "namespace"))], "names"))
    dimensions = as_list(names[as_text(at(rule, "metric"))])
    assert [name for one in as_list(at(rule, "dimensions")) if (name := at(one, "name")) not in dimensions] == []


@pytest.mark.parametrize("given", [GATEWAY, DIRECT], ids=["gateway", "container apps"])
def test_every_condition_names_a_metric_of_its_resource(given: Answers) -> None:
    metrics = as_object(at(load("monitor"), "metrics"))
    for name, (rule, condition) in conditions(given).items():
        (scope,) = as_list(properties(rule)["scopes"])
        namespace = as_text(at(condition, "metricNamespace"))
        assert f"/providers/{namespace}/" in str(scope), name
        assert at(condition, "metricName") in as_object(at(metrics[namespace], "names")), name


@pytest.mark.parametrize(
    ("given", "kinds"),
    [
        (EACH_GATEWAY, {"lake", "vault", "cluster", "plan", "site", "gateway", "nat"}),
        (GATEWAY, {"lake", "vault", "cluster", "plan", "site", "nat"}),
        (
            answers("dev", platform={"runtime": "container_apps"}, monitoring=EMAILS),
            {"lake", "vault", "plan", "site", "nat", "app"},
        ),
        (
            answers("dev", network={"egress": "firewall", "firewall_address": "10.0.0.4"}, monitoring=EMAILS),
            {"lake", "vault", "cluster", "plan", "site"},
        ),
        (
            answers("dev", platform={"control_plane": "container_app"}, monitoring=EMAILS),
            {"lake", "vault", "cluster", "nat", "app"},
        ),
    ],
)
def test_every_resource_is_monitored(given: Answers, kinds: set[str]) -> None:
    environment = given.subscription.environments[0]
    names = [name.removeprefix(f"alert-ff-contoso-{environment}-") for name in conditions(given)]
    found = {kind for kind in CATALOG if any(name.startswith(f"{kind}-") for name in names)}
    assert found == kinds


def test_a_shared_gateway_is_monitored_with_the_platform() -> None:
    found = [name for name in conditions(GATEWAY) if name.startswith("alert-ff-contoso-gateway-")]
    assert len(found) == len(as_list(at(CATALOG["gateway"], "rules")))


def test_a_private_web_app_on_container_apps_is_monitored_by_its_replicas() -> None:
    given = answers("dev", platform={"runtime": "container_apps", "control_plane": "container_app"}, monitoring=EMAILS)
    names = set(conditions(given))
    expected = {f"alert-ff-contoso-dev-app-{app}-restarts" for app in ("web", "prefect", "worker")}
    assert expected <= names


def test_a_database_server_has_the_connections_of_its_size() -> None:
    found = conditions(answers("dev", sizing={"postgres_size": "Standard_D4ds_v5"}, monitoring=EMAILS))
    _, condition = found["alert-pg-ff-contoso-connections"]
    assert at(condition, "threshold") == 1718 * 80 // 100
    assert {"cpu", "memory", "storage", "failures", "alive"} <= {
        name.rpartition("-")[2] for name in found if name.startswith("alert-pg-")
    }


def test_health_is_announced_for_each_resource_group_and_subscription() -> None:
    rules = of_type(stage_resources(DIRECT, "observability"), ACTIVITY)
    groups = [
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-ff-contoso-platform",
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-ff-contoso-dev",
        f"/subscriptions/{OTHER}/resourceGroups/rg-ff-contoso-prod",
    ]
    scopes = {str(rule["name"]): as_list(properties(rule)["scopes"]) for rule in rules}
    resources = [one for name, of in scopes.items() if name.endswith("-resource-health") for one in of]
    assert sorted(map(str, resources)) == sorted(groups)
    services = [one for name, of in scopes.items() if "-service-" in name for one in of]
    assert sorted(map(str, services)) == sorted([f"/subscriptions/{SUBSCRIPTION}", f"/subscriptions/{OTHER}"] * 4)
    for rule in rules:
        (action,) = as_list(at(properties(rule), "actions", "actionGroups"))
        assert str(at(action, "actionGroupId")).endswith("/actionGroups/ag-ff-contoso")


def test_without_alert_recipients_nothing_is_announced() -> None:
    resources = stage_resources(VARIANTS["a budget without alert recipients"], "observability")
    assert [
        kind for kind in ("metricAlerts", "activityLogAlerts") if of_type(resources, f"Microsoft.Insights/{kind}")
    ] == []
