"""Plain requests: as the SDK's own, with clean plain data, and never with our token to another place."""

import re
from typing import TYPE_CHECKING

import pytest

from installer.cloud.errors import AzureRefused
from installer.cloud.rest import Response, Service, kind_of_account, quoted, signed_in
from tests.steps.prerequisites import put
from tests.steps.step_context import GROUPS, SUBSCRIPTION

if TYPE_CHECKING:
    from installer.jsontypes import Json

API = "api-version=2025-04-01"


def test_missing_resources_are_none_and_refusals_give_a_reason(azure: Service) -> None:
    assert azure.find(f"{GROUPS}/rg-nowhere?{API}") is None
    with pytest.raises(AzureRefused, match="ResourceGroupNotFound") as caught:
        azure.ask("GET", f"{GROUPS}/rg-nowhere/resources?{API}", doing="list resource groups")
    assert caught.value.status == 404
    assert "(list resource groups)" in str(caught.value)


def test_every_item_comes_page_by_page(azure: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    pages: dict[str, dict[str, Json]] = {
        "/a": {"value": [{"name": "1"}], "nextLink": "/b"},
        "/b": {"value": [], "@odata.nextLink": "/c"},
        "/c": {"value": [{"name": "2"}]},
    }
    monkeypatch.setattr(azure, "ask", lambda _method, path, **_more: Response(200, pages[path]))
    assert [one["name"] for one in azure.every("/a")] == ["1", "2"]


@pytest.mark.parametrize("where", ["https://elsewhere.example/x", "https://elsewhere.example@127.0.0.1/x"])
def test_our_token_goes_nowhere_else(azure: Service, where: str) -> None:
    with pytest.raises(AzureRefused, match="another host"):
        azure.ask("GET", where)


def test_long_texts_are_cut_at_the_limit(azure: Service) -> None:
    name = "rg-long"
    tags = {"long": "x" * 200, "odd": "a\x1b[31mb"}
    put(azure, f"{GROUPS}/{name}", "2025-04-01", location="swedencentral", tags=dict(tags))
    shown = azure.ask("GET", f"{GROUPS}/{name}?{API}", most=50).body["tags"]
    assert shown == {"long": "x" * 50 + "… (cut)", "odd": "a [31mb"}


def test_who_is_signed_in_is_read_from_the_token(azure: Service) -> None:
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", signed_in(azure.target))
    assert kind_of_account(azure.target) == "ServicePrincipal"


def test_path_segments_are_quoted(azure: Service) -> None:
    assert quoted("a/b'c") == "a%2Fb%27c"
    assert azure.find(f"{SUBSCRIPTION}/resourceGroups/{quoted('../x')}?{API}") is None
