"""Microsoft Graph, the price list, and long-running actions."""

from pathlib import Path
from typing import Final

from installer.emulator.ids import derived_guid
from installer.emulator.providers.durations import length_of_action
from installer.json_access import as_list, as_object, as_text, member
from installer.jsontypes import Json
from tests.emulator.asgi_client import API, Local, Reply, local
from tests.emulator.in_memory import GROUP, run
from tests.emulator.providers.test_services import registered

V: Final = "/v1.0"
CREDENTIAL: Final[dict[str, Json]] = {
    "name": "web",
    "issuer": "https://login.example/t/v2.0",
    "subject": "a-managed-identity",
    "audiences": ["api://AzureADTokenExchange"],
}


def test_an_application_is_created_once_under_its_name_and_survives_a_restart(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def story() -> str:
        named = f"{V}/applications(uniqueName='flowforge-dev')"
        prefer = {"prefer": "create-if-missing"}
        body: Json = {"displayName": "FlowForge dev", "web": {"redirectUris": ["https://x/.auth/login/aad/callback"]}}
        assert (await it.ask("PATCH", named, body)).status == 404
        made = await it.ask("PATCH", named, body, headers=prefer)
        assert made.status == 201
        assert (await it.ask("PATCH", named, {"displayName": "FlowForge Dev"}, headers=prefer)).status == 204
        [shown] = (await it.ask("GET", f"{V}/applications?$filter=displayName eq 'FlowForge Dev'")).value
        assert (shown["id"], shown["appId"]) == (made.json["id"], made.json["appId"])
        assert (await it.ask("GET", named)).json["displayName"] == "FlowForge Dev"
        assert (await it.ask("GET", f"{V}/applications(appId='{shown['appId']}')")).status == 200
        assert (await it.ask("POST", f"{V}/applications", {})).code == "Request_BadRequest"
        return as_text(shown["id"])

    own = run(story())
    it.database.close()
    again = local(tmp_path)
    assert run(again.ask("GET", f"{V}/applications/{own}")).json["displayName"] == "FlowForge Dev"


def test_credentials_principals_and_grants(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def story() -> None:
        application = (await it.ask("POST", f"{V}/applications", {"displayName": "web"})).json
        federated = f"{V}/applications/{as_text(application['id'])}/federatedIdentityCredentials"
        made = await it.ask("POST", federated, CREDENTIAL)
        assert made.status == 201
        assert (await it.ask("POST", federated, CREDENTIAL)).code == "Request_MultipleObjectsWithSameKeyValue"
        twin = await it.ask("POST", federated, {**CREDENTIAL, "name": "other"})
        assert twin.code == "Request_MultipleObjectsWithSameKeyValue"
        assert (await it.ask("POST", federated, {"name": "x"})).code == "Request_BadRequest"
        assert (await it.ask("PATCH", f"{federated}/web", {"subject": "another"})).status == 204
        assert (await it.ask("GET", f"{federated}/{as_text(made.json['id'])}")).json["subject"] == "another"
        for number in range(19):
            await it.ask("POST", federated, {**CREDENTIAL, "name": f"n{number}", "subject": f"s{number}"})
        assert (await it.ask("POST", federated, {**CREDENTIAL, "name": "n", "subject": "n"})).status == 400
        assert (await it.ask("DELETE", f"{federated}/web")).status == 204
        principal = await it.ask("POST", f"{V}/servicePrincipals", {"appId": application["appId"]})
        assert principal.status == 201
        assert (await it.ask("POST", f"{V}/servicePrincipals", {"appId": application["appId"]})).status == 409
        assert (await it.ask("POST", f"{V}/servicePrincipals", {"appId": "nobody"})).status == 400
        where = f"{V}/servicePrincipals/{as_text(principal.json['id'])}/appRoleAssignedTo"
        grant: Json = {"principalId": derived_guid("p", "p"), "resourceId": principal.json["id"], "appRoleId": "r"}
        assert (await it.ask("POST", where, grant)).status == 201
        assert (await it.ask("POST", where, grant)).status == 400
        assert len((await it.ask("GET", where)).value) == 1
        assert (await it.ask("DELETE", f"{V}/applications/{as_text(application['id'])}")).status == 204
        gone = await it.ask("GET", f"{V}/servicePrincipals/{as_text(principal.json['id'])}")
        assert gone.code == "Request_ResourceNotFound"

    run(story())


def test_lists_of_graph_are_paged(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def story() -> None:
        for number in range(7):
            await it.ask("POST", f"{V}/applications", {"displayName": f"app {number}"})
        names: list[str] = []
        url: str | None = f"{V}/applications?$top=3&$filter=startswith(displayName,'app')"
        while url:
            found = await it.ask("GET", url)
            assert as_text(found.json["@odata.context"]).endswith("#applications")
            names += [as_text(item["displayName"]) for item in found.value]
            url = as_text(found.json.get("@odata.nextLink")) or None
        assert sorted(names) == [f"app {number}" for number in range(7)]
        both = await it.ask("GET", f"{V}/applications?$filter=displayName eq 'app 1' or displayName eq 'app 2'")
        assert len(both.value) == 2
        assert (await it.ask("GET", f"{V}/organization")).value[0]["id"] == it.emulator.directory.tenant_id

    run(story())


def test_prices_are_marked_as_made_up(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def ask(url: str) -> list[Json]:
        found = await it.ask("GET", url, headers={"authorization": ""})
        assert found.status == 200
        return as_list(found.json["Items"])

    async def story() -> None:
        where = "serviceName eq 'Virtual Machines' and armRegionName eq 'westeurope' and priceType eq 'Consumption'"
        items = await ask(f"/api/retail/prices?currencyCode='EUR'&$filter={where}")
        assert len(items) > 20
        assert [item for item in items if "Rehearsal figure" not in as_text(member(item, "productId"))] == []
        assert {as_text(member(item, "currencyCode")) for item in items} == {"EUR"}
        assert items == await ask(f"/api/retail/prices?currencyCode='EUR'&$filter={where}")
        assert await ask("/api/retail/prices?$filter=serviceName eq 'virtual machines'") == []
        first = await it.ask("GET", "/api/retail/prices?$filter=serviceName eq 'Virtual Machines'")
        assert await ask(as_text(first.json["NextPageLink"]))

    run(story())


async def _put(it: Local, path: str, version: str, properties: Json, **more: Json) -> Reply:
    body: Json = {"location": "westeurope", "properties": properties, **more}
    made = await it.ask("PUT", f"{GROUP}/providers/{path}?api-version={version}", body)
    await it.done()
    return made


def test_a_command_runs_in_a_cluster_and_its_result_is_polled(tmp_path: Path) -> None:
    it = local(tmp_path)
    registered(it)
    path, version = "Microsoft.ContainerService/managedClusters/aks", "2026-03-01"

    async def story() -> None:
        await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope"})
        await _put(it, path, version, {"dnsPrefix": "aks", "disableLocalAccounts": True})
        where = f"{GROUP}/providers/{path}/runCommand?api-version={version}"
        refused = await it.ask("POST", where, {"command": "kubectl get pods"})
        assert (refused.code, member(refused.json, "error", "target")) == ("InvalidParameter", "clusterToken")
        assert (await it.ask("POST", where, {"clusterToken": "t"})).code == "InvalidParameter"
        begun = await it.ask("POST", where, {"command": "kubectl get pods", "clusterToken": "t"})
        assert (begun.status, begun.text) == (202, "")
        waiting = await it.ask("GET", begun.headers["location"])
        assert waiting.status == 202
        await it.clock.advance(length_of_action("runCommand"))
        done = await it.ask("GET", waiting.headers["location"])
        result = as_object(done.json["properties"])
        assert (result["provisioningState"], result["exitCode"]) == ("Succeeded", 1)
        assert "Unauthorized" in as_text(result["logs"])
        await _put(it, path, version, {"dnsPrefix": "aks", "apiServerAccessProfile": {"disableRunCommand": True}})
        assert (await it.ask("POST", where, {"command": "x"})).code == "RunCommandDisabled"

    run(story())


def test_a_job_is_started_polled_and_stopped(tmp_path: Path) -> None:
    it = local(tmp_path)
    registered(it)
    path, version = "Microsoft.App/jobs/bootstrap", "2025-07-01"

    async def story() -> None:
        await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope"})
        template: Json = {"containers": [{"name": "job", "image": "docker.io/x:1"}]}
        await _put(
            it, path, version, {"configuration": {"triggerType": "Manual", "replicaTimeout": 60}, "template": template}
        )
        job = f"{GROUP}/providers/{path}"
        first = await it.ask("POST", f"{job}/start?api-version={version}")
        assert as_text(first.json["name"]).startswith("bootstrap-")
        one = f"{as_text(first.json['id'])}?api-version={version}"
        assert member((await it.ask("GET", one)).json, "properties", "status") == "Running"
        await it.clock.advance(length_of_action("jobExecution"))
        assert member((await it.ask("GET", one)).json, "properties", "status") == "Succeeded"
        await it.ask("POST", f"{job}/start?api-version={version}", {"containers": [{"name": "job", "image": "other"}]})
        await it.ask("POST", f"{job}/stop?api-version={version}")
        listed = await it.ask("GET", f"{job}/executions?api-version={version}")
        assert sorted(as_text(member(item, "properties", "status")) for item in listed.value) == [
            "Stopped",
            "Succeeded",
        ]

    run(story())


def test_an_image_is_imported_once_unless_forced(tmp_path: Path) -> None:
    it = local(tmp_path)
    path, version = "Microsoft.ContainerRegistry/registries/crimport01", "2025-11-01"

    async def story() -> None:
        await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope"})
        await _put(it, path, version, {}, sku={"name": "Premium"})
        where = f"{GROUP}/providers/{path}/importImage?api-version={version}"
        body: dict[str, Json] = {
            "source": {"registryUri": "ghcr.io", "sourceImage": "ff/web:1"},
            "targetTags": ["ff/web:1"],
        }
        begun = await it.ask("POST", where, body)
        assert begun.status == 202
        assert (await it.ask("GET", begun.headers["location"])).status == 202
        await it.clock.advance(length_of_action("importImage"))
        assert (await it.ask("GET", begun.headers["location"])).status == 200
        assert (await it.ask("POST", where, body)).code == "Conflict"
        assert (await it.ask("POST", where, {**body, "mode": "Force"})).status == 202
        assert (await it.ask("POST", where, {})).code == "ImportImageMissingParameters"

    run(story())


def test_rows_are_accepted_once_the_role_on_the_rule_is_in_effect(tmp_path: Path) -> None:
    it = local(tmp_path)
    path, version = "Microsoft.Insights/dataCollectionRules/dcr", "2024-03-11"

    async def story() -> None:
        await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope"})
        await _put(it, path, version, {"dataFlows": [{"streams": ["Custom-Runs_CL"]}]}, kind="Direct")
        rule = f"{GROUP}/providers/{path}"
        number = as_text(it.properties(rule)["immutableId"])
        base = as_text(member(it.properties(rule), "endpoints", "logsIngestion"))
        where = f"{base}/dataCollectionRules/{number}/streams/Custom-Runs_CL?api-version=2023-01-01"

        async def send(url: str, body: Json) -> Reply:
            return await it.ask("POST", url, body, audience="https://monitor.azure.com")

        assert (await it.ask("POST", where, [])).status == 401, "a token for something else"
        assert (await send(where, [])).code == "OperationFailed"
        publisher = "3913510d-42f4-4e42-8a64-420c390055eb"
        granted: Json = {
            "properties": {
                "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{publisher}",
                "principalId": it.azure.identity.object_id,
            }
        }
        assignment = f"{rule}/providers/Microsoft.Authorization/roleAssignments/{derived_guid('a', 'b')}"
        made = await it.ask("PUT", f"{assignment}?api-version=2022-04-01", granted)
        assert made.status == 201, made.text
        assert (await send(where, [])).status == 403
        await it.clock.advance(length_of_action("roleTakesEffect"))
        assert (await send(where, [{"TimeGenerated": "2026-11-24T00:00:00Z"}])).status == 204
        assert (await send(where, {})).code == "InvalidPayload"
        assert (await send(where.replace("Custom-Runs_CL", "Other"), [])).code == "InvalidStream"
        assert (await send(where.replace(number, "dcr-none"), [])).status == 404

    run(story())
