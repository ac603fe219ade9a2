"""Details of the protocol that clients rely on: headers, spellings, long-running operations, sign-in."""

import base64
import json
import re
from pathlib import Path

import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential

from installer.conventions.clouds import CLOUDS, Cloud
from tests.emulator.sample_templates import group, template
from tests.emulator.server_process import API, Served, serving
from tests.processes import until

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


def test_a_request_without_a_valid_token_is_refused(azure: Served) -> None:
    answer = azure.raw("GET", f"/subscriptions?api-version={API}", headers={"Authorization": ""})
    assert answer.status_code == 401
    assert f"{azure.info['authority']}/{azure.info['tenant']}" in answer.headers["WWW-Authenticate"]
    forged = azure.raw("GET", "/rehearsal/requests", token=azure.token()[:-2] + "xx")
    assert forged.status_code == 401
    assert forged.json()["error"]["code"] == "InvalidAuthenticationToken"


def _credential(server: Served, tenant: str, secret: str) -> ClientSecretCredential:
    return ClientSecretCredential(
        tenant,
        server.info["client_id"],
        secret,
        authority=server.info["authority"],
        disable_instance_discovery=True,
        connection_verify=server.info["ca_file"],
    )


@pytest.mark.parametrize("cloud", ["public", "usgov", "china"])
def test_the_service_principal_signs_in_to_every_cloud(tmp_path: Path, cloud: Cloud) -> None:
    with serving(tmp_path, "--cloud", cloud) as server:
        url = "/metadata/endpoints?api-version=2022-09-01"
        metadata = server.raw("GET", url, headers={"Authorization": ""}).json()
        assert metadata["authentication"]["loginEndpoint"] == server.info["authority"]
        assert metadata["suffixes"]["storage"] == CLOUDS[cloud].storage
        token = server.token()
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        assert claims["aud"] == server.info["endpoint"]
        assert claims["iss"] == f"{server.info['authority']}/{server.info['tenant']}/"
        assert claims["oid"] == server.info["object_id"]
        assert server.raw("GET", f"/subscriptions?api-version={API}", token=token).status_code == 200
        assert server.raw("GET", f"/subscriptions?api-version={API}", token=token[:-2] + "xx").status_code == 401
        scope = f"{server.info['endpoint']}/.default"
        with pytest.raises(ClientAuthenticationError, match="AADSTS7000215: Invalid client secret provided"):
            _credential(server, server.info["tenant"], "wrong").get_token(scope)
        with pytest.raises(ClientAuthenticationError, match="Unable to get authority configuration"):
            _credential(server, "00000000-0000-0000-0000-000000000001", server.info["client_secret"]).get_token(scope)


def test_the_token_endpoint_accepts_a_scope_with_a_double_slash(azure: Served) -> None:
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


def test_an_api_version_is_required_and_any_served_one_is_accepted(azure: Served) -> None:
    answer = azure.raw("GET", "/subscriptions")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "MissingApiVersionParameter")
    for version in ("2016-06-01", "2022-12-01", "2026-06-01"):
        assert azure.raw("GET", f"/subscriptions?api-version={version}").ok


@pytest.mark.parametrize("version", ["1", "2025-13", "2099-01-01", "1999-01-01", "latest"])
def test_an_invalid_api_version_is_refused(azure: Served, version: str) -> None:
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


