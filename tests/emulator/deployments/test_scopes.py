"""Deployments at every scope, empty pages, ETags, secure outputs, and @onlyIfNotExists."""

from pathlib import Path
from typing import Final

import pytest

from installer.json_access import as_object, as_text, member
from installer.jsontypes import Json
from tests.emulator.asgi_client import API, Local, Reply, local
from tests.emulator.in_memory import GROUP, SCOPE, SUBSCRIPTION, run
from tests.emulator.sample_templates import account, group, identity, inside, nested, resource, template

IDENTITY: Final = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-a"
DEPLOYMENTS: Final = "providers/Microsoft.Resources/deployments"


async def _put(it: Local, scope: str, made: Json, name: str = "main") -> Reply:
    body: Json = {"location": "westeurope", "properties": {"mode": "Incremental", "template": made}}
    found = await it.ask("PUT", f"{scope}/{DEPLOYMENTS}/{name}?api-version={API}", body)
    assert found.status in {200, 201}, found.text
    await it.done()
    return await it.ask("GET", f"{scope}/{DEPLOYMENTS}/{name}?api-version={API}")


@pytest.mark.parametrize("level", ["tenant", "managementGroup"])
def test_a_tenant_level_deployment_deploys_into_subscriptions(tmp_path: Path, level: str) -> None:
    it = local(tmp_path)
    root = f"/providers/Microsoft.Management/managementGroups/{it.emulator.directory.tenant_id}"
    scope = "" if level == "tenant" else root
    schema = f"2019-08-01/{level}DeploymentTemplate"

    async def story() -> None:
        rule: Json = {"if": {"field": "type", "equals": "A/b"}, "then": {"effect": "audit"}}
        definition = resource(
            "Microsoft.Authorization/policyDefinitions", "pd", location=None, properties={"policyRule": rule}
        )
        into = resource(
            "Microsoft.Resources/deployments",
            "below",
            version=API,
            subscriptionId=SUBSCRIPTION,
            properties={
                "mode": "Incremental",
                "expressionEvaluationOptions": {"scope": "inner"},
                "template": template(group("rg-below")),
            },
        )
        made = await _put(it, scope, template(definition, into, at=schema))
        assert member(made.json, "properties", "provisioningState") == "Succeeded", made.text
        assert made.json["id"] == f"{scope}/{DEPLOYMENTS}/main"
        assert made.json["location"] == "westeurope"
        assert it.emulator.resources.get(f"{SCOPE}/resourceGroups/rg-below") is not None
        assert it.emulator.resources.get(f"{scope}/providers/Microsoft.Authorization/policyDefinitions/pd") is not None
        listed = await it.ask("GET", f"{scope}/{DEPLOYMENTS}/?api-version={API}")
        assert [item["name"] for item in listed.value] == ["main"]
        operations = await it.ask("GET", f"{scope}/{DEPLOYMENTS}/main/operations?api-version={API}")
        assert len(operations.value) == 2

    run(story())


def test_a_missing_management_group(tmp_path: Path) -> None:
    it = local(tmp_path)
    where = f"/providers/Microsoft.Management/managementGroups/nobody/{DEPLOYMENTS}?api-version={API}"
    assert run(it.ask("GET", where)).code == "ManagementGroupNotFound"


