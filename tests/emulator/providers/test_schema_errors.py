"""Members that providers refuse because of the published schema of the type, and members that they ignore."""

import json
import re
from pathlib import Path

import pytest

from installer.emulator.errors import ArmError
from installer.emulator.providers.schema_errors import conforming, objections
from installer.json_access import JsonObject, as_list, as_object, as_text, member
from installer.jsontypes import Json
from installer.shipped_files import type_schemas
from tests.emulator.asgi_client import local
from tests.emulator.in_memory import SCOPE, bench, run
from tests.emulator.sample_templates import group, inside, least, nested, resource, template

STORAGE, VNET, CLUSTER = (
    "Microsoft.Storage/storageAccounts",
    "Microsoft.Network/virtualNetworks",
    "Microsoft.ContainerService/managedClusters",
)
VERSIONS = {STORAGE: "2025-06-01", VNET: "2025-05-01", CLUSTER: "2026-03-01"}
ACCOUNT: JsonObject = {"location": "westeurope", "sku": {"name": "Standard_LRS"}, "kind": "StorageV2"}
NETWORK: JsonObject = {"location": "westeurope", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}


def _refused(kind: str, body: JsonObject, message: str = ".") -> ArmError:
    with pytest.raises(ArmError, match=message) as refused:
        conforming(kind, VERSIONS[kind], "it", body)
    return refused.value


@pytest.mark.parametrize(
    ("kind", "body", "code", "target", "message"),
    [
        (STORAGE, {**ACCOUNT, "sku": None}, "InvalidParameter", "sku", "Required parameter 'sku' is missing (null)."),
        (STORAGE, {"sku": {"name": "x"}, "kind": "StorageV2"}, "LocationRequired", "location", "is required"),
        (
            STORAGE,
            {**ACCOUNT, "properties": {"accessTier": "Tepid"}},
            "InvalidParameter",
            "properties.accessTier",
            "Allowed values are: Hot, Cool",
        ),
        (
            STORAGE,
            {**ACCOUNT, "properties": {"isHnsEnabled": "perhaps"}},
            "InvalidRequestContent",
            "properties.isHnsEnabled",
            '"perhaps" is not true or false',
        ),
        (
            STORAGE,
            {**ACCOUNT, "properties": {"networkAcls": ["Deny"]}},
            "InvalidRequestContent",
            "properties.networkAcls",
            "is not an object",
        ),
        (
            CLUSTER,
            {"location": "westeurope", "properties": {"agentPoolProfiles": {"name": "system"}}},
            "InvalidRequestContent",
            "properties.agentPoolProfiles",
            "is not an array",
        ),
    ],
)
def test_a_body_that_violates_the_schema_is_refused_with_the_allowed_values(
    kind: str, body: JsonObject, code: str, target: str, message: str
) -> None:
    refused = _refused(kind, body, re.escape(message))
    assert (refused.status, refused.code, refused.target) == (400, code, target)


def test_all_problems_are_reported_at_once() -> None:
    refused = _refused(STORAGE, {"properties": {"accessTier": "Tepid"}})
    assert [as_text(detail["target"]) for detail in refused.details] == [
        "sku",
        "kind",
        "location",
        "properties.accessTier",
    ]


def test_networks_and_clusters_refuse_unknown_members_and_others_ignore_them() -> None:
    network = _refused(VNET, {**NETWORK, "properties": {"addresses": []}})
    assert (network.code, network.message) == ("InvalidRequestFormat", "Cannot parse the request.")
    assert [(item["code"], item["target"]) for item in network.details] == [("InvalidJson", "properties.addresses")]
    cluster = _refused(CLUSTER, {"location": "westeurope", "properties": {"nodes": 3}})
    assert cluster.code == "UnmarshalError"
    assert 'unknown field "nodes"' in cluster.message
    odd: JsonObject = {**ACCOUNT, "properties": {"colour": "red"}}
    assert conforming(STORAGE, VERSIONS[STORAGE], "it", odd) == odd


