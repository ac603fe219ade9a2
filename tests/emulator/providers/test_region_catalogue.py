"""Offers of a region and their usage, as the preflight queries them."""

from pathlib import Path
from typing import Final

import pytest

from installer.emulator.survey import parse
from installer.json_access import as_list, as_text, member
from installer.jsontypes import Json
from tests.emulator.asgi_client import API, Local, local
from tests.emulator.in_memory import GROUP, SCOPE, SUBSCRIPTION, run
from tests.emulator.sample_templates import least

RESTRICTED: Final = parse(
    '{"skuRestrictions": [{"resourceType": "virtualMachines", "location": "westeurope", "name": "Standard_D2s_v5", '
    '"zones": ["2"]}, {"resourceType": "flexibleServers", "location": "ukwest", "reason": "QuotaId"}, '
    '{"resourceType": "flexibleServers", "location": "northeurope", "haModes": ["ZoneRedundant"]}, '
    '{"resourceType": "flexibleServers", "location": "westeurope", "name": "Standard_E2ds_v5", "haModes": ["ZoneRedundant"]}]}'
)


async def _value(it: Local, path: str, version: str) -> list[dict[str, Json]]:
    found = await it.ask("GET", f"{SCOPE}/providers/{path}{'&' if '?' in path else '?'}api-version={version}")
    assert found.status == 200, found.text
    return found.value


@pytest.mark.parametrize(
    ("namespace", "version", "name", "kind"),
    [
        ("Microsoft.Compute", "2024-07-01", "standardDSv5Family", "Microsoft.ContainerService/managedClusters"),
        ("Microsoft.Network", "2025-05-01", "PublicIPAddresses", "Microsoft.Network/publicIPAddresses"),
        ("Microsoft.Storage", "2025-06-01", "StorageAccounts", "Microsoft.Storage/storageAccounts"),
    ],
)
def test_usages_count_existing_resources(tmp_path: Path, namespace: str, version: str, name: str, kind: str) -> None:
    it = local(tmp_path)
    it.emulator.registrations.set(SUBSCRIPTION, "Microsoft.ContainerService", "Registered", 0)

    async def used() -> Json:
        lines = await _value(it, f"{namespace}/locations/West Europe/usages", version)
        [line] = [item for item in lines if member(item, "name", "value") == name]
        assert isinstance(line["limit"], int)
        assert line["unit"] == "Count"
        return line["currentValue"]

    async def story() -> None:
        await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope"})
        assert await used() == 0
        pool: Json = [{"name": "p", "vmSize": "Standard_D4s_v5", "count": 1, "minCount": 3}]
        properties: Json = {"agentPoolProfiles": pool} if namespace == "Microsoft.Compute" else {}
        body = least(kind, {"location": "westeurope", "properties": properties})
        versions = {"Microsoft.ContainerService/managedClusters": "2026-03-01"}
        where = f"{GROUP}/providers/{kind}/used0001?api-version={versions.get(kind, version)}"
        made = await it.ask("PUT", where, body)
        assert made.status in (201, 202), made.text
        assert await used() == (12 if namespace == "Microsoft.Compute" else 1)
        await it.done()

    run(story())


def test_skus_list_zones_capabilities_and_restrictions(tmp_path: Path) -> None:
    it = local(tmp_path, survey=RESTRICTED)

    async def story() -> None:
        here = await _value(it, "Microsoft.Compute/skus?$filter=location eq 'westeurope'", "2021-07-01")
        by_name = {as_text(item["name"]): item for item in here}
        size = by_name["Standard_D2s_v5"]
        assert member(as_list(size["locationInfo"])[0], "zones") == ["1", "2", "3"]
        figures = {as_text(member(item, "name")): member(item, "value") for item in as_list(size["capabilities"])}
        assert (figures["vCPUs"], figures["MemoryGB"]) == ("2", "8")
        [restriction] = as_list(size["restrictions"])
        assert member(restriction, "type") == "Zone"
        assert member(restriction, "restrictionInfo", "zones") == ["2"]
        assert by_name["Standard_D4s_v5"]["restrictions"] == []
        flat = await _value(it, "Microsoft.Compute/skus?$filter=location eq 'ukwest'", "2021-07-01")
        assert member(as_list(flat[0]["locationInfo"])[0], "zones") == []
        assert await _value(it, "Microsoft.Compute/skus?$filter=location eq 'nowhere'", "2021-07-01") == []

    run(story())


