"""Bodies of other people's templates that Azure accepts: empty strings, defaults, -1, delegations."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from installer.emulator.errors import ArmError
from installer.emulator.providers.schema_errors import conforming, objections
from installer.json_access import member
from installer.jsontypes import Json
from tests.emulator.deployments.live_outputs import deployed, outputs
from tests.emulator.in_memory import GROUP
from tests.emulator.sample_templates import resource

ACCOUNTS, NETWORKS = "Microsoft.Storage/storageAccounts", "Microsoft.Network/virtualNetworks"
WORKSPACES, COMPONENTS = "Microsoft.OperationalInsights/workspaces", "Microsoft.Insights/components"
SETTINGS = "Microsoft.Insights/diagnosticSettings"
TABLES, CLUSTERS = f"{WORKSPACES}/tables", "Microsoft.ContainerService/managedClusters"
VERSIONS = {ACCOUNTS: "2025-06-01", NETWORKS: "2025-05-01", TABLES: "2025-07-01", CLUSTERS: "2026-03-01"}
ACCOUNT: Mapping[str, Json] = {"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}


@pytest.mark.parametrize(
    ("kind", "properties", "kept"),
    [
        (ACCOUNTS, {"allowSharedKeyAccess": "", "isHnsEnabled": True}, {"isHnsEnabled": True}),
        (ACCOUNTS, {"networkAcls": ""}, {}),
        (
            ACCOUNTS,
            {"networkAcls": {"defaultAction": "Deny", "ipRules": ""}},
            {"networkAcls": {"defaultAction": "Deny"}},
        ),
        (NETWORKS, {"flowTimeoutInMinutes": "", "subnets": ""}, {}),
        (
            NETWORKS,
            {"subnets": [{"name": "s", "properties": {"defaultOutboundAccess": "", "addressPrefix": ""}}]},
            {"subnets": [{"name": "s", "properties": {"addressPrefix": ""}}]},
        ),
    ],
)
def test_an_empty_string_is_no_boolean_number_object_or_array(
    kind: str, properties: dict[str, Json], kept: dict[str, Json]
) -> None:
    body: dict[str, Json] = {**ACCOUNT, "properties": properties} if kind == ACCOUNTS else {"properties": properties}
    body["location"] = "westeurope"
    assert conforming(kind, VERSIONS[kind], "it", body)["properties"] == kept
    assert objections(kind, VERSIONS[kind], "it", body) == []


def test_a_required_member_is_missing_where_it_is_an_empty_string() -> None:
    with pytest.raises(ArmError, match="'sku' is missing"):
        conforming(ACCOUNTS, VERSIONS[ACCOUNTS], "it", {**ACCOUNT, "sku": ""})


@pytest.mark.parametrize("value", [" ", "perhaps"])
def test_any_other_string_is_still_refused(value: str) -> None:
    with pytest.raises(ArmError, match="is not true or false"):
        conforming(ACCOUNTS, VERSIONS[ACCOUNTS], "it", {**ACCOUNT, "properties": {"allowSharedKeyAccess": value}})


def test_a_provider_in_go_refuses_the_empty_string() -> None:
    body: dict[str, Json] = {"location": "westeurope", "properties": {"enableRBAC": ""}}
    with pytest.raises(ArmError, match="is not true or false"):
        conforming(CLUSTERS, VERSIONS[CLUSTERS], "it", body)


@pytest.mark.parametrize("version", ["2023-09-01", "2025-07-01"])
def test_a_member_that_was_an_empty_string_is_not_stored_in_any_version(tmp_path: Path, version: str) -> None:
    workspace = resource(WORKSPACES, "law", version=version, properties={"retentionInDays": ""})
    assert outputs(deployed(tmp_path, workspace, values={"o": "reference('law').retentionInDays"})) == {"o": 30}


@pytest.mark.parametrize("more", [{}, {"properties": {}}])
def test_a_component_needs_no_application_type(tmp_path: Path, more: Mapping[str, Json]) -> None:
    it = deployed(
        tmp_path,
        {"type": COMPONENTS, "apiVersion": "2020-02-02", "name": "ai", "location": "westeurope", "kind": "web", **more},
        values={"o": "reference('ai').Application_Type", "flow": "reference('ai').Flow_Type"},
    )
    assert outputs(it) == {"o": "web", "flow": "Bluefield"}


def test_a_component_keeps_its_application_type(tmp_path: Path) -> None:
    properties: dict[str, Json] = {"Application_Type": "other"}
    component = resource(COMPONENTS, "ai", version="2020-02-02", kind="web", properties=properties)
    assert outputs(deployed(tmp_path, component, values={"o": "reference('ai').Application_Type"})) == {"o": "other"}


def test_a_category_of_a_diagnostic_setting_is_not_enabled_unless_it_says_so(tmp_path: Path) -> None:
    given: dict[str, Json] = {
        "workspaceId": f"{GROUP}/providers/{WORKSPACES}/law",
        "logs": [{"category": "Audit"}, {"categoryGroup": "allLogs", "enabled": True}],
        "metrics": [{"category": "AllMetrics"}],
    }
    setting = resource(SETTINGS, "to-law", version="2021-05-01-preview", location=None, properties=given, after=["law"])
    setting["scope"] = f"{WORKSPACES}/law"
    it = deployed(tmp_path, resource(WORKSPACES, "law", version="2025-07-01"), setting)
    found = it.properties(f"{GROUP}/providers/{WORKSPACES}/law/providers/{SETTINGS}/to-law")
    assert found["logs"] == [
        {"category": "Audit", "enabled": False},
        {"categoryGroup": "allLogs", "enabled": True},
    ]
    assert found["metrics"] == [{"category": "AllMetrics", "enabled": False}]


def test_other_required_members_of_a_diagnostic_setting_are_still_asked_for() -> None:
    body: dict[str, Json] = {"properties": {"logs": [{"category": "Audit", "retentionPolicy": {"days": 3}}]}}
    refused = objections(SETTINGS, "2021-05-01-preview", "it", body)
    assert [member(item, "target") for item in refused] == ["properties.logs[0].retentionPolicy.enabled"]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"retentionInDays": -1, "totalRetentionInDays": -1}, (45, 45, True, True)),
        ({"retentionInDays": -1, "totalRetentionInDays": 365}, (45, 365, True, False)),
        ({"retentionInDays": 60, "totalRetentionInDays": -1}, (60, 60, False, True)),
        ({}, (45, 45, True, True)),
        ({"plan": "Basic", "retentionInDays": -1, "totalRetentionInDays": 90}, (30, 90, True, False)),
    ],
)
def test_a_table_leaves_its_retention_to_the_workspace(
    tmp_path: Path, given: dict[str, Json], shown: tuple[Json, ...]
) -> None:
    it = deployed(
        tmp_path,
        resource(WORKSPACES, "law", version="2025-07-01", properties={"retentionInDays": 45}),
        resource(TABLES, "law/AppTraces", version="2025-07-01", location=None, properties=given, after=["law"]),
    )
    found = it.properties(f"{GROUP}/providers/{WORKSPACES}/law/tables/AppTraces")
    names = ("retentionInDays", "totalRetentionInDays", "retentionInDaysAsDefault", "totalRetentionInDaysAsDefault")
    assert tuple(found[name] for name in names) == shown


@pytest.mark.parametrize(
    ("name", "value"), [("retentionInDays", -2), ("retentionInDays", 3), ("totalRetentionInDays", 0)]
)
def test_other_retentions_out_of_bounds_are_refused(name: str, value: int) -> None:
    body: dict[str, Json] = {"properties": {name: value}}
    with pytest.raises(ArmError, match="out of bounds"):
        conforming(TABLES, VERSIONS[TABLES], "AppTraces", body)


def test_minus_one_is_a_default_only_where_it_is_documented() -> None:
    kind = f"{ACCOUNTS}/blobServices"
    body: dict[str, Json] = {"properties": {"changeFeed": {"enabled": True, "retentionInDays": -1}}}
    with pytest.raises(ArmError, match="out of bounds"):
        conforming(kind, VERSIONS[ACCOUNTS], "default", body)


def _delegated(service: str) -> dict[str, Json]:
    delegation: Json = [{"name": "d", "properties": {"serviceName": service}}]
    subnet: Json = {"name": "s", "properties": {"addressPrefix": "10.0.0.0/24", "delegations": delegation}}
    space: Json = {"addressPrefixes": ["10.0.0.0/16"]}
    return resource(NETWORKS, "vn", version="2025-05-01", properties={"addressSpace": space, "subnets": [subnet]})


@pytest.mark.parametrize(
    "service",
    [
        "Dell.Storage/fileSystems",
        "qumulo.storage/filesystems",
        "Microsoft.ServiceNetworking/trafficControllers",
        "Oracle.Database/networkAttachments",
        "Microsoft.AVS/privateClouds",
        "Microsoft.Synapse/workspaces",
    ],
)
def test_subnets_are_delegated_to_the_services_of_others(tmp_path: Path, service: str) -> None:
    assert outputs(deployed(tmp_path, _delegated(service), values={"o": "reference('vn').subnets[0].name"})) == {
        "o": "s"
    }


@pytest.mark.parametrize("service", ["Microsoft.Foo/bar", "Dell.Storage/other", "Microsoft.Storage/storageAccounts"])
def test_a_service_that_supports_no_delegation_is_refused(tmp_path: Path, service: str) -> None:
    it = deployed(tmp_path, _delegated(service))
    assert member(it.operations(scope=GROUP)["vn"].error, "code") == "InvalidServiceNameOnDelegation"
