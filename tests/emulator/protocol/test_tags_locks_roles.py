"""Tags, locks and roles over HTTP."""

import json
from typing import Any

import pytest

from installer.emulator.providers.versions import versions_of
from installer.resource_id import parse_id
from tests.emulator.sample_templates import account, inside, resource
from tests.emulator.server_process import API, Served, deployment

AUTHORIZATION = "providers/Microsoft.Authorization"
TAGS = "providers/Microsoft.Resources/tags/default"


def _group(azure: Served, name: str) -> str:
    scope = f"{azure.scope}/resourceGroups/{name}"
    _put(azure, scope, {"location": "westeurope"})
    return scope


def _version(path: str) -> str:
    """An api-version of the type in a path."""
    named = parse_id(path)
    return next(iter(versions_of(named.type)), API) if named else API


def _put(azure: Served, path: str, body: Any, method: str = "PUT") -> Any:
    answer = azure.raw(method, f"{path}?api-version={_version(path)}", body=json.dumps(body))
    assert answer.ok, answer.text
    return answer.json()


def _code(azure: Served, method: str, path: str, body: str | None = None) -> tuple[int, str]:
    answer = azure.raw(method, f"{path}?api-version={_version(path)}", body=body)
    return answer.status_code, answer.json()["error"]["code"]


def test_the_tags_resource_shows_the_tags_of_its_scope(azure: Served) -> None:
    scope = _group(azure, "rg-tags")
    _put(azure, f"{scope}/{TAGS}", {"properties": {"tags": {"a": "1", "b": "2"}}})
    _put(azure, f"{scope}/{TAGS}", {"operation": "Merge", "properties": {"tags": {"A": "3", "c": "4"}}}, "PATCH")
    _put(azure, f"{scope}/{TAGS}", {"operation": "Delete", "properties": {"tags": {"b": "2", "c": "5"}}}, "PATCH")
    assert azure.get(f"{scope}?api-version={API}")["tags"] == {"a": "3", "c": "4"}
    many = {"properties": {"tags": {f"t{number}": "x" for number in range(51)}}}
    assert _code(azure, "PUT", f"{scope}/{TAGS}", json.dumps(many)) == (400, "InvalidTags")
    group = json.dumps({"location": "westeurope", "tags": {f"n{i}": "x" for i in range(51)}})
    assert _code(azure, "PUT", f"{azure.scope}/resourceGroups/rg-tagged", group) == (400, "InvalidTags")
    assert _code(azure, "PUT", f"{azure.scope}/resourceGroups/rg-nowhere/{TAGS}", "{}")[0] == 404
    assert azure.raw("DELETE", f"{scope}/{TAGS}?api-version={API}").status_code == 200
    assert azure.get(f"{scope}/{TAGS}?api-version={API}")["properties"]["tags"] == {}
    _put(azure, f"{azure.scope}/{TAGS}", {"properties": {"tags": {"whole": "subscription"}}})
    assert azure.get(f"{azure.scope}/{TAGS}?api-version={API}")["properties"]["tags"] == {"whole": "subscription"}


def test_a_template_may_set_the_tags_of_its_group(azure: Served) -> None:
    scope = _group(azure, "rg-tagged")
    tags = resource("Microsoft.Resources/tags", "default", location=None, properties={"tags": {"by": "template"}})
    client = azure.deployments.deployments
    client.begin_create_or_update("rg-tagged", "main", deployment(inside(tags), None), polling_interval=0.05).result()
    assert azure.get(f"{scope}?api-version={API}")["tags"] == {"by": "template"}


def test_a_lock_in_a_group_prevents_deletion_and_one_above_prevents_changes(azure: Served) -> None:
    scope = _group(azure, "rg-locked")
    store = f"{scope}/providers/Microsoft.Storage/storageAccounts/stlocked01"
    _put(azure, store, account("stlocked01"))
    below = f"{store}/{AUTHORIZATION}/locks/below"
    _put(azure, below, {"properties": {"level": "CanNotDelete"}})
    assert _code(azure, "DELETE", scope) == (409, "ScopeLocked")
    assert _code(azure, "DELETE", store) == (409, "ScopeLocked")
    assert azure.raw("DELETE", f"{below}?api-version={_version(below)}").status_code == 200
    above = f"{scope}/{AUTHORIZATION}/locks/above"
    _put(azure, above, {"properties": {"level": "ReadOnly"}})
    assert _code(azure, "PUT", store, json.dumps(account("stlocked01"))) == (409, "ScopeLocked")
    assert [item["name"] for item in azure.get(f"{azure.scope}/{AUTHORIZATION}/locks?api-version={API}")["value"]]
    assert azure.raw("DELETE", f"{above}?api-version={_version(above)}").status_code == 200
    wrong = json.dumps({"properties": {"level": "Sometimes"}})
    assert _code(azure, "PUT", above, wrong) == (400, "InvalidLockLevel")


@pytest.mark.parametrize(("wanted", "found"), [("roleName eq 'Reader'", 1), ("roleName eq 'Nobody'", 0)])
def test_built_in_roles_are_found_by_name(azure: Served, wanted: str, found: int) -> None:
    where = f"{azure.scope}/{AUTHORIZATION}/roleDefinitions?api-version={API}&$filter={wanted}"
    assert len(azure.get(where)["value"]) == found


def test_role_assignments_are_listed_at_below_and_above_a_scope(azure: Served) -> None:
    scope, role = _group(azure, "rg-roles"), "acdd72a7-3385-48ef-bd42-f606fba81ae7"
    whole = f"{azure.scope}/{AUTHORIZATION}/roleDefinitions/{role}"
    assert azure.get(f"{whole}?api-version={API}")["properties"]["roleName"] == "Reader"
    given = {"roleDefinitionId": whole, "principalId": azure.info["object_id"]}
    names = {azure.scope: "11111111-0000-0000-0000-000000000001", scope: "11111111-0000-0000-0000-000000000002"}
    for place, name in names.items():
        made = _put(azure, f"{place}/{AUTHORIZATION}/roleAssignments/{name}", {"properties": given})
        assert made["properties"]["scope"] == place
        assert made["properties"]["condition"] is None
        assert "provisioningState" not in made["properties"]

    def listed(place: str, wanted: str = "") -> set[str]:
        where = f"{place}/{AUTHORIZATION}/roleAssignments?api-version={API}&$filter={wanted}"
        return {item["name"] for item in azure.get(where)["value"]}

    assert listed(azure.scope) == listed(scope) == set(names.values())
    assert listed(azure.scope, "atScope()") == {names[azure.scope]}
    assert listed(scope, "principalId eq '00000000-0000-0000-0000-000000000000'") == set()
    gone = azure.raw("DELETE", f"{scope}/{AUTHORIZATION}/roleAssignments/{names[scope]}?api-version=2022-04-01")
    assert gone.json()["name"] == names[scope]
    assert _code(azure, "GET", f"{azure.scope}/{AUTHORIZATION}/roleDefinitions/{role[:-1]}0")[0] == 404


def test_graph_returns_the_caller(azure: Served) -> None:
    client = azure.info["client_id"]
    [found] = azure.get(f"/v1.0/servicePrincipals?$filter=servicePrincipalNames/any(c:c eq '{client}')")["value"]
    assert found["id"] == azure.info["object_id"]
    asked = json.dumps({"ids": [found["id"]]})
    assert azure.raw("POST", "/v1.0/directoryObjects/getByIds", body=asked).json()["value"] == [found]
