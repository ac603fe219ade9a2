"""What clients rely on without saying so: headers, spellings, long-running operations, sign-in."""

import json
import re

import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential

from tests.emulator.sample_templates import group, template
from tests.emulator.server_process import API, Served

DEPLOYMENTS = "providers/Microsoft.Resources/deployments"


def test_every_answer_carries_arms_headers(azure: Served) -> None:
    answer = azure.raw("GET", f"/subscriptions?api-version={API}", headers={"x-ms-correlation-request-id": "abc-1"})
    assert answer.headers["x-ms-correlation-request-id"] == "abc-1"
    assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["x-ms-request-id"])
    assert re.fullmatch(r"\w+:\d{8}T\d{6}Z:[0-9a-f-]{36}", answer.headers["x-ms-routing-request-id"])
    assert answer.headers["x-ms-ratelimit-remaining-subscription-reads"].isdecimal()
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"


def test_a_trace_id_becomes_the_correlation_id(azure: Served) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    answer = azure.raw("GET", f"/subscriptions?api-version={API}", headers={"traceparent": trace})
    assert answer.headers["x-ms-correlation-request-id"] == "4bf92f3577b34da6a3ce929d0e0e4736"


def test_without_a_token_nothing_is_told(azure: Served) -> None:
    answer = azure.raw("GET", f"/subscriptions?api-version={API}", headers={"Authorization": ""})
    assert answer.status_code == 401
    assert f"{azure.info['authority']}/{azure.info['tenant']}" in answer.headers["WWW-Authenticate"]
    forged = azure.raw("GET", "/rehearsal/requests", token=azure.token()[:-2] + "xx")
    assert forged.status_code == 401
    assert forged.json()["error"]["code"] == "InvalidAuthenticationToken"


def test_a_wrong_secret_and_a_wrong_tenant_are_refused(azure: Served) -> None:
    for tenant, secret in ((azure.info["tenant"], "wrong"), ("00000000-0000-0000-0000-000000000001", "wrong")):
        credential = ClientSecretCredential(
            tenant,
            azure.info["client_id"],
            secret,
            authority=azure.info["authority"],
            disable_instance_discovery=True,
            connection_verify=azure.info["ca_file"],
        )
        with pytest.raises((ClientAuthenticationError, ValueError)):
            credential.get_token(f"{azure.info['endpoint']}/.default")


def test_the_token_endpoint_takes_the_double_slash_of_one_client(azure: Served) -> None:
    form = (
        "grant_type=client_credentials&client_info=2"
        f"&client_id={azure.info['client_id']}&client_secret={azure.info['client_secret']}"
        f"&scope={azure.info['endpoint']}//.default"
    )
    answer = azure.raw(
        "POST",
        f"/{azure.info['tenant']}/oauth2/v2.0/token",
        body=form,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.json()["token_type"] == "Bearer"
    assert azure.raw("GET", f"/subscriptions?api-version={API}", token=answer.json()["access_token"]).ok


def test_the_cloud_describes_itself(azure: Served) -> None:
    old = azure.raw("GET", "/metadata/endpoints?api-version=2015-01-01", headers={"Authorization": ""}).json()
    assert old["authentication"]["loginEndpoint"] == azure.info["authority"]
    [listed] = azure.raw("GET", "/metadata/endpoints?api-version=2020-06-01").json()
    alone = azure.raw("GET", "/metadata/endpoints?api-version=2022-09-01").json()
    assert listed == alone
    assert alone["resourceManager"].startswith(azure.info["endpoint"])


@pytest.mark.parametrize(
    "path",
    [
        "/SUBSCRIPTIONS/{s}/PROVIDERS/microsoft.resources/Deployments/",
        "//subscriptions/{s}//providers/Microsoft.Resources/deployments",
        "/subscriptions/{s}/providers/Microsoft.Resources/deployments",
    ],
)
def test_paths_are_matched_as_leniently_as_arm_does(azure: Served, path: str) -> None:
    assert "value" in azure.get(f"{path.format(s=azure.subscription)}?api-version={API}")


def test_an_api_version_is_needed_and_any_is_taken(azure: Served) -> None:
    answer = azure.raw("GET", "/subscriptions")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "MissingApiVersionParameter")
    for version in ("2016-06-01", "2022-12-01", "2026-06-01"):
        assert azure.raw("GET", f"/subscriptions?api-version={version}").ok


@pytest.mark.parametrize("version", ["1", "2025-13", "2099-01-01", "1999-01-01", "latest"])
def test_what_cannot_be_a_version_is_refused(azure: Served, version: str) -> None:
    answer = azure.raw("GET", f"/subscriptions?api-version={version}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidApiVersionParameter")
    assert "2022-09-01" in answer.json()["error"]["message"]


def test_a_type_has_its_versions_and_no_others(azure: Served) -> None:
    account = f"{azure.scope}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/st"
    answer = azure.raw("GET", f"{account}?api-version=2025-04-01").json()["error"]
    assert answer["code"] == "NoRegisteredProviderFound"
    assert "for type 'storageAccounts'. The supported api-versions are '2026-09-01, " in answer["message"]
    lock = f"{azure.scope}/providers/Microsoft.Authorization/locks/keep"
    assert azure.raw("GET", f"{lock}?api-version=2025-04-01").json()["error"]["code"] == "InvalidApiVersionParameter"
    assert azure.raw("GET", f"{account}?api-version=2025-06-01").json()["error"]["code"] == "ResourceNotFound"


