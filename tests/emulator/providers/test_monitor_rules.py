"""Azure Monitor refuses metrics, dimensions and log categories that a resource type does not have."""

from pathlib import Path

import pytest

from installer.emulator.providers.data_files import load
from installer.json_access import as_object, as_text, member
from installer.jsontypes import Json
from tests.emulator.asgi_client import API, Local, local
from tests.emulator.in_memory import GROUP, SUBSCRIPTION, run

VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv-a"
ACCOUNT: dict[str, Json] = {
    "location": "westeurope",
    "properties": {
        "tenantId": SUBSCRIPTION,
        "sku": {"family": "A", "name": "standard"},
        "enableRbacAuthorization": True,
    },
}


async def _vault(tmp_path: Path) -> Local:
    it = local(tmp_path)
    for namespace in ("Microsoft.KeyVault", "Microsoft.Insights"):
        it.emulator.registrations.set(SUBSCRIPTION, namespace, "Registered", 0)
    await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope"})
    found = await it.ask("PUT", f"{VAULT}?api-version=2026-02-01", ACCOUNT)
    assert found.status < 300, found.text
    await it.done()
    return it


@pytest.mark.parametrize(
    ("metric", "dimension", "text"),
    [
        ("Availability", None, ""),
        ("Availability", "StatusCode", ""),
        ("Availabilty", None, "Couldn't find a metric named Availabilty."),
        ("Availability", "HttpStatus", "Couldn't find a dimension named HttpStatus"),
    ],
)
def test_an_alert_rule_names_a_metric_of_its_type(
    tmp_path: Path, metric: str, dimension: str | None, text: str
) -> None:
    dimensions: Json = [{"name": dimension, "operator": "Include", "values": ["*"]}] if dimension else []
    condition: Json = {
        "criterionType": "StaticThresholdCriterion",
        "name": "one",
        "metricNamespace": "Microsoft.KeyVault/vaults",
        "metricName": metric,
        "dimensions": dimensions,
        "timeAggregation": "Average",
        "operator": "LessThan",
        "threshold": 90,
    }
    criteria: Json = {
        "odata.type": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
        "allOf": [condition],
    }
    properties: Json = {
        "severity": 1,
        "enabled": True,
        "scopes": [VAULT],
        "evaluationFrequency": "PT1M",
        "windowSize": "PT5M",
        "criteria": criteria,
    }

    async def story() -> None:
        it = await _vault(tmp_path)
        url = f"{GROUP}/providers/Microsoft.Insights/metricAlerts/a?api-version=2026-01-01"
        found = await it.ask("PUT", url, {"location": "global", "properties": properties})
        assert text in found.text if text else found.status < 300, found.text

    run(story())


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ({"logs": [{"category": "AuditEvent", "enabled": True}]}, ""),
        ({"logs": [{"categoryGroup": "audit", "enabled": True}]}, ""),
        ({"metrics": [{"category": "AllMetrics", "enabled": True}]}, ""),
        ({"logs": [{"category": "AuditEvents", "enabled": True}]}, "Category 'AuditEvents' is not supported."),
        ({"logs": [{"categoryGroup": "every", "enabled": True}]}, "Category group 'every' is not supported."),
        ({"metrics": [{"category": "Latency", "enabled": True}]}, "Metric category 'Latency' is not supported."),
    ],
)
def test_a_diagnostic_setting_names_categories_of_its_type(
    tmp_path: Path, properties: dict[str, Json], text: str
) -> None:
    async def story() -> None:
        it = await _vault(tmp_path)
        workspace = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/log"
        body: dict[str, Json] = {"properties": {"workspaceId": workspace, **properties}}
        url = f"{VAULT}/providers/Microsoft.Insights/diagnosticSettings/s?api-version=2021-05-01-preview"
        found = await it.ask("PUT", url, body)
        assert text in found.text if text else found.status < 300, found.text

    run(story())


def test_every_list_has_a_source() -> None:
    for part in ("metrics", "logs"):
        lists = as_object(member(load("monitor"), part))
        assert lists
        for name, found in lists.items():
            assert "articles/azure-monitor/" in as_text(as_object(found)["source"]), name
