"""Power states: an action changes the one that reads show, Resource Health and revisions follow, and a write leaves it."""

import json
from pathlib import Path
from typing import Final

import pytest

from installer.emulator.survey import parse
from installer.json_access import as_object, member
from installer.jsontypes import Json
from tests.emulator.asgi_client import Local, local
from tests.emulator.in_memory import SCOPE, SUBSCRIPTION, run

GROUP: Final = f"{SCOPE}/resourceGroups/rg"
KINDS: Final = {
    "Microsoft.ContainerService/managedClusters": (("powerState", "code"), "Running", "2026-03-01"),
    "Microsoft.DBforPostgreSQL/flexibleServers": (("state",), "Ready", "2025-08-01"),
    "Microsoft.Web/sites": (("state",), "Running", "2025-03-01"),
    "Microsoft.App/containerApps": (("runningStatus",), "Running", "2025-07-01"),
}
HEALTH: Final = f"{SCOPE}/providers/Microsoft.ResourceHealth/availabilityStatuses?api-version=2025-05-01"


def seeded(path: Path) -> Local:
    places = [GROUP, *(f"{GROUP}/providers/{kind}/one" for kind in KINDS)]
    resources: list[Json] = [{"id": one, "location": "westeurope"} for one in places]
    return local(path, survey=parse(json.dumps({"version": 1, "subscriptionId": SUBSCRIPTION, "resources": resources})))


async def shown(it: Local, kind: str) -> Json:
    path, on, version = KINDS[kind]
    found = await it.ask("GET", f"{GROUP}/providers/{kind}/one?api-version={version}")
    return member(found.json, "properties", *path) or on


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_stopped_resource_is_shown_as_stopped_until_it_is_started(tmp_path: Path, kind: str) -> None:
    it, version = seeded(tmp_path), KINDS[kind][2]

    async def act(name: str) -> Json:
        done = await it.ask("POST", f"{GROUP}/providers/{kind}/one/{name}?api-version={version}")
        assert done.status == 200, done.text
        return await shown(it, kind)

    assert run(act("stop")) == "Stopped"
    assert run(act("start")) == KINDS[kind][1]
    it.database.close()


def test_resource_health_needs_its_provider_and_then_shows_what_a_user_has_stopped(tmp_path: Path) -> None:
    it = seeded(tmp_path)
    refused = run(it.ask("GET", HEALTH))
    assert (refused.status, refused.code) == (409, "MissingSubscriptionRegistration")
    it.emulator.registrations.set(SUBSCRIPTION, "Microsoft.ResourceHealth", "Registered", 0)
    run(it.ask("POST", f"{GROUP}/providers/Microsoft.Web/sites/one/stop?api-version=2025-03-01"))
    found = {
        str(one["id"]).split("/providers/")[1]: as_object(one["properties"]) for one in run(it.ask("GET", HEALTH)).value
    }
    assert found["Microsoft.Web/sites/one"]["availabilityState"] == "Unavailable"
    assert found["Microsoft.Web/sites/one"]["reasonType"] == "UserInitiated"
    assert found["Microsoft.ContainerService/managedClusters/one"]["availabilityState"] == "Available"
    assert "Microsoft.App/containerApps/one" not in found
    it.database.close()
