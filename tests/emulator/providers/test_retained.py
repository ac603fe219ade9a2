"""Parts of a resource that a request without them leaves as they are."""

from pathlib import Path

from installer.json_access import as_object, member
from installer.jsontypes import Json
from tests.emulator.asgi_client import Local, local
from tests.emulator.in_memory import GROUP, SUBSCRIPTION, run

CLUSTER = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/aks?api-version=2026-03-01"
SITE = f"{GROUP}/providers/Microsoft.Web/sites/app-one"
WEB = "api-version=2025-03-01"


def _cluster(**add_ons: bool) -> dict[str, Json]:
    profiles: Json = {name: {"enabled": enabled} for name, enabled in add_ons.items()}
    return {"location": "westeurope", "properties": {"dnsPrefix": "aks", "addonProfiles": profiles}}


async def _ready(it: Local) -> None:
    for namespace in ("Microsoft.ContainerService", "Microsoft.Web"):
        it.emulator.registrations.set(SUBSCRIPTION, namespace, "Registered", 0)
    assert (await it.ask("PUT", f"{GROUP}?api-version=2025-04-01", {"location": "westeurope"})).status < 300


def test_a_cluster_keeps_add_ons_that_a_request_does_not_name(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def story() -> Json:
        await _ready(it)
        for body in (_cluster(omsagent=True), _cluster(azurepolicy=True), _cluster(omsagent=False)):
            assert (await it.ask("PUT", CLUSTER, body)).status < 300
            await it.done()
        found = as_object(member((await it.ask("GET", CLUSTER)).json, "properties", "addonProfiles"))
        return {name: member(profile, "enabled") for name, profile in found.items()}

    assert run(story()) == {"omsagent": False, "azurepolicy": True}


def test_app_settings_from_secure_parameters_keep_their_names_and_are_listed_without_other_members(
    tmp_path: Path,
) -> None:
    it = local(tmp_path)
    template: dict[str, Json] = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"kept": {"type": "secureObject"}},
        "resources": [
            {
                "type": "Microsoft.Web/sites/config",
                "apiVersion": "2025-03-01",
                "name": "app-one/appsettings",
                "properties": "[union(parameters('kept'), createObject('OWN', 'value'))]",
            }
        ],
    }

    async def story() -> Json:
        await _ready(it)
        assert (await it.ask("PUT", f"{SITE}?{WEB}", {"location": "westeurope", "properties": {}})).status < 300
        await it.done()
        it.deploy(template, {"kept": {"TEAM_FLAG": "a-secret"}}, name="one", scope=GROUP, location=None)
        await it.done()
        assert it.deployment("one", GROUP).state == "Succeeded"
        return (await it.ask("POST", f"{SITE}/config/appsettings/list?{WEB}")).json["properties"]

    assert run(story()) == {"TEAM_FLAG": "(secure)", "OWN": "value"}