def test_a_body_that_is_not_quite_json_is_understood(azure: Served) -> None:
    text = json.dumps(template(group("rg-lenient")), indent=1).replace(
        '"resources"', "// hand-written\r\n /* twice */ 'resources'"
    )
    body = f'{{"location": "West Europe", "properties": {{"parameters": {{}}, "mode": "Incremental", template:{text}\r\n}},}}'
    answer = azure.raw("PUT", f"{azure.scope}/{DEPLOYMENTS}/lenient?api-version=2025-04-01", body=body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["location"] == "westeurope"


def test_a_put_is_201_first_then_200_and_hands_out_a_long_status_url(azure: Served) -> None:
    path = f"{azure.scope.replace('subscriptions', 'Subscriptions')}/{DEPLOYMENTS}/again"
    body = json.dumps({"location": "westeurope", "properties": {"mode": "Incremental", "template": template()}})
    first = azure.raw("PUT", f"{path}?api-version=2021-04-01", body=body)
    assert first.status_code == 201
    assert first.json()["properties"]["provisioningState"] == "Accepted"
    status = first.headers["Azure-AsyncOperation"]
    assert "api-version=2021-04-01" in status
    assert "/Subscriptions/" in status
    assert 2500 < len(status) < 8000
    while (state := azure.raw("GET", f"{status}&api-version=2099-01-01").json()["status"]) == "Running":
        pass
    assert state in {"Accepted", "Succeeded"}
    while azure.get(f"{path}?api-version={API}")["properties"]["provisioningState"] != "Succeeded":
        pass
    assert azure.raw("PUT", f"{path}?api-version=2025-04-01", body=body).status_code == 200


def test_what_if_is_polled_under_a_new_url_each_time(azure: Served) -> None:
    body = json.dumps({"properties": {"mode": "Incremental", "template": template(group("rg-maybe"))}})
    answer = azure.raw("POST", f"{azure.scope}/{DEPLOYMENTS}/maybe/whatIf?api-version={API}", body=body)
    assert (answer.status_code, answer.text) == (202, "")
    assert int(answer.headers["Retry-After"]) >= 1
    seen = []
    while answer.status_code == 202:
        seen.append(answer.headers["Location"])
        answer = azure.raw("GET", seen[-1])
    assert len(set(seen)) == len(seen)
    result = answer.json()
    assert result["status"] == "Succeeded"
    assert [change["changeType"] for change in result["properties"]["changes"]] == ["Create"]
    ids = azure.raw(
        "POST",
        f"{azure.scope}/{DEPLOYMENTS}/maybe/whatIf?api-version={API}",
        body=body.replace('"mode"', '"whatIfSettings": {"resultFormat": "ResourceIdOnly"}, "mode"'),
    )
    while ids.status_code == 202:
        ids = azure.raw("GET", ids.headers["Location"])
    assert list(ids.json()["properties"]["changes"][0]) == ["resourceId", "changeType"]


def test_a_method_that_is_not_there_and_a_path_that_is_not_there(azure: Served) -> None:
    assert azure.raw("PATCH", f"/subscriptions?api-version={API}").status_code == 405
    assert azure.raw("GET", f"/nowhere?api-version={API}").status_code == 404


def test_the_copy_that_one_client_needs_is_given_to_it_only(azure: Served) -> None:
    body = json.dumps(
        {"location": "westeurope", "properties": {"mode": "Incremental", "template": template(group("rg-copied"))}}
    )
    azure.raw("PUT", f"{azure.scope}/{DEPLOYMENTS}/copied?api-version={API}", body=body)
    where = f"{azure.scope}/{DEPLOYMENTS}/copied/operations?api-version={API}"
    plain = azure.get(where)["value"]
    copied = azure.raw("GET", where, headers={"User-Agent": "bicep/0.49.2"}).json()["value"]
    assert all("request" not in item["properties"] for item in plain)
    assert all(item["properties"]["request"]["content"]["operationId"] == item["operationId"] for item in copied)


def test_a_deletion_can_be_followed_both_ways(azure: Served) -> None:
    azure.raw("PUT", f"{azure.scope}/resourcegroups/rg-two?api-version={API}", body='{"location": "westeurope"}')
    kind = "Microsoft.Network/virtualNetworks"
    where = f"{azure.scope}/resourceGroups/rg-two/providers/{kind}/vnet-two?api-version=2024-05-01"
    network = {"location": "westeurope", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/24"]}}}
    azure.raw("PUT", where, body=json.dumps(network))
    answer = azure.raw("DELETE", where)
    assert answer.status_code == 202
    while azure.raw("GET", answer.headers["Azure-AsyncOperation"]).json()["status"] != "Succeeded":
        pass
    assert azure.raw("GET", answer.headers["Location"]).status_code == 200
    assert azure.raw("DELETE", where).status_code == 204