def test_postgresql_lists_its_capabilities_and_refuses_the_rest(tmp_path: Path) -> None:
    it = local(tmp_path, survey=RESTRICTED)
    it.emulator.registrations.set(SUBSCRIPTION, "Microsoft.DBforPostgreSQL", "Registered", 0)

    async def put(location: str, tier: str, size: str, **properties: Json) -> str:
        body: Json = {"location": location, "sku": {"name": size, "tier": tier}, "properties": properties}
        where = f"{GROUP}/providers/Microsoft.DBforPostgreSQL/flexibleServers/psql-{location}?api-version=2025-08-01"
        found = await it.ask("PUT", where, body)
        return found.code or str(found.status)

    async def story() -> None:
        await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope"})
        path = "Microsoft.DBforPostgreSQL/locations/{}/capabilities"
        [here] = await _value(it, path.format("westeurope"), "2025-08-01")
        assert (here["zoneRedundantHaSupported"], here["restricted"]) == ("Enabled", "Disabled")
        editions = {as_text(member(item, "name")): item for item in as_list(here["supportedServerEditions"])}
        burstable = as_list(member(editions["Burstable"], "supportedServerSkus"))
        assert len(burstable) >= 1
        assert [item for item in burstable if member(item, "supportedHaMode") != []] == []
        [there] = await _value(it, path.format("ukwest"), "2025-08-01")
        assert (there["zoneRedundantHaSupported"], there["restricted"]) == ("Disabled", "Enabled")
        [full] = await _value(it, path.format("northeurope"), "2025-08-01")
        assert (full["zoneRedundantHaSupported"], full["restricted"]) == ("Disabled", "Disabled")
        general, size = "GeneralPurpose", "Standard_D2ds_v5"
        zonal: Json = {"mode": "ZoneRedundant"}
        assert await put("ukwest", general, size) == "LocationIsOfferRestricted"
        assert await put("westus", general, size, highAvailability=zonal) == "InvalidParameterValue"
        assert await put("northeurope", general, size, highAvailability=zonal) == "InvalidParameterValue"
        assert await put("northeurope", general, size, highAvailability={"mode": "SameZone"}) == "202"
        memory, large = "MemoryOptimized", "Standard_E2ds_v5"
        assert await put("westeurope", memory, large, highAvailability=zonal) == "InvalidParameterValue"
        assert await put("westeurope", general, "Standard_D3_v9") == "InvalidParameterValue"
        assert await put("westeurope", "Burstable", "Standard_B2s", highAvailability=zonal) == "InvalidParameterValue"
        assert await put("westeurope", general, size, version="9") == "InvalidParameterValue"
        assert await put("westeurope", general, size, backup={"geoRedundantBackup": "Disabled"}) == "202"
        await it.done()
        changed = await put("westeurope", general, size, backup={"geoRedundantBackup": "Enabled"})
        assert changed == "PropertyChangeNotAllowed"

    run(story())


def test_regions_list_zones_web_regions_versions_and_profiles(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def story() -> None:
        regions = (await it.ask("GET", f"{SCOPE}/locations?api-version=2022-12-01")).value
        mapped = {as_text(item["name"]): as_list(item.get("availabilityZoneMappings")) for item in regions}
        assert len(mapped["westeurope"]) == 3
        assert mapped["ukwest"] == []
        web = await _value(it, "Microsoft.Web/geoRegions?sku=PremiumV3", "2025-03-01")
        assert "West Europe" in {item["name"] for item in web}
        profiles = await _value(
            it, "Microsoft.App/locations/westeurope/availableManagedEnvironmentsWorkloadProfileTypes", "2025-07-01"
        )
        assert {"Consumption", "D4"} <= {as_text(item["name"]) for item in profiles}
        versions = await it.ask(
            "GET",
            f"{SCOPE}/providers/Microsoft.ContainerService/locations/westeurope/kubernetesVersions?api-version=2026-03-01",
        )
        assert [member(item, "isDefault") for item in as_list(versions.json["values"])].count(True) == 1
        other = it.emulator.directory.subscriptions[1].id
        asked: Json = {"location": "westeurope", "subscriptionIds": [f"subscriptions/{other}"]}
        peers = await it.ask(
            "POST", f"{SCOPE}/providers/Microsoft.Resources/checkZonePeers?api-version=2022-12-01", asked
        )
        zones = as_list(peers.json["availabilityZonePeers"])
        assert sorted(as_text(member(as_list(member(zone, "peers"))[0], "availabilityZone")) for zone in zones) == [
            "1",
            "2",
            "3",
        ]
        nowhere = await it.ask(
            "GET", f"{SCOPE}/providers/Microsoft.Network/locations/atlantis/usages?api-version=2025-05-01"
        )
        assert nowhere.code == "NoRegisteredProviderFound"

    run(story())
