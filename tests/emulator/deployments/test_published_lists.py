"""list* functions of types without a provider: results of the published form, of the asked version."""

from pathlib import Path

import pytest

from installer.json_access import as_object, as_text, objects_of
from installer.jsontypes import Json
from tests.emulator.deployments.live_outputs import deployed, output_error, outputs
from tests.emulator.sample_templates import resource

SERVICE = resource(
    "Microsoft.ApiManagement/service",
    "api-lists-1",
    version="2024-05-01",
    sku={"name": "Developer", "capacity": 1},
    properties={"publisherEmail": "a@b.example", "publisherName": "n"},
)
ACCOUNT = resource("Microsoft.Storage/storageAccounts", "stlists1", sku={"name": "Standard_LRS"}, kind="StorageV2")
STORAGE = "resourceId('Microsoft.Storage/storageAccounts', 'stlists1')"
MASTER = "resourceId('Microsoft.ApiManagement/service/subscriptions', 'api-lists-1', 'master')"


def _value(path: Path, made: dict[str, Json], expression: str) -> Json:
    namespace = as_text(made["type"]).partition("/")[0]
    return outputs(deployed(path, made, values={"read": expression}, namespaces=[namespace]))["read"]


def test_a_function_without_a_provider_answers_with_the_published_members(tmp_path: Path) -> None:
    found = as_object(_value(tmp_path, SERVICE, f"listSecrets({MASTER}, '2024-05-01')"))
    assert set(found) == {"primaryKey", "secondaryKey"}
    assert as_text(found["primaryKey"]).startswith("rehearsal-")
    assert found["primaryKey"] != found["secondaryKey"]


def test_a_list_in_a_result_has_an_item_of_the_published_form(tmp_path: Path) -> None:
    bot = resource(
        "Microsoft.BotService/botServices", "bot-lists-1", version="2022-09-15", location="global", kind="azurebot"
    )
    channel = resource(
        "Microsoft.BotService/botServices/channels",
        "bot-lists-1/DirectLineChannel",
        version="2022-09-15",
        location="global",
        after=["[resourceId('Microsoft.BotService/botServices', 'bot-lists-1')]"],
        properties={"channelName": "DirectLineChannel"},
    )
    name = "resourceId('Microsoft.BotService/botServices/channels', 'bot-lists-1', 'DirectLineChannel')"
    values = {"read": f"listChannelWithKeys({name}, '2022-09-15').setting"}
    found = as_object(
        outputs(deployed(tmp_path, bot, channel, values=values, namespaces=["Microsoft.BotService"]))["read"]
    )
    [site] = objects_of(found["sites"])
    assert as_text(site["key"]).startswith("rehearsal-")


@pytest.mark.parametrize(
    ("version", "members"),
    [
        ("2015-05-01-preview", {"key1", "key2"}),
        ("2015-06-15", {"key1", "key2"}),
        ("2016-01-01", {"keys"}),
        ("2024-01-01", {"keys"}),
    ],
)
def test_an_earlier_version_answers_with_its_own_members(tmp_path: Path, version: str, members: set[str]) -> None:
    assert set(as_object(_value(tmp_path, ACCOUNT, f"listKeys({STORAGE}, '{version}')"))) == members


def test_a_function_that_a_type_does_not_have_is_refused(tmp_path: Path) -> None:
    it = deployed(tmp_path, ACCOUNT, values={"read": f"listSecrets({STORAGE}, '2024-01-01')"})
    assert "for the action 'listSecrets'" in output_error(it)