def test_a_body_in_lenient_json_is_accepted(azure: Served) -> None:
    text = json.dumps(template(group("rg-lenient")), indent=1).replace(
        '"resources"', "// hand-written\r\n /* twice */ 'resources'"
    )
    body = f'{{"location": "West Europe", "properties": {{"parameters": {{}}, "mode": "Incremental", template:{text}\r\n}},}}'
    answer = azure.raw("PUT", f"{azure.scope}/{DEPLOYMENTS}/lenient?api-version=2025-04-01", body=body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["location"] == "westeurope"


def test_a_put_returns_201_first_then_200_and_a_long_status_url(azure: Served) -> None:
    path = f"{azure.scope.replace('subscriptions', 'Subscriptions')}/{DEPLOYMENTS}/again"
    body = json.dumps({"location": "westeurope", "properties": {"mode": "Incremental", "template": template()}})
    first = azure.raw("PUT", f"{path}?api-version=2021-04-01", body=body)
    assert first.status_code == 201
    assert first.json()["properties"]["provisioningState"] == "Accepted"
    status = first.headers["Azure-AsyncOperation"]
    assert "api-version=2021-04-01" in status
    assert "/Subscriptions/" in status
    assert 2500 < len(status) < 8000
    polled = f"{status}&api-version=2099-01-01"
    until(lambda: bool(azure.get(polled)["status"] == "Succeeded"), "the status URL reports success")
    assert azure.get(f"{path}?api-version={API}")["properties"]["provisioningState"] == "Succeeded"
    assert azure.raw("PUT", f"{path}?api-version=2025-04-01", body=body).status_code == 200


def test_what_if_is_polled_under_a_new_url_each_time(azure: Served) -> None:
    body = json.dumps({"properties": {"mode": "Incremental", "template": template(group("rg-maybe"))}})
    answer = azure.raw("POST", f"{azure.scope}/{DEPLOYMENTS}/maybe/whatIf?api-version={API}", body=body)
    assert (answer.status_code, answer.text) == (202, "")
    assert int(answer.headers["Retry-After"]) >= 1
    seen = []

    def finished() -> bool:
        nonlocal answer
        seen.append(answer.headers["Location"])
        answer = azure.raw("GET", seen[-1])
        return answer.status_code != 202

    until(finished, "the what-if has a result")
    assert len(set(seen)) == len(seen)
    result = answer.json()
    assert result["status"] == "Succeeded"
    assert [change["changeType"] for change in result["properties"]["changes"]] == ["Create"]
    ids = azure.raw(
        "POST",
        f"{azure.scope}/{DEPLOYMENTS}/maybe/whatIf?api-version={API}",
        body=body.replace('"mode"', '"whatIfSettings": {"resultFormat": "ResourceIdOnly"}, "mode"'),
    )

    def second_finished() -> bool:
        nonlocal ids
        ids = azure.raw("GET", ids.headers["Location"])
        return ids.status_code != 202

    until(second_finished, "the second what-if has a result")
    assert list(ids.json()["properties"]["changes"][0]) == ["resourceId", "changeType"]


def test_an_unsupported_method_and_an_unknown_path_are_refused(azure: Served) -> None:
    assert azure.raw("PATCH", f"/subscriptions?api-version={API}").status_code == 405
    assert azure.raw("GET", f"/nowhere?api-version={API}").status_code == 404


def test_only_the_bicep_cli_gets_the_copy_of_the_operation_that_it_needs(azure: Served) -> None:
    body = json.dumps(
        {"location": "westeurope", "properties": {"mode": "Incremental", "template": template(group("rg-copied"))}}
    )
    azure.raw("PUT", f"{azure.scope}/{DEPLOYMENTS}/copied?api-version={API}", body=body)
    where = f"{azure.scope}/{DEPLOYMENTS}/copied/operations?api-version={API}"
    deployment = f"{azure.scope}/{DEPLOYMENTS}/copied?api-version={API}"
    until(lambda: bool(azure.get(deployment)["properties"]["provisioningState"] == "Succeeded"), "the deployment ends")
    plain = azure.get(where)["value"]
    copied = azure.raw("GET", where, headers={"User-Agent": "bicep/0.49.2"}).json()["value"]
    ids = [item["operationId"] for item in plain]
    assert len(ids) >= 1
    assert [item["operationId"] for item in plain if "request" in item["properties"]] == []
    assert [item["properties"]["request"]["content"]["operationId"] for item in copied] == ids


def test_a_deletion_can_be_polled_at_both_status_urls(azure: Served) -> None:
    azure.raw("PUT", f"{azure.scope}/resourcegroups/rg-two?api-version={API}", body='{"location": "westeurope"}')
    kind = "Microsoft.Network/virtualNetworks"
    where = f"{azure.scope}/resourceGroups/rg-two/providers/{kind}/vnet-two?api-version=2024-05-01"
    network = {"location": "westeurope", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/24"]}}}
    azure.raw("PUT", where, body=json.dumps(network))
    answer = azure.raw("DELETE", where)
    assert answer.status_code == 202
    status = answer.headers["Azure-AsyncOperation"]
    until(lambda: bool(azure.get(status)["status"] == "Succeeded"), "the deletion ends")
    assert azure.raw("GET", answer.headers["Location"]).status_code == 200
    assert azure.raw("DELETE", where).status_code == 204
