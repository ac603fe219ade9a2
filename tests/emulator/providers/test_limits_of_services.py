"""Limits that services document: tags of private DNS zones, exports of a container registry."""

from pathlib import Path

import pytest

from installer.jsontypes import Json
from tests.bicep.answers_variants import answers
from tests.bicep.stage_requests import stage_resources
from tests.emulator.asgi_client import API, Local, Reply, local
from tests.emulator.in_memory import GROUP, run


async def _put(it: Local, kind: str, name: str, body: dict[str, Json], version: str) -> Reply:
    await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope"})
    found = await it.ask("PUT", f"{GROUP}/providers/{kind}/{name}?api-version={version}", body)
    await it.done()
    return found


@pytest.mark.parametrize(("count", "accepted"), [(15, True), (16, False)])
def test_a_private_zone_takes_fifteen_tags(tmp_path: Path, count: int, *, accepted: bool) -> None:
    it = local(tmp_path)
    tags: Json = {f"t{number}": "x" for number in range(count)}
    body: dict[str, Json] = {"location": "global", "tags": tags, "properties": {}}
    found = run(_put(it, "Microsoft.Network/privateDnsZones", "contoso.com", body, "2024-06-01"))
    assert (found.code != "BadRequest") == accepted, found.text


def test_exports_are_disabled_with_public_access_only(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def story() -> None:
        for access, accepted in (("Enabled", False), ("Disabled", True)):
            properties: Json = {"publicNetworkAccess": access, "policies": {"exportPolicy": {"status": "disabled"}}}
            body: dict[str, Json] = {"location": "westeurope", "sku": {"name": "Premium"}, "properties": properties}
            found = await _put(it, "Microsoft.ContainerRegistry/registries", "crcontoso", body, "2025-11-01")
            assert (found.code != "InvalidRequest") == accepted, found.text

    run(story())


def test_zones_of_an_installation_with_many_tags_have_the_given_ones() -> None:
    tags = [f"t{number:02d}=x" for number in range(14)]
    given = answers("dev", governance={"tags": tags})
    zones = [
        resource
        for stage in ("foundation", "network")
        for resource in stage_resources(given, stage)
        if str(resource["type"]).startswith("Microsoft.Network/privateDnsZones")
    ]
    assert zones
    for zone in zones:
        own = zone["tags"]
        assert isinstance(own, dict)
        assert set(own) == {f"t{number:02d}" for number in range(14)}
