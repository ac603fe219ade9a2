"""Tags that Azure refuses: at a resource, at a group, through the tags resource and in a template."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from installer.emulator.errors import ArmError
from installer.emulator.providers.tag_rules import check_tags
from tests.emulator.asgi_client import API, local
from tests.emulator.in_memory import GROUP, run
from tests.emulator.sample_templates import inside, resource

if TYPE_CHECKING:
    from installer.json_access import JsonObject
    from installer.jsontypes import Json

_STORAGE: Final = "Microsoft.Storage/storageAccounts"
_PROFILE: Final = "Microsoft.Cdn/profiles"
_VAULT: Final = "Microsoft.KeyVault/vaults"


@pytest.mark.parametrize(
    ("kind", "tags", "code"),
    [
        (_VAULT, {"a" * 512: "x" * 256}, ""),
        (_VAULT, {"a" * 513: "x"}, "InvalidTagName"),
        (_VAULT, {"a": "x" * 257}, "InvalidTagValueLength"),
        (_STORAGE, {"a" * 128: "x"}, ""),
        (_STORAGE, {"a" * 129: "x"}, "InvalidTagName"),
        *((_VAULT, {f"a{sign}b": "x"}, "InvalidTagNameCharacters") for sign in "<>%&\\?/\t"),
        (_VAULT, {"a": "<>%&\\?/"}, ""),
        (_VAULT, {"Azure-team": "x"}, "InvalidTagName"),
        (_VAULT, {"microsoft": "x"}, "InvalidTagName"),
        (_VAULT, {"windows.os": "x"}, "InvalidTagName"),
        (_VAULT, {"azd-env-name": "x", "my-azure": "x"}, ""),
        (_VAULT, {"hidden-link:/subscriptions/1": "Resource"}, ""),
        (_VAULT, {"": "x"}, "InvalidTagName"),
        (_VAULT, {"Team": "x", "team": "y"}, "InvalidTagName"),
        (_VAULT, {"a": 1}, "InvalidTagValue"),
        (_VAULT, {f"t{number}": "x" for number in range(50)}, ""),
        (_VAULT, {f"t{number}": "x" for number in range(51)}, "InvalidTags"),
        (_PROFILE, {"cost:centre": "x"}, "BadRequest"),
        (_PROFILE, {"#1": "x"}, "BadRequest"),
        (_VAULT, {"cost:centre": "#1"}, ""),
    ],
)
def test_tags_have_limits(kind: str, tags: "JsonObject", code: str) -> None:
    found = ""
    try:
        check_tags(kind, tags)
    except ArmError as refused:
        found = refused.code
    assert found == code


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"a/b": "x"}, "InvalidTagNameCharacters"),
        ([1], "InvalidRequestContent"),
        ("a/b", "InvalidRequestContent"),
        (False, "InvalidRequestContent"),
    ],
)
def test_every_way_to_set_tags_has_them(tmp_path: Path, wrong: "Json", code: str) -> None:
    it = local(tmp_path)
    group: Json = {"location": "westeurope"}
    account: JsonObject = {
        "location": "westeurope",
        "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"},
        "tags": wrong,
    }
    tags = f"{GROUP}/providers/Microsoft.Resources/tags/default?api-version={API}"
    storage = f"{GROUP}/providers/{_STORAGE}/stone?api-version=2025-06-01"

    async def story() -> None:
        where = f"{GROUP}?api-version={API}"
        assert (await it.ask("PUT", where, {"location": "westeurope", "tags": wrong})).code == code
        assert (await it.ask("PUT", where, group)).status == 201
        assert (await it.ask("PATCH", where, {"tags": wrong})).code == code
        assert (await it.ask("PUT", storage, account)).code == code
        assert (await it.ask("PUT", tags, {"properties": {"tags": wrong}})).code == code
        merge: Json = {"operation": "Merge", "properties": {"tags": wrong}}
        assert (await it.ask("PATCH", tags, merge)).code == code
        template = resource("Microsoft.Resources/tags", "default", location=None, properties={"tags": wrong})
        body: Json = {"properties": {"mode": "Incremental", "template": inside(template)}}
        main = f"{GROUP}/providers/Microsoft.Resources/deployments/main?api-version={API}"
        told = (await it.ask("PUT", main, body)).text
        await it.done()
        assert code in told + (await it.ask("GET", main)).text
        assert "a/b" not in (await it.ask("GET", where)).text

    run(story())
