"""The emulator as another cloud: its regions, its host names, and environment() in templates."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from installer.conventions.clouds import CLOUDS as NAMED
from installer.conventions.integrations import INTEGRATIONS
from installer.emulator.core import open_emulator
from installer.emulator.providers.clouds import CLOUDS, environment, in_cloud, regions
from installer.emulator.state.database import Database
from installer.json_access import as_list, as_object, as_text, member
from tests.emulator.asgi_client import API, local
from tests.emulator.in_memory import GROUP, SCOPE, run
from tests.emulator.manual_clock import ManualClock
from tests.emulator.sample_templates import group, inside, nested, resource, template

if TYPE_CHECKING:
    from installer.jsontypes import Json


@pytest.mark.parametrize("cloud", CLOUDS)
def test_suffixes_are_those_that_the_installer_expects(cloud: str) -> None:
    [expected] = [names for name, names in NAMED.items() if name == cloud]
    suffixes = as_object(environment(cloud)["suffixes"])
    assert suffixes["storage"] == expected.storage
    assert suffixes["keyvaultDns"] == f".{expected.key_vault}"
    assert suffixes["acrLoginServer"] == f".{expected.registry}"
    public = NAMED["public"]
    for service in ("storage", "key_vault", "registry", "web", "postgres", "redis"):
        host: str = getattr(public, service)
        assert in_cloud(cloud, f"x.{host}") == f"x.{getattr(expected, service)}", service
    optional = [service.hosts for service in INTEGRATIONS.values() if service.hosts]
    assert len(optional) == 4
    for hosts in optional:
        assert in_cloud(cloud, f"x.{hosts['public']}") == f"x.{hosts[cloud]}"


def test_only_whole_suffixes_are_replaced() -> None:
    given: Json = {
        "a": "https://st.blob.core.windows.net/",
        "b": ["DefaultEndpointsProtocol=https;EndpointSuffix=core.windows.net", 3],
        "c": "mycore.windows.net",
        "d": "core.windows.net.example.org",
    }
    assert in_cloud("usgov", given) == {
        "a": "https://st.blob.core.usgovcloudapi.net/",
        "b": ["DefaultEndpointsProtocol=https;EndpointSuffix=core.usgovcloudapi.net", 3],
        "c": "mycore.windows.net",
        "d": "core.windows.net.example.org",
    }
    assert in_cloud("public", given) == given


def test_clouds_share_no_regions() -> None:
    names = {cloud: {as_text(item["name"]) for item in regions(cloud)} for cloud in CLOUDS}
    assert "usgovvirginia" in names["usgov"]
    assert "chinanorth3" in names["china"]
    assert names["public"].isdisjoint(names["usgov"] | names["china"])
    assert sum(map(len, names.values())) == len(set().union(*names.values()))


def test_a_server_represents_its_cloud_and_remembers_it(tmp_path: Path) -> None:
    database = Database(tmp_path / "kept.sqlite")
    assert open_emulator(database, ManualClock(), 1, cloud="china").directory.cloud == "china"
    assert open_emulator(database, ManualClock(), 1).directory.cloud == "china"
    it = local(tmp_path, cloud="usgov")

    async def story() -> None:
        listed = await it.ask("GET", f"{SCOPE}/locations?api-version=2022-12-01")
        assert {as_text(member(item, "name")) for item in as_list(listed.json["value"])} >= {"usgovvirginia"}
        shown = await it.ask("GET", "/metadata/endpoints?api-version=2022-09-01")
        assert member(shown.json, "suffixes", "storage") == "core.usgovcloudapi.net"
        account = resource("Microsoft.Storage/storageAccounts", "stgov0001", location="usgovvirginia", properties={})
        home = group(location="usgovvirginia")
        outputs: dict[str, Json] = {"cloud": {"type": "string", "value": "[environment().name]"}}
        body: Json = {
            "location": "usgovvirginia",
            "properties": {
                "mode": "Incremental",
                "template": template(home, nested("inner", inside(account)), outputs=outputs),
            },
        }
        where = f"{SCOPE}/providers/Microsoft.Resources/deployments/main?api-version={API}"
        assert (await it.ask("PUT", where, body)).status == 201
        await it.done()
        assert member(it.deployment().outputs, "cloud", "value") == "AzureUSGovernment", json.dumps(
            it.deployment().error
        )
        made = await it.ask(
            "GET", f"{GROUP}/providers/Microsoft.Storage/storageAccounts/stgov0001?api-version=2025-06-01"
        )
        assert member(made.json, "properties", "primaryEndpoints", "blob") == (
            "https://stgov0001.blob.core.usgovcloudapi.net/"
        )

    run(story())
