"""Stage 10: diagnostic settings, alert rules, availability tests and budgets."""

import json
from collections.abc import Iterator

import pytest

from installer.answers.model import Answers
from installer.jsontypes import Json
from tests.bicep.answers_variants import OTHER, SUBSCRIPTION, VARIANTS, answers
from tests.bicep.snapshots import NEEDS_COMPILER
from tests.bicep.stage_requests import Resource, at, of_type, properties, scopes, stage_resources

pytestmark = NEEDS_COMPILER

GATEWAY = VARIANTS["monitored behind a gateway, lakes backed up"]
DIRECT = VARIANTS["monitored with direct ingress, container apps, Prefect Cloud"]
NO_RECIPIENTS = VARIANTS["a budget without alert recipients"]
RULES = ("Microsoft.Insights/metricAlerts", "Microsoft.Insights/scheduledQueryRules")
SETTINGS = "Microsoft.Insights/diagnosticSettings"


def watched(given: Answers) -> list[Resource]:
    return stage_resources(given, "observability")


def logged(given: Answers) -> dict[str, Resource]:
    """Diagnostic setting by the last part of the resource id."""
    return {
        str(found["id"]).rpartition("/providers/Microsoft.Insights")[0].partition("/providers/")[2]: found
        for found in of_type(watched(given), SETTINGS)
    }


def categories(setting: Resource) -> list[Json]:
    logs = properties(setting)["logs"]
    assert isinstance(logs, list)
    return [at(log, "categoryGroup") if "categoryGroup" in str(log) else at(log, "category") for log in logs]


def alerts(given: Answers) -> dict[str, Resource]:
    return {str(found["name"]): found for kind in RULES for found in of_type(watched(given), kind)}


def metrics(given: Answers) -> Iterator[tuple[str, Json, Json]]:
    """Name, metric and threshold of every rule about a single metric."""
    for name, rule in alerts(given).items():
        if "SingleResource" in json.dumps(rule):
            condition = at(properties(rule), "criteria", "allOf", 0)
            yield name, at(condition, "metricName"), at(condition, "threshold")


def test_every_resource_has_a_diagnostic_setting() -> None:
    assert {key.partition("/")[0] + "/" + key.split("/")[1] for key in logged(GATEWAY)} == {
        "Microsoft.Storage/storageAccounts",
        "Microsoft.KeyVault/vaults",
        "Microsoft.ContainerService/managedClusters",
        "Microsoft.Web/sites",
        "Microsoft.DBforPostgreSQL/flexibleServers",
    }
    assert not [key for key in logged(VARIANTS["container apps"]) if "managedClusters" in key]


def test_a_lake_logs_its_blob_service_and_a_cluster_omits_full_auditing() -> None:
    found = logged(GATEWAY)
    assert categories(found["Microsoft.Storage/storageAccounts/stffcontosoprod/blobServices/default"]) == ["audit"]
    cluster = found["Microsoft.ContainerService/managedClusters/aks-ff-contoso-prod"]
    assert "kube-audit-admin" in categories(cluster)
    assert "kube-audit" not in categories(cluster)
    assert properties(cluster)["logAnalyticsDestinationType"] == "Dedicated"


def test_without_alert_recipients_there_are_no_alerts() -> None:
    assert alerts(NO_RECIPIENTS) == {}
    assert of_type(watched(NO_RECIPIENTS), "Microsoft.Insights/actionGroups") == []
    assert logged(NO_RECIPIENTS)


def test_every_alert_goes_to_the_alert_recipients() -> None:
    (group,) = of_type(watched(GATEWAY), "Microsoft.Insights/actionGroups")
    receivers = properties(group)["emailReceivers"]
    assert isinstance(receivers, list)
    assert [at(receiver, "emailAddress") for receiver in receivers] == [
        "data-team@contoso.com",
        "on-call@contoso.com",
    ]
    assert alerts(GATEWAY)
    assert all(str(group["id"]) in json.dumps(rule["properties"]) for rule in alerts(GATEWAY).values())


def test_full_storage_raises_an_alert() -> None:
    found = set(metrics(GATEWAY))
    assert ("alert-ff-contoso-dev-storage", "UsedCapacity", 1024**4) in found
    assert ("alert-pg-ff-contoso-storage", "storage_percent", 80) in found
    assert ("alert-pg-ff-contoso-prod-storage", "storage_percent", 80) in found


@pytest.mark.parametrize(("given", "environments"), [(GATEWAY, {"dev", "prod"}), (DIRECT, {"dev", "prod"})])
def test_a_missing_heartbeat_raises_an_alert_for_each_environment(given: Answers, environments: set[str]) -> None:
    rules = of_type(watched(given), RULES[1])
    queries = [str(at(properties(rule), "criteria", "allOf", 0, "query")) for rule in rules]
    heartbeat_queries = [query for query in queries if "heartbeat" in query]
    assert {
        name for name in environments if any(f"== '{name}'" in query for query in heartbeat_queries)
    } == environments
    assert len(heartbeat_queries) == len(environments)
    assert "ENVIRONMENT" not in "".join(queries)


