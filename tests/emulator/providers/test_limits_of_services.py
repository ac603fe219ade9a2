"""Limits that services document: tags of DNS zones, exports of a registry, SKUs of NAT gateways, table plans."""

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


@pytest.mark.parametrize(
    ("gateway", "code"), [("Standard", "NatGatewayPublicIpAddressSkuMismatch"), ("StandardV2", "")]
)
def test_a_nat_gateway_and_its_address_have_one_sku(tmp_path: Path, gateway: str, code: str) -> None:
    it = local(tmp_path)

    async def story() -> None:
        address: dict[str, Json] = {
            "location": "westeurope",
            "sku": {"name": "StandardV2"},
            "properties": {"publicIPAllocationMethod": "Static"},
        }
        kind = "Microsoft.Network/publicIPAddresses"
        assert (await _put(it, kind, "pip", address, "2025-05-01")).code == ""
        properties: Json = {"publicIpAddresses": [{"id": f"{GROUP}/providers/{kind}/pip"}]}
        body: dict[str, Json] = {"location": "westeurope", "sku": {"name": gateway}, "properties": properties}
        found = await _put(it, "Microsoft.Network/natGateways", "nat", body, "2025-05-01")
        assert found.code == code, found.text

    run(story())


@pytest.mark.parametrize(("plan", "code"), [("Basic", "InvalidParameter"), ("Analytics", "")])
def test_a_basic_table_has_a_fixed_retention_for_queries(tmp_path: Path, plan: str, code: str) -> None:
    it = local(tmp_path)

    async def story() -> None:
        kind, version = "Microsoft.OperationalInsights/workspaces", "2025-07-01"
        assert (await _put(it, kind, "log", {"location": "westeurope", "properties": {}}, version)).code == ""
        body: dict[str, Json] = {"properties": {"plan": plan, "retentionInDays": 90, "totalRetentionInDays": 90}}
        found = await _put(it, kind, "log/tables/ContainerLogV2", body, version)
        assert found.code == code, found.text

    run(story())
