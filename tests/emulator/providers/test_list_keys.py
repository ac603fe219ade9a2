"""Generic list* functions: their members, and the same values at every call."""

from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl

import pytest

from installer.emulator.providers.data_files import load
from installer.json_access import as_list, as_object, as_text, member
from installer.jsontypes import Json
from tests.emulator.asgi_client import API, local
from tests.emulator.deployments.live_outputs import deployed, outputs
from tests.emulator.in_memory import GROUP, SCOPE, run
from tests.emulator.sample_templates import group, inside, nested, resource, template

BUS: Final = "Microsoft.ServiceBus/namespaces"
SITE: Final = "Microsoft.Web/sites"
RULE: Final = f"{BUS}/authorizationRules"


def test_a_template_reads_keys_of_resources_that_it_creates(tmp_path: Path) -> None:
    it = local(tmp_path)
    rule = f"resourceId('{RULE}', 'sb-one', 'RootManageSharedAccessKey')"
    made = inside(resource(BUS, "sb-one", version="2024-01-01", properties={}, sku={"name": "Standard"}))
    made["outputs"] = {
        "shared": {"type": "string", "value": f"[listKeys({rule}, '2024-01-01').primaryConnectionString]"},
        "again": {"type": "string", "value": f"[listKeys({rule}, '2024-01-01').primaryConnectionString]"},
    }

    async def story() -> None:
        await it.ask("POST", f"{SCOPE}/providers/Microsoft.ServiceBus/register?api-version={API}")
        await it.clock.advance(600)
        body: Json = {
            "location": "westeurope",
            "properties": {"mode": "Incremental", "template": template(group(), nested("in", made))},
        }
        where = f"{SCOPE}/providers/Microsoft.Resources/deployments/keys?api-version={API}"
        assert (await it.ask("PUT", where, body)).status == 201
        await it.done()
        inner = f"{GROUP}/providers/Microsoft.Resources/deployments/in?api-version={API}"
        found = (await it.ask("GET", inner)).json
        outputs = as_object(member(found, "properties", "outputs"))
        shared = as_text(member(outputs, "shared", "value"))
        assert shared.startswith("Endpoint=sb://sb-one.servicebus.windows.net/;SharedAccessKeyName=RootManage")
        assert shared == member(outputs, "again", "value")

    run(story())


