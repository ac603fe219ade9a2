"""Agent pools of AKS: the size of a system pool and the numbers of nodes."""

from pathlib import Path

import pytest

from installer.emulator.errors import ArmError
from installer.emulator.providers.agent_pools import check_pool
from installer.jsontypes import Json
from tests.emulator.asgi_client import API, Local, Reply, local
from tests.emulator.in_memory import GROUP, SUBSCRIPTION, run

SCALED: dict[str, Json] = {
    "mode": "System",
    "vmSize": "Standard_D4ds_v5",
    "enableAutoScaling": True,
    "count": 2,
    "minCount": 2,
    "maxCount": 3,
}


def refusal(**given: Json) -> tuple[str, str]:
    """Code and target of the error for a pool, empty when it is accepted."""
    try:
        check_pool("system", {**SCALED, **given})
    except ArmError as error:
        return error.code, error.target or ""
    return "", ""


@pytest.mark.parametrize(
    ("size", "code"),
    [("Standard_F1s", "SystemPoolSkuTooLow"), ("Standard_D2ds_v5", ""), ("Standard_X9_unknown", "")],
)
def test_a_system_pool_needs_two_cores(size: str, code: str) -> None:
    assert refusal(vmSize=size)[0] == code
    assert refusal(vmSize=size, mode="User")[0] == ""


@pytest.mark.parametrize(
    ("mode", "counts", "target"),
    [
        ("System", {"count": 0}, "agentPoolProfile.count"),
        ("System", {"minCount": 0}, "agentPoolProfile.minCount"),
        ("User", {"count": 0, "minCount": 0}, ""),
        ("User", {"minCount": 4}, "agentPoolProfile.minCount"),
        ("User", {"minCount": 4, "enableAutoScaling": False}, ""),
        ("User", {"count": 1001}, "agentPoolProfile.count"),
    ],
)
def test_only_a_user_pool_has_no_nodes(mode: str, counts: dict[str, Json], target: str) -> None:
    assert refusal(mode=mode, **counts) == (("InvalidParameter", target) if target else ("", ""))


async def _put(it: Local, path: str, body: dict[str, Json]) -> Reply:
    found = await it.ask("PUT", f"{GROUP}/providers/Microsoft.ContainerService/{path}?api-version=2026-03-01", body)
    await it.done()
    return found


def test_clusters_and_their_pools_are_judged(tmp_path: Path) -> None:
    it = local(tmp_path)
    it.emulator.registrations.set(SUBSCRIPTION, "Microsoft.ContainerService", "Registered", 0)

    async def story() -> None:
        await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope"})
        for size, code in (("Standard_F1s", "SystemPoolSkuTooLow"), ("Standard_D4ds_v5", "")):
            pool: Json = {"name": "system", **SCALED, "vmSize": size}
            properties: Json = {"dnsPrefix": "aks", "agentPoolProfiles": [pool]}
            found = await _put(it, "managedClusters/aks", {"location": "westeurope", "properties": properties})
            assert found.code == code, found.text
        for least, code in ((4, "InvalidParameter"), (0, "")):
            pool = {**SCALED, "mode": "User", "minCount": least, "count": least}
            found = await _put(it, "managedClusters/aks/agentPools/flows", {"properties": pool})
            assert found.code == code, found.text

    run(story())