def test_failed_runs_raise_an_alert_for_each_prefect_deployment() -> None:
    rule = alerts(GATEWAY)["alert-ff-contoso-runs"]
    dimensions = at(properties(rule), "criteria", "allOf", 0, "dimensions")
    assert isinstance(dimensions, list)
    assert [at(dimension, "name") for dimension in dimensions] == ["Environment", "Deployment"]


@pytest.mark.parametrize(
    ("given", "urls"),
    [
        (
            GATEWAY,
            ["https://dev-flowforge.contoso.com/api/health", "https://flowforge.contoso.com/api/health"],
        ),
        (
            DIRECT,
            [f"https://app-ff-contoso-{name}.azurewebsites.net/api/health" for name in ("dev", "prod")],
        ),
        (answers("dev"), []),
        (VARIANTS["public endpoints"], []),
    ],
)
def test_a_public_address_and_its_certificate_are_tested(given: Answers, urls: list[str]) -> None:
    tests = of_type(watched(given), "Microsoft.Insights/webtests")
    assert [at(properties(test), "Request", "RequestUrl") for test in tests] == urls
    assert all(at(properties(test), "ValidationRules", "SSLCertRemainingLifetimeCheck") == 30 for test in tests)


def test_a_private_web_app_is_monitored_by_its_health_check() -> None:
    private = answers("dev", monitoring={"emails": ["a@contoso.com"]})
    assert ("alert-ff-contoso-dev-health", "HealthCheckStatus", 100) in set(metrics(private))
    as_app = answers("dev", platform={"control_plane": "container_app"}, monitoring={"emails": ["a@contoso.com"]})
    assert "HealthCheckStatus" not in {metric for _, metric, _ in metrics(as_app)}


def test_reporter_jobs_exist_only_on_container_apps() -> None:
    (job,) = of_type(watched(DIRECT), "Microsoft.App/jobs")
    assert job["name"] == "job-contoso-dev-report"
    assert at(properties(job), "configuration", "scheduleTriggerConfig", "cronExpression") == "*/5 * * * *"
    kept = at(properties(job), "configuration", "secrets", 0)
    assert at(kept, "keyVaultUrl") == "https://kv-ff-contoso-dev.vault.azure.net/secrets/prefect-cloud-key"
    assert of_type(watched(GATEWAY), "Microsoft.App/jobs") == []


def test_only_workers_send_rows_and_only_through_the_rule() -> None:
    given = list(scopes(watched(GATEWAY)))
    assert len(given) == 2
    assert {scope.rpartition("/")[2] for scope, _, _ in given} == {"dcr-ff-contoso-runs"}


def test_each_subscription_has_a_budget_that_new_environments_do_not_change() -> None:
    budgets = of_type(watched(DIRECT), "Microsoft.Consumption/budgets")
    assert {str(budget["id"]).split("/")[2] for budget in budgets} == {SUBSCRIPTION, OTHER}
    one, two = (
        properties(of_type(watched(answers(*names, monitoring=costs)), "Microsoft.Consumption/budgets")[0])
        for costs in ({"budget": 7, "budget_start": "2026-12-01"},)
        for names in (("dev",), ("dev", "prod"))
    )
    assert one == two
    assert at(one, "timePeriod", "startDate") == "2026-12-01T00:00:00Z"


def test_owners_receive_budget_notifications_without_alert_recipients() -> None:
    (budget,) = of_type(watched(NO_RECIPIENTS), "Microsoft.Consumption/budgets")
    assert at(properties(budget), "notifications", "used", "contactRoles") == ["Owner"]


def test_the_workbook_queries_the_workspace() -> None:
    (workbook,) = of_type(watched(GATEWAY), "Microsoft.Insights/workbooks")
    page = json.loads(str(properties(workbook)["serializedData"]))
    assert page["fallbackResourceIds"] == [properties(workbook)["sourceId"]]
    queries = [item["content"]["query"] for item in page["items"]]
    assert ["FlowForgeRuns_CL" in query for query in queries] == [True, True, True, False, False]


def test_an_added_environment_does_not_change_the_others() -> None:
    monitoring = {"emails": ["a@contoso.com"], "budget": 7, "budget_start": "2026-12-01"}
    before = {str(r["id"]): r for r in watched(answers("dev", "prod", monitoring=monitoring))}
    after = {str(r["id"]): r for r in watched(answers("dev", "qa", "prod", monitoring=monitoring))}
    assert before.items() <= after.items()