def test_an_unknown_list_function_is_refused(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope"})
        registry = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/crone"
        sku: Json = {"location": "westeurope", "sku": {"name": "Premium"}}
        await it.ask("PUT", f"{registry}?api-version=2025-04-01", sku)
        await it.done()
        found = await it.ask("POST", f"{registry}/listCredentials?api-version=2025-04-01")
        assert found.json["username"] == "crone"
        missed = await it.ask("POST", f"{registry}/listKeys?api-version=2025-04-01")
        assert missed.code == "InvalidResourceType"

    run(story())


def test_the_settings_of_a_site_are_listed_even_if_never_created(tmp_path: Path) -> None:
    it = local(tmp_path)
    site = f"{GROUP}/providers/Microsoft.Web/sites/app-one"
    version = "api-version=2024-04-01"

    async def story() -> None:
        await it.ask("POST", f"{SCOPE}/providers/Microsoft.Web/register?api-version={API}")
        await it.clock.advance(600)
        await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope"})
        await it.ask("PUT", f"{site}?{version}", {"location": "westeurope", "properties": {}})
        await it.done()
        assert (await it.ask("POST", f"{site}/config/metadata/list?{version}")).json["properties"] == {}
        await it.ask("PUT", f"{site}/config/connectionstrings?{version}", {"properties": {"a": {"value": "b"}}})
        await it.done()
        listed = await it.ask("POST", f"{site}/config/connectionstrings/list?{version}")
        assert "a" in as_object(listed.json["properties"])
        assert "provisioningState" not in as_object(listed.json["properties"])

    run(story())


@pytest.mark.parametrize("slot", [(), (f"{SITE}/slots", "web/blue")], ids=["site", "slot"])
def test_settings_that_a_site_is_written_with_are_listed(tmp_path: Path, slot: tuple[str, str] | tuple[()]) -> None:
    strings: Json = [{"name": "db", "connectionString": "c", "type": "SQLAzure"}]
    config: dict[str, Json] = {
        "siteConfig": {"appSettings": [{"name": "A", "value": "1"}], "connectionStrings": strings}
    }
    made = [resource(SITE, "web", version="2024-04-01", properties=config)]
    made += (
        [resource(slot[0], slot[1], version="2024-04-01", properties=config, after=[f"[resourceId('{SITE}', 'web')]"])]
        if slot
        else []
    )
    where = "resourceId('{}/config', {}, '{{}}')".format(*(slot[0], "'web', 'blue'") if slot else (SITE, "'web'"))
    values = {
        kind: f"list({where.format(kind)}, '2024-04-01').properties" for kind in ("appsettings", "connectionstrings")
    }
    found = outputs(deployed(tmp_path, *made, values=values, namespaces=["Microsoft.Web"]))
    assert found == {"appsettings": {"A": "1"}, "connectionstrings": {"db": {"value": "c", "type": "SQLAzure"}}}


def test_of_the_settings_of_a_site_the_newest_count(tmp_path: Path) -> None:
    it = local(tmp_path)
    site, version = f"{GROUP}/providers/{SITE}/app-one", "api-version=2024-04-01"

    async def settings() -> Json:
        return (await it.ask("POST", f"{site}/config/appsettings/list?{version}")).json["properties"]

    async def write(of: str, body: Json) -> None:
        await it.ask("PUT", f"{of}?{version}", body)
        await it.done()
        await it.clock.advance(60)

    async def story() -> None:
        await it.ask("POST", f"{SCOPE}/providers/Microsoft.Web/register?api-version={API}")
        await it.clock.advance(600)
        await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope"})
        own: Json = {"siteConfig": {"appSettings": [{"name": "OF_SITE", "value": "1"}]}}
        await write(site, {"location": "westeurope", "properties": own})
        assert await settings() == {"OF_SITE": "1"}
        await write(f"{site}/config/appsettings", {"properties": {"ITSELF": "2"}})
        assert await settings() == {"ITSELF": "2"}
        await write(site, {"location": "westeurope", "properties": {}})
        assert await settings() == {"ITSELF": "2"}
        await write(site, {"location": "westeurope", "properties": own})
        assert await settings() == {"OF_SITE": "1"}

    run(story())


def test_shared_access_signatures_have_the_fields_that_were_asked_for(tmp_path: Path) -> None:
    account = resource("Microsoft.Storage/storageAccounts", "stone", version="2023-05-01", properties={})
    both = "'signedPermission', 'rl', 'signedExpiry', '2027-12-31T00:00:00Z'"
    call = "{}('stone', '2023-05-01', createObject({}, {})).{}"
    values = {
        "account": call.format(
            "listAccountSas", "'signedServices', 'b', 'signedResourceTypes', 'sco'", both, "accountSasToken"
        ),
        "other": call.format(
            "listAccountSas", "'signedServices', 'q', 'signedResourceTypes', 'sco'", both, "accountSasToken"
        ),
        "service": call.format(
            "listServiceSas",
            "'canonicalizedResource', '/blob/stone/raw', 'signedResource', 'c'",
            both,
            "serviceSasToken",
        ),
    }
    found = {
        name: dict(parse_qsl(as_text(value)))
        for name, value in outputs(deployed(tmp_path, account, values=values)).items()
    }
    shared = {"sp": "rl", "se": "2027-12-31T00:00:00Z"}
    assert found["account"].items() >= {**shared, "ss": "b", "srt": "sco"}.items()
    assert found["service"].items() >= {**shared, "sr": "c"}.items()
    assert found["account"]["sig"] != found["other"]["sig"]


@pytest.mark.parametrize(
    ("kind", "function", "shown"),
    [("subscriptions", "listSecrets", "primaryKey"), ("namedValues", "listValue", "value")],
)
def test_api_management_lists_its_secrets(tmp_path: Path, kind: str, function: str, shown: str) -> None:
    service = "Microsoft.ApiManagement/service"
    body: dict[str, Json] = {"publisherEmail": "a@example.com", "publisherName": "x"}
    api = resource(service, "api", version="2024-05-01", properties=body, sku={"name": "Developer", "capacity": 1})
    properties: dict[str, Json] = (
        {"displayName": "s", "scope": "/apis"} if kind == "subscriptions" else {"displayName": "s", "value": "v"}
    )
    child = resource(
        f"{service}/{kind}",
        "api/s",
        version="2024-05-01",
        properties=properties,
        after=[f"[resourceId('{service}', 'api')]"],
    )
    where = f"resourceId('{service}/{kind}', 'api', 's')"
    assert as_text(_read(tmp_path, f"{function}({where}, '2024-05-01').{shown}", api, child)).startswith("rehearsal-")


def test_the_data_names_functions_and_types_in_lower_case() -> None:
    kinds = as_object(member(load("lists"), "functions"))
    functions = [function for shapes in kinds.values() for function in as_object(shapes)]
    assert len(functions) >= len(kinds) > 10
    assert [kind for kind in kinds if kind != kind.lower()] == []
    assert [name for name in functions if name != name.lower() or not name.startswith("list")] == []


def _read(tmp_path: Path, expression: str, *made: dict[str, Json]) -> Json:
    namespaces = {as_text(one["type"]).partition("/")[0] for one in made}
    return outputs(deployed(tmp_path, *made, values={"o": expression}, namespaces=sorted(namespaces)))["o"]


def test_an_account_has_a_connection_string_for_each_of_its_keys(tmp_path: Path) -> None:
    """Their order: output values of avm/res/document-db/database-account in Azure/bicep-registry-modules."""
    properties: dict[str, Json] = {
        "databaseAccountOfferType": "Standard",
        "locations": [{"locationName": "westeurope", "failoverPriority": 0}],
    }
    account = resource("Microsoft.DocumentDB/databaseAccounts", "cosone", version="2024-11-15", properties=properties)
    texts = "map(listConnectionStrings('cosone', '2024-11-15').connectionStrings, lambda('s', lambdaVariables('s').{}))"
    described = _read(tmp_path, texts.format("description"), account)
    assert [("Read-Only" in text, text.startswith("Primary")) for text in map(as_text, as_list(described))] == [
        (False, True),
        (False, False),
        (True, True),
        (True, False),
    ]
    again = tmp_path / "again"
    again.mkdir()
    strings = as_list(_read(again, texts.format("connectionString"), account))
    assert len(set(map(as_text, strings))) == len(strings)


def test_a_store_has_keys_for_reading_only(tmp_path: Path) -> None:
    """Their names: learn.microsoft.com/cli/azure/appconfig/credential."""
    store = resource(
        "Microsoft.AppConfiguration/configurationStores",
        "store-one",
        version="2024-05-01",
        properties={},
        sku={"name": "standard"},
    )
    reading = "filter(listKeys('store-one', '2024-05-01').value, lambda('k', lambdaVariables('k').readOnly))"
    named = f"map({reading}, lambda('k', lambdaVariables('k').name))"
    assert _read(tmp_path, named, store) == ["Primary Read Only", "Secondary Read Only"]


def test_a_rule_of_a_queue_names_its_namespace_and_its_queue(tmp_path: Path) -> None:
    made = [
        resource(BUS, "sb-one", version="2024-01-01", properties={}, sku={"name": "Standard"}),
        resource(f"{BUS}/queues", "sb-one/q", version="2024-01-01", location=None, properties={}, after=["sb-one"]),
        resource(
            f"{BUS}/queues/authorizationRules",
            "sb-one/q/send",
            version="2024-01-01",
            location=None,
            properties={"rights": ["Send"]},
            after=["sb-one/q"],
        ),
    ]
    call = f"listKeys(resourceId('{BUS}/queues/authorizationRules', 'sb-one', 'q', 'send'), '2024-01-01')"
    shown = as_text(_read(tmp_path, f"{call}.primaryConnectionString", *made))
    assert shown.startswith("Endpoint=sb://sb-one.servicebus.windows.net/;SharedAccessKeyName=send;")
    assert shown.endswith(";EntityPath=q")