def test_names_and_values_of_closed_lists_ignore_case() -> None:
    body: JsonObject = {"Location": "westeurope", "SKU": {"Name": "Standard_LRS"}, "kind": "storagev2"}
    assert conforming(STORAGE, VERSIONS[STORAGE], "it", body) == body


def test_read_only_members_of_a_request_are_dropped() -> None:
    given: JsonObject = {**ACCOUNT, "properties": {"provisioningState": "Odd", "accessTier": "Cool"}, "id": "/x"}
    kept = conforming(STORAGE, VERSIONS[STORAGE], "it", given)
    assert kept["properties"] == {"accessTier": "Cool"}


def test_a_variant_is_chosen_by_its_discriminator() -> None:
    kind = "Microsoft.Web/sites/config"
    known = [
        name
        for name in as_object(
            member(json.loads(type_schemas()["microsoft.web"].read_text(encoding="utf-8")), "resources")
        )
        if name.startswith(f"{kind}@")
    ]
    version = known[0].partition("@")[2]
    settings: JsonObject = {"properties": {"A": "1"}}
    assert conforming(kind, version, "appsettings", settings) == settings
    [wrong] = objections(
        kind, version, "authsettingsV2", {"properties": {"globalValidation": {"requireAuthentication": "x"}}}
    )
    assert wrong["target"] == "properties.globalValidation.requireAuthentication"


def test_network_types_of_separate_providers_ignore_unknown_members() -> None:
    zone: JsonObject = {"location": "global", "properties": {"forecast": "rain"}}
    assert conforming("Microsoft.Network/privateDnsZones", "2024-06-01", "example.org", zone) == zone


def test_an_unpublished_type_or_version_is_not_checked() -> None:
    body: JsonObject = {"properties": {"x": 1}}
    assert conforming("Contoso.Cars/engines", "2026-01-01", "it", body) == body
    assert conforming(STORAGE, "2019-06-01", "it", body) == body


def _deploys(verb: str, wrong: dict[str, Json]) -> tuple[str, dict[str, Json]]:
    content = template(group(), nested("inner", inside(wrong)), parameters={"p": {"type": "securestring"}})
    body: Json = {
        "location": "westeurope",
        "properties": {"mode": "Incremental", "template": content, "parameters": {"p": {"value": "hush-hush-hush"}}},
    }
    where = f"{SCOPE}/providers/Microsoft.Resources/deployments/main{verb}?api-version=2025-04-01"
    return where, as_object(body)


@pytest.mark.parametrize("verb", ["", "/validate"])
def test_a_deployment_with_an_invalid_body_is_refused_before_it_starts(tmp_path: Path, verb: str) -> None:
    it = local(tmp_path)
    wrong = resource(STORAGE, "stwrong01", version="2025-06-01", properties={"accessTier": "Tepid"})

    async def story() -> None:
        where, body = _deploys(verb, wrong)
        refused = await it.ask("POST" if verb else "PUT", where, body)
        assert (refused.status, refused.code) == (400, "InvalidTemplateDeployment"), refused.text
        [detail] = as_list(member(refused.json, "error", "details"))
        assert (member(detail, "code"), member(detail, "target")) == ("InvalidParameter", "properties.accessTier")

    run(story())


def test_a_value_known_only_at_run_time_is_refused_then(tmp_path: Path) -> None:
    it = bench(tmp_path)
    first = resource(STORAGE, "stfirst01", properties={})
    late = resource(
        STORAGE,
        "stsecond1",
        after=["stfirst01"],
        version="2025-06-01",
        properties={
            "accessTier": "[if(contains(reference('stfirst01').primaryEndpoints.blob, 'https'), 'Tepid', 'Hot')]"
        },
    )

    async def story() -> None:
        it.deploy(template(group(), nested("inner", inside(first, late))))
        await it.clock.finish(it.engine)
        failed = it.deployment()
        assert failed.state == "Failed"
        assert '"target": "properties.accessTier"' in json.dumps(failed.error)

    run(story())


def test_the_minimal_resources_of_the_tests_are_valid() -> None:
    assert objections(STORAGE, VERSIONS[STORAGE], "it", least(STORAGE, {"location": "westeurope"})) == []