def test_a_filtered_list_may_have_empty_pages_with_a_next_link(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def story() -> None:
        for number in range(60):
            await _put(it, SCOPE, template(), name=f"d{number:02d}")
        body: Json = {"location": "westeurope", "properties": {"mode": "Incremental", "template": template(group())}}
        await it.ask("PUT", f"{SCOPE}/{DEPLOYMENTS}/running?api-version={API}", body)
        url = f"{SCOPE}/{DEPLOYMENTS}/?api-version={API}&$filter=provisioningState eq 'Succeeded'"
        none = url.replace("Succeeded", "Canceled")
        sizes, names = [], set()
        for wanted in (none, url):
            following: str | None = wanted
            while following:
                found = await it.ask("GET", following)
                sizes.append(len(found.value))
                names |= {as_text(item["name"]) for item in found.value}
                following = as_text(found.json.get("nextLink")) or None
        assert sizes[:2] == [0, 0]
        assert names == {f"d{number:02d}" for number in range(60)}
        await it.done()

    run(story())


def test_a_write_can_require_an_etag(tmp_path: Path) -> None:
    it = local(tmp_path)
    where = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/stone?api-version=2025-06-01"
    body: Json = {"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {}}

    async def put(**headers: str) -> Reply:
        found = await it.ask(
            "PUT", where, body, headers={key.replace("_", "-"): value for key, value in headers.items()}
        )
        await it.done()
        return found

    async def story() -> None:
        await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope"})
        assert (await put(if_match="*")).code == "PreconditionFailed"
        assert (await put(if_none_match="*")).status == 202
        assert (await put(if_none_match="*")).status == 412
        seen = (await it.ask("GET", where)).headers["etag"]
        assert (await it.ask("GET", where, headers={"if-none-match": seen})).status == 304
        assert (await put(if_match=seen)).status == 200
        assert (await put(if_match=seen)).status == 412
        assert (await it.ask("DELETE", where, headers={"if-match": seen})).status == 412
        assert (await put(if_match="*")).status == 200

    run(story())


def test_only_if_not_exists_leaves_an_existing_resource_unchanged(tmp_path: Path) -> None:
    it = local(tmp_path)

    def tagged(value: str) -> Json:
        made: dict[str, Json] = {**identity("id-a"), "tags": {"run": value}, "@options": {"onlyIfNotExists": []}}
        symbolic: Json = {**inside(), "languageVersion": "2.0", "resources": {"id": made}}
        return symbolic

    async def story() -> None:
        await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope"})
        for value in ("first", "second"):
            made = await _put(it, GROUP, tagged(value))
            assert member(made.json, "properties", "provisioningState") == "Succeeded", made.text
        kept = it.emulator.resources.get(IDENTITY)
        assert kept is not None
        assert kept.desired["tags"] == {"run": "first"}
        body: Json = {"properties": {"mode": "Incremental", "template": tagged("third")}}
        asked = await it.ask("POST", f"{GROUP}/{DEPLOYMENTS}/main/whatIf?api-version={API}", body)
        await it.clock.advance(60)
        result = await it.ask("GET", asked.headers["location"])
        changes = member(result.json, "properties", "changes")
        assert isinstance(changes, list)
        assert {as_text(member(item, "changeType")) for item in changes} <= {"Ignore", "NoChange"}

    run(story())


def test_secure_outputs_of_a_module_reach_only_their_consumers(tmp_path: Path) -> None:
    it = local(tmp_path)
    secret = "canary-4711"
    outputs: dict[str, Json] = {
        "conn": {"type": "securestring", "value": f"[concat('{secret[:7]}', '{secret[7:]}')]"},
        "plain": {"type": "string", "value": "seen"},
    }
    inner = nested("inner", inside(account("stone"), outputs=outputs), into="rg-a", after=[])
    where = f"{GROUP}/{DEPLOYMENTS}/inner"

    async def story() -> None:
        await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope"})
        taken = inside(
            parameters={"conn": {"type": "securestring"}},
            outputs={"n": {"type": "int", "value": "[length(parameters('conn'))]"}},
        )
        second = nested(
            "second",
            taken,
            parameters={"conn": f"[listOutputsWithSecureValues('{where}', '{API}').conn]"},
            after=[where],
        )
        made = await _put(it, SCOPE, template(inner, second))
        assert member(made.json, "properties", "provisioningState") == "Succeeded", made.text
        shown = await it.ask("GET", f"{where}?api-version={API}")
        assert as_object(member(shown.json, "properties", "outputs", "conn")) == {"type": "SecureString"}
        outputs = await it.ask("POST", f"{where}/listOutputsWithSecureValues?api-version={API}")
        assert outputs.json == {"conn": secret, "plain": "seen"}
        used = it.deployment("second", GROUP)
        assert member((used.outputs or {})["n"], "value") == len(secret)

    run(story())
    it.database.close()
    for file in tmp_path.iterdir():
        assert secret.encode() not in file.read_bytes()
    again = local(tmp_path)
    assert run(again.ask("POST", f"{where}/listOutputsWithSecureValues?api-version={API}")).status == 409
